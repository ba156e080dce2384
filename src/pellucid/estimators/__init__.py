"""Floor 5: scikit-learn's words. `MLPClassifier` and `MLPRegressor`, drop-in for theirs, and more.

Read in this order: `constraints` (every argument there is), `base` (the story of a fit), `classifier` and `regressor`;
around them `blueprint` (arguments → layers, optimizer, schedule, penalty), `targets` (labels ↔ Y), `stopping` (their
rule), `scaling`, `inference` (predictions), `bridge` (their callbacks), `convert` and `adopt` (to
theirs and from theirs).
"""

from pellucid.estimators.adopt import from_sklearn
from pellucid.estimators.classifier import MLPClassifier
from pellucid.estimators.regressor import MLPRegressor

__all__ = ["MLPClassifier", "MLPRegressor", "from_sklearn"]
