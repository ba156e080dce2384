"""Public name of `pellucid.maths.penalties`, where the formulas are."""

from pellucid.maths.penalties import *
from pellucid.maths.penalties import __all__ as __all__
