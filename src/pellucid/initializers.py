"""Public name of `pellucid.maths.initializers`, where the formulas are."""

from pellucid.maths.initializers import *
from pellucid.maths.initializers import __all__ as __all__
