r"""Activations: A = f(Z), each beside its derivative.

A name is shorthand for an object with default options: `"elu"` is `ELU(alpha=1.0)`.

>>> import numpy as np
>>> from pellucid import activations
>>> activations.ELU(alpha=2.0).value(np.array([-1.0, 0.0, 1.0])).round(4)
array([-1.2642,  0.    ,  1.    ])
>>> activations.ACTIVATIONS.names()[:5]
['elu', 'exponential', 'gelu', 'gelu_tanh', 'identity']
"""

from typing import TYPE_CHECKING

from pellucid.maths.activations import outputs, rectified, sigmoidal, smooth
from pellucid.maths.activations.base import ACTIVATIONS as ACTIVATIONS
from pellucid.maths.activations.base import Activation as Activation
from pellucid.maths.activations.outputs import *
from pellucid.maths.activations.rectified import *
from pellucid.maths.activations.sigmoidal import *
from pellucid.maths.activations.smooth import *

# Each file says which classes are its own. Type checkers read no sums of lists: to them, all imports are public.
if not TYPE_CHECKING:
    __all__ = sorted([
        "ACTIVATIONS", "Activation", *outputs.__all__, *rectified.__all__, *sigmoidal.__all__, *smooth.__all__,
    ])  # fmt: skip
