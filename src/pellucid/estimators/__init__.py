"""Floor 6: scikit-learn's interface. `MLPClassifier` and `MLPRegressor`: drop-in replacements for scikit-learn's, with
more features.

Reading order: `constraints` (all arguments), `base` (the steps of a fit), `classifier` and `regressor`. They use
`signature` (constructor, validation and docstring from the table of arguments), `blueprint` (arguments → layers,
optimizer, schedule, penalty), `targets` (labels ↔ Y), `stopping` (scikit-learn's stopping rule), `scaling`, `inference`
(predictions in blocks), `fitted` (methods of fitted estimators), `callback_adapter` (scikit-learn's callbacks),
`convert` and `adopt` (to and from scikit-learn's estimators), `multi_output` (several softmaxes), `custom_functions`
(checks of users' activations and losses), `hints` (common mistakes in arguments).

Names are imported on first use, so that the table can be read without scikit-learn.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
