r"""Preflight: the checks of an expert before a long training, each with a verdict.

1. *First look*: the findings of the training doctor on data and weights before training.
2. *Gradient*: back-propagation against finite differences, on a few rows.
3. *Loss at the start*: near that of an uninformed answer, ln k for k classes, or of the best constant answer.
4. *One batch by heart*: a few rows must be fitted perfectly, without penalty and dropout.
5. *Learning rate*: rates a factor √10 apart, each from the same weights for the planned number of updates (at most
   `MAX_UPDATES`): the best rate, the first that is too large, and the position of the given rate between them.
6. *Rate not at an edge*: the best of the tested rates has a worse one on each side.
7. *Inputs help*: the loss on held-out rows is lower than that of the best constant answer, by more than two standard
   errors.

Source: Karpathy, "A recipe for training neural networks" (2019); the range of rates: Smith, "Cyclical learning rates
for training neural networks" (2017), section 3.3.
"""
