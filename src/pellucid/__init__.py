"""Pellucid: small neural networks that can be seen through.

Names load when they are first used: `import pellucid` itself imports nothing heavy. The list of public names, and
where they live, is `__init__.pyi` beside this file, which type checkers read too.

>>> from pellucid import Dense, Network
>>> net = Network([Dense(2, 3, "tanh"), Dense(3, 2, "softmax")], loss="cross_entropy")
>>> net.theta.size
17
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
