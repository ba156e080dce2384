"""Public name of `pellucid.maths.activations`, where the formulas are."""

from pellucid.maths.activations import *
from pellucid.maths.activations import __all__ as __all__
