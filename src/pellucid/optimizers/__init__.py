"""Floor 2: update rules on vectors. They know nothing of networks.

A first-order rule is a frozen object with two methods: `init(theta)` makes its state, a dictionary of arrays, and
`step(theta, gradient, state, rate)` moves θ and the state in place. State and rule are apart, so that a run can be
stopped, saved, resumed and shown. A second-order rule (`LBFGS`) has the same two methods, but its step is given a
function, J and its gradient, which it evaluates at points of its choice.

>>> import numpy as np
>>> from pellucid.optimizers import Momentum
>>> rule, theta = Momentum(learning_rate=0.1), np.array([1.0])
>>> state = rule.init(theta)
>>> for _ in range(2):
...     rule.step(theta, 2 * theta, state, rule.learning_rate)  # the gradient of θ² is 2θ
>>> theta.round(3)
array([0.46])
"""

from typing import TYPE_CHECKING

from pellucid.optimizers import adam, adaptive, descent
from pellucid.optimizers.adam import *
from pellucid.optimizers.adaptive import *
from pellucid.optimizers.base import OPTIMIZERS as OPTIMIZERS
from pellucid.optimizers.base import FirstOrder as FirstOrder
from pellucid.optimizers.base import Optimizer as Optimizer
from pellucid.optimizers.base import Problem as Problem
from pellucid.optimizers.base import SecondOrder as SecondOrder
from pellucid.optimizers.base import State as State
from pellucid.optimizers.base import checked_state as checked_state
from pellucid.optimizers.base import numbers_of_steps as numbers_of_steps
from pellucid.optimizers.capabilities import check_capabilities as check_capabilities
from pellucid.optimizers.capabilities import refusal as refusal
from pellucid.optimizers.descent import *
from pellucid.optimizers.lbfgs import LBFGS as LBFGS
from pellucid.optimizers.limits import Limits as Limits

# Each file says which rules are its own. Type checkers read no sums of lists: to them, all imports are public.
if not TYPE_CHECKING:
    __all__ = sorted([
        "LBFGS", "OPTIMIZERS", "FirstOrder", "Limits", "Optimizer", "Problem", "SecondOrder", "State",
        "check_capabilities", "checked_state", "numbers_of_steps", "refusal", *adam.__all__, *adaptive.__all__,
        *descent.__all__,
    ])  # fmt: skip
