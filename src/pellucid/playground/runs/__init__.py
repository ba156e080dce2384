"""One network being trained: forwards by samples, batches and epochs, back again, and written down.

`run` is the whole of it, `course` one call of `fit` under way, `curve` its losses, `pace` how fast it goes, `code`
the same as a program.
"""
