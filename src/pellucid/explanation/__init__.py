"""Floor 6: see through it. Where does this number come from, and what is wrong with this training?

================  ==============================================================================================
`explanation`     `explain`, and what it returns
`step`            one training step, taken by the engine's own functions on copies; every number is read from it
`forwards`        the story: architecture, forward pass, loss
`backwards`       the story: δ by δ, the gradients, their check, the optimizer's step
`single`          one neuron's story, one weight's story
`document`        the few kinds of blocks a story is made of; `views` chooses the rows that matter
`terminal`, `html`, `latex`, `markdown`   the writers; `mathml`, `linear`, `numbers`, `symbols` help them
`doctor`          `diagnose`: what is wrong with a training, by its symptoms
================  ==============================================================================================
"""
