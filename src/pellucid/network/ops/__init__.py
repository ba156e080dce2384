"""Operations: the parts of layers. Each is a function of a batch A (n, p), with its derivatives.

`operation` defines the base class; each other file defines one operation, independent of the others.
"""
