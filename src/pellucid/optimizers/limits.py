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
            length = math.sqrt(float(np.vdot(gradient, gradient)))
            if length > self.clip_norm:
                gradient *= self.clip_norm / length

    def shorten(self, weights: Iterable[Array]) -> None:
        """Shorten each column of each W (p, h) to length `max_norm`, in place."""
        if self.max_norm is None:
            return
        for W in weights:
            lengths = np.sqrt(np.einsum("ij,ij->j", W, W))
            W *= np.minimum(1, self.max_norm / np.maximum(lengths, self.max_norm))
