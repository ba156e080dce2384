r"""Dropout masks as a pure function of (seed, step, layer, row, unit).

A unit's output is multiplied by 0 with probability `rate`, else by 1/(1 − rate), so that its expectation is the same as
without dropout ("inverted" dropout). Source: Srivastava et al., "Dropout: a simple way to prevent neural networks from
overfitting", JMLR 15 (2014).

The random bits come from a counter, not from a generator with a state: element number i of a layer's mask is a hash of
i and of two 32-bit keys made from seed, step and layer. Any engine, thread or machine, in any order, draws the same
mask. The hash is two rounds of MurmurHash3's finalizer `fmix32`; 32-bit integers, because vector units multiply those.
"""

from __future__ import annotations

import numpy as np

from pellucid.maths.typing import Array

_MASK_64 = (1 << 64) - 1


def mask_keys(seed: int, step: int, layer: int) -> tuple[int, int]:
    """The two 32-bit keys of a mask: halves of SplitMix64 applied to seed, step and layer in turn.

    >>> mask_keys(0, 0, 0) != mask_keys(0, 0, 1) != mask_keys(0, 1, 0)
    True
    """
    state = seed & _MASK_64
    for number in (step, layer):
        state = _splitmix64(state ^ _splitmix64(number & _MASK_64))
    return state & 0xFFFFFFFF, state >> 32


def keep_threshold(rate: float) -> int:
    """Smallest value of a unit's 32 random bits at which it is kept."""
    return min(round(rate * 2**32), 2**32 - 1)


def dropout_mask(
    seed: int, step: int, layer: int, shape: tuple[int, int], rate: float, dtype: np.dtype[np.floating]
) -> Array:
    """The mask (n, h) of one layer in one step: 0 for dropped units, 1/(1 − rate) for kept ones.

    >>> mask = dropout_mask(0, 0, 0, (1000, 4), 0.25, np.dtype("float64"))
    >>> sorted({round(float(m), 4) for m in mask.ravel()}), round(float(mask.mean()), 1)
    ([0.0, 1.3333], 1.0)
    """
    first, second = mask_keys(seed, step, layer)
    index = np.arange(shape[0] * shape[1], dtype=np.uint32)
    bits = _fmix32(_fmix32(index ^ np.uint32(first)) ^ np.uint32(second))
    kept = bits >= np.uint32(keep_threshold(rate))
    return kept.reshape(shape) * dtype.type(1 / (1 - rate))


def _fmix32(h: Array) -> Array:
    """MurmurHash3's finalizer: every input bit changes about half of the output bits. Wraps modulo 2³²."""
    h = (h ^ (h >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    h = (h ^ (h >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return h ^ (h >> np.uint32(16))


def _splitmix64(x: int) -> int:
    """One step of SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014)."""
    x = (x + 0x9E3779B97F4A7C15) & _MASK_64
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _MASK_64
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _MASK_64
    return x ^ (x >> 31)
