r"""The evidence about each group of parameters, and tests of simple relations between two gradients.

Causes are searched by comparing the gradient under test ("given") with the finite differences ("right"), one group of
parameters at a time. The tests in this module ask: do two arrays agree, is one a constant multiple of the other, does
a predicted error account for the observed one?
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pellucid.maths.cause import listed
from pellucid.maths.typing import Array

AGREEMENT = 1e-5
"""Largest relative difference of two gradients that count as equal when causes are compared."""

UNKNOWN = "unknown"
"""Name of the cause if only the place of the error is known."""


@dataclass(frozen=True)
class GroupEvidence:
    """One group of parameters with its gradient under test and its finite differences.

    Attributes
    ----------
    label : str
        Its name in sentences: "W of layer 1".
    theta, given, right : arrays of one shape
        The parameters, the gradient under test, and the gradient by finite differences (NaN if unknown).
    passed : bool
        False if the gradient is shown to be wrong.
    """

    label: str
    theta: Array
    given: Array
    right: Array
    passed: bool

    @property
    def known(self) -> Array:
        """Mask of the elements whose right gradient is known."""
        return ~np.isnan(self.right)

    @property
    def confirms(self) -> bool:
        """Whether the group proves its inputs right: it has passed, and is neither all zero nor unknown."""
        return self.passed and bool(np.nanmax(np.abs(self.right), initial=0.0) > 0)

    @property
    def is_bias(self) -> bool:
        """Whether the group is a vector, and so presumably holds biases."""
        return self.theta.ndim < 2 or 1 in self.theta.shape

    @property
    def gap(self) -> Array:
        """Error of the known elements, given − right, flat."""
        gap: Array = (self.given - self.right)[self.known]
        return gap


def agree(first: Array, second: Array) -> bool:
    """Whether two arrays agree to `AGREEMENT` times their largest element; NaN in `second` counts as agreement."""
    known = ~np.isnan(second)
    if not known.any():
        return True
    size = max(float(np.abs(first[known]).max()), float(np.abs(second[known]).max()))
    return bool(np.abs(first[known] - second[known]).max() <= AGREEMENT * size)


def common_ratio(pairs: Sequence[tuple[Array, Array]]) -> float | None:
    """The number r with given = r · right in every pair (given, right), or None. Zero groups are ignored."""
    given = np.concatenate([g.ravel() for g, _ in pairs]) if pairs else np.zeros(0)
    right = np.concatenate([r.ravel() for _, r in pairs]) if pairs else np.zeros(0)
    known = np.isfinite(right) & np.isfinite(given)
    given, right = given[known], right[known]
    with np.errstate(over="ignore"):
        energy = float(right @ right)
    if energy == 0 or not np.isfinite(energy):
        return None
    ratio = float(given @ right) / energy
    if ratio == 0:
        return None
    # Each pair is compared at its own scale, so that a small layer is not hidden by a large one.
    return ratio if all(agree(g[np.isfinite(r)], ratio * r[np.isfinite(r)]) for g, r in pairs) else None


def accounts_for(predicted: Array, gap: Array, group: GroupEvidence) -> bool:
    """Whether the error that a mistake predicts is the observed error `gap` of this group."""
    size = max(float(np.abs(group.given).max(initial=0.0)), float(np.nanmax(np.abs(group.right), initial=0.0)))
    off = float(np.abs(predicted - gap).max(initial=0.0))
    return off <= max(1e-2 * float(np.abs(gap).max(initial=0.0)), 1e-9 * size) and off <= AGREEMENT * size


def is_round_number(number: float, digits: int = 2) -> bool:
    """Whether a number has at most this many significant digits, like numbers that people choose."""
    return number > 0 and abs(number - float(f"{number:.{digits - 1}e}")) <= 1e-6 * number


def informative(groups: Sequence[GroupEvidence]) -> list[GroupEvidence]:
    """The groups with a known and nonzero element."""
    return [p for p in groups if p.known.any() and (np.nanmax(np.abs(p.right)) > 0 or p.given[p.known].any())]


def first_right_group(groups: Sequence[GroupEvidence], wrong: Sequence[GroupEvidence]) -> GroupEvidence | None:
    """The first right group, if all groups before it are wrong; else None."""
    n_wrong = len(wrong)
    if n_wrong == len(groups) or any(group.passed for group in groups[:n_wrong]) or not groups[n_wrong].confirms:
        return None
    return groups[n_wrong]


def labels(groups: Sequence[GroupEvidence]) -> str:
    """The labels of the groups, as a list in a sentence."""
    return listed([group.label for group in groups])


def be(groups: Sequence[GroupEvidence]) -> str:
    """The verb that goes with the groups: "is" or "are"."""
    return "is" if len(groups) == 1 else "are"
