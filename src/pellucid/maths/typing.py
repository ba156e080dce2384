"""The types that every floor shares."""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]
"""A NumPy array; floating-point ones are float32 or float64, as the network says."""

RandomState: TypeAlias = int | np.random.SeedSequence | np.random.Generator | np.random.RandomState | None
"""Where random numbers come from: a seed, a sequence of seeds, a generator, or None for fresh entropy."""
