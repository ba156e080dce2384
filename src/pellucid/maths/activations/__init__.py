r"""Activations: A = f(Z), each beside its derivative.

A name is shorthand for an object with default options: `"elu"` is `ELU(alpha=1.0)`.

>>> import numpy as np
>>> from pellucid import activations
>>> activations.ELU(alpha=2.0).value(np.array([-1.0, 0.0, 1.0])).round(4)
array([-1.2642,  0.    ,  1.    ])
>>> activations.ACTIVATIONS.names()  # doctest: +NORMALIZE_WHITESPACE
['elu', 'exponential', 'gelu', 'gelu_tanh', 'identity', 'leaky_relu', 'mish', 'relu', 'selu', 'sigmoid', 'silu',
 'softmax', 'softplus', 'tanh']
"""

from pellucid.maths.activations.base import ACTIVATIONS, Activation
from pellucid.maths.activations.outputs import Exponential, Softmax
from pellucid.maths.activations.rectified import ELU, SELU, LeakyReLU, ReLU
from pellucid.maths.activations.sigmoidal import Identity, Sigmoid, Tanh
from pellucid.maths.activations.smooth import GELU, GELUTanh, Mish, SiLU, Softplus

__all__ = [
    "ACTIVATIONS",
    "ELU",
    "GELU",
    "SELU",
    "Activation",
    "Exponential",
    "GELUTanh",
    "Identity",
    "LeakyReLU",
    "Mish",
    "ReLU",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Tanh",
]
