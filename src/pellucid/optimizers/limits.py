r"""Limits around an update: how long a gradient, and how long a unit's weight vector, may be.

They belong to no one rule: the gradient is clipped before the rule sees it, and weights are shortened after its step.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from pellucid.maths.checks import check_real
from pellucid.maths.typing import Array


@dataclass(frozen=True)
class Limits:
    r"""Bounds on the gradient and on the weights; None is no bound.

    Parameters
    ----------
    clip_norm : float or None
        c in g ← g min(1, c/‖g‖₂): the whole gradient keeps its direction and loses what is too long. Source: Pascanu,
        Mikolov, Bengio, "On the difficulty of training recurrent neural networks" (2013), algorithm 1.
    max_norm : float or None
        c in Wⱼ ← Wⱼ min(1, c/‖Wⱼ‖₂) for the incoming weights Wⱼ of every unit j. Source: Srivastava et al.,
        "Dropout", JMLR 15 (2014), section 5.1.

    Examples
    --------
    >>> gradient = np.array([3.0, 4.0])
    >>> Limits(clip_norm=1.0).clip(gradient)
    >>> gradient
    array([0.6, 0.8])
    """

    clip_norm: float | None = None
    max_norm: float | None = None

    def __post_init__(self) -> None:
        for name in ("clip_norm", "max_norm"):
            value = getattr(self, name)
            if value is not None:
                check_real(name, value, above=0)

    def clip(self, gradient: Array) -> None:
        """Shorten a gradient to length `clip_norm`, in place."""
        if self.clip_norm is not None:
            largest = float(np.abs(gradient).max(initial=0.0))
            if not largest > 0:
                return
            # Divided by its largest element, so that no square overflows or becomes 0.
            parts = gradient.astype(np.float64) / largest
            root = math.sqrt(float(np.vdot(parts, parts)))
            if root * largest > self.clip_norm:
                gradient[...] = parts * (self.clip_norm / root)

    def shorten(self, weights: Iterable[Array]) -> None:
        """Shorten each column of each W (p, h) to length `max_norm`, in place."""
        if self.max_norm is None:
            return
        for W in weights:
            largest = np.abs(W).max(axis=0, initial=0.0).astype(np.float64)
            parts = W / np.where(largest > 0, largest, 1)
            roots = np.sqrt(np.einsum("ij,ij->j", parts, parts))
            long = roots * largest > self.max_norm
            if long.any():
                W[:, long] = parts[:, long] * (self.max_norm / roots[long])
