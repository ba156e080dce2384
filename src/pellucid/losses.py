"""Public name of `pellucid.maths.losses`, where the formulas are."""

from pellucid.maths.losses import *
from pellucid.maths.losses import __all__ as __all__  # type: ignore[attr-defined]  # made when it runs
