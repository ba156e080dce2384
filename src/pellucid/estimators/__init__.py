"""Floor 6: scikit-learn's words. `MLPClassifier` and `MLPRegressor`, drop-in for theirs, and more.

Read in this order: `constraints` (every argument there is), `base` (the story of a fit), `classifier` and `regressor`;
around them `signature` (the table as constructor, validation and docstring), `blueprint` (arguments → layers,
optimizer, schedule, penalty), `targets` (labels ↔ Y), `stopping` (their rule), `scaling`, `inference` (predictions),
`bridge` (their callbacks), `convert` and `adopt` (to theirs and from theirs).

Names load when they are first used, so that the table can be read without scikit-learn.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
