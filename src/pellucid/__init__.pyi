from . import activations as activations
from . import callbacks as callbacks
from . import initializers as initializers
from . import lessons as lessons
from . import losses as losses
from . import optimizers as optimizers
from . import penalties as penalties
from . import plots as plots
from . import schedules as schedules
<<<<<<< HEAD
from .explain.explanation import explain as explain
=======
from .estimators import MLPClassifier as MLPClassifier
from .estimators import MLPRegressor as MLPRegressor
from .estimators import from_sklearn as from_sklearn
>>>>>>> origin/main
from .model import Network as Network
from .network.derivative import grade_derivative as grade_derivative
from .network.grade import grade as grade
from .network.gradient_check import check_gradients as check_gradients
from .network.layers import Dense as Dense
from .training.divergence import DivergenceError as DivergenceError
from .training.history import History as History
from .training.stopping import EarlyStopping as EarlyStopping
