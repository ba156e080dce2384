from .adopt import from_sklearn as from_sklearn
from .classifier import MLPClassifier as MLPClassifier
from .regressor import MLPRegressor as MLPRegressor
