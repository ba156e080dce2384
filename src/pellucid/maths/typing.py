"""Type aliases used on every floor."""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]
"""A NumPy array; floating-point ones have the network's dtype, float32 or float64."""

RandomState: TypeAlias = int | np.random.SeedSequence | np.random.Generator | np.random.RandomState | None
"""Source of random numbers: a seed, a SeedSequence, a generator, or None for fresh entropy."""
