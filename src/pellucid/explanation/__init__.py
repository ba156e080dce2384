"""Floor 7: explain a training step number by number, and diagnose a training.

================  ==============================================================================================
`explanation`     `explain`, and the `Explanation` that it returns
`report`          `Report`: a document that can be printed, shown in a notebook or saved
`step`            one training step on copies, computed by the functions that training uses; keeps every number
`forwards`        the derivation: architecture, forward pass, loss
`backwards`       the derivation: δ layer by layer, the gradients, their check, the optimizer's step
`single`          the same for a single unit or a single weight
`document`        the kinds of blocks in a report; `views` selects the rows and columns to display
`terminal`, `html`, `latex`, `markdown`   the writers; `mathml`, `linear`, `numbers`, `symbols` help them
`preflight`       `preflight`: checks before a long training
`doctor`          `diagnose`: problems of a training, found by their symptoms
================  ==============================================================================================
"""
