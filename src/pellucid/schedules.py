"""Public name of `pellucid.maths.schedules`, where the formulas are."""

from pellucid.maths.schedules import *
from pellucid.maths.schedules import __all__ as __all__
