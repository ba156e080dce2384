"""Operations: what layers are made of. Each is a function of a batch A (n, p), beside its derivatives.

`operation` says what an operation is; the other files each hold one and know nothing of each other.
"""
