"""Public name of `pellucid.maths.activations`, where the formulas are."""

from pellucid.maths.activations import *
from pellucid.maths.activations import __all__ as __all__  # type: ignore[attr-defined]  # made when it runs
