"""One network being trained: forwards by samples, batches and epochs, back again, and written down.

`run` is the whole of it, `course` one call of `fit` under way, `curve` its losses, `code` the same as a program.
"""
