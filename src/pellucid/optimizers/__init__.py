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

from pellucid.optimizers.adam import Adam, AdamW, NAdam
from pellucid.optimizers.adaptive import AdaGrad, RMSProp
from pellucid.optimizers.base import OPTIMIZERS, FirstOrder, Optimizer, Problem, SecondOrder, State, numbers_of_steps
from pellucid.optimizers.capabilities import check_capabilities, refusal
from pellucid.optimizers.descent import GradientDescent, Momentum, Nesterov
from pellucid.optimizers.lbfgs import LBFGS
from pellucid.optimizers.limits import Limits

__all__ = [
    "LBFGS",
    "OPTIMIZERS",
    "AdaGrad",
    "Adam",
    "AdamW",
    "FirstOrder",
    "GradientDescent",
    "Limits",
    "Momentum",
    "NAdam",
    "Nesterov",
    "Optimizer",
    "Problem",
    "RMSProp",
    "SecondOrder",
    "State",
    "check_capabilities",
    "numbers_of_steps",
    "refusal",
]
