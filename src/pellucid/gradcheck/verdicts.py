"""The verdict on a gradient, by a hypothesis test against finite differences: right, wrong or undetermined.

The test statistic of an element is |given − finite difference|. The element is *wrong* if the statistic exceeds what
tolerance and rounding error together allow. It is *right* if it does not, and the error bound is so small that a fault
of 0.05 % would have been detected. Otherwise it is *undetermined*: the element changes J by less than the rounding
error of J, or it sits at a kink.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from pellucid.gradcheck.finite_differences import DerivativeEstimate
from pellucid.gradcheck.notebook import folded, html_table
from pellucid.maths.cause import Cause, listed
from pellucid.maths.typing import Array

REPORT_WIDTH = 88
"""Columns of the printed report."""

SENSITIVITY = 5e-4
"""A verdict is given if a relative fault of this size would be detected."""

SAFETY_FACTOR = 3.0
"""Factor on the bound of the rounding error, beyond which an element is wrong."""

Verdict = Literal["right", "wrong", "undetermined"]
WORDS = {"right": "right", "wrong": "WRONG", "undetermined": "undetermined"}

KINK, SMALL, FLAT, NOT_FINITE = "at a kink", "too small", "J does not move", "J is not finite"
REASONS = {
    KINK: "every parameter there sits at a kink (as of ReLU at 0), where no derivative exists: take other samples or "
    "other parameters",
    SMALL: "they are too small to be measured against the rounding of J, as with saturated units or samples "
    "learned by heart: check earlier in training, take other or fewer samples, or scale the columns of X",
    FLAT: "they are 0 and J does not move, as where units are saturated or dead: check earlier in training, take other "
    "samples, or scale the columns of X",
    NOT_FINITE: "J is not finite: scale the columns of X, or take smaller parameters",
}


@dataclass(frozen=True, repr=False)
class GroupCheck:
    """The verdict on one group of parameters.

    Attributes
    ----------
    layer : int or None
        The index into `net.layers` (a subscript, so it counts from 0: sentences say "layer 1" of `net.layers[0]`);
        None if the parameters belong to no network (`grade`).
    name : str
        "W" or "b", or the name given by the user.
    error : float
        The largest relative error of an element, beyond the rounding error if that exceeds the tolerance.
    passed : bool
        False if something is shown to be wrong.
    skipped : int
        Number of parameters left out because they are at a kink.
    analytic, numeric : arrays of the group's shape
        The gradient under test, and the finite differences (NaN if left out).
    verdict : "right", "wrong" or "undetermined"
    reason : str
        Why a group is undetermined: "at a kink", "too small", "J does not move", "J is not finite"; else "".
    bound : array of the group's shape
        Largest deviation of a right gradient from the finite differences, by their own error and by rounding.
    n_right, n_wrong, n_undetermined : int
        How many of the parameters are shown to be right, shown to be wrong, and neither.
    """

    layer: int | None
    name: str
    error: float
    passed: bool
    skipped: int
    analytic: Array
    numeric: Array
    verdict: Verdict = "right"
    reason: str = ""
    bound: Array = field(default_factory=lambda: np.zeros(0))
    n_right: int = 0
    n_wrong: int = 0
    n_undetermined: int = 0

    @property
    def label(self) -> str:
        """The name of the group in sentences."""
        return self.name if self.layer is None else f"{self.name} of layer {self.layer + 1}"

    @property
    def measured(self) -> Array:
        """The finite differences if they are accurate enough for a verdict; else NaN."""
        size = np.fmax(np.abs(self.analytic), np.abs(self.numeric))
        sensitive = (self.bound <= SENSITIVITY * size) | (np.abs(self.analytic - self.numeric) > self.bound)
        return np.where(sensitive, self.numeric, np.nan)

    @property
    def notes(self) -> str:
        """Counts that qualify the verdict."""
        size, small = self.analytic.size, self.n_undetermined - self.skipped
        notes = [f"{self.skipped} of {size} at a kink, left out"] if self.skipped else []
        if self.verdict == "wrong" and self.n_wrong < size:
            notes.insert(0, f"{self.n_wrong} of {size}")
        if self.verdict == "undetermined" and self.reason != KINK:
            notes.insert(0, self.reason)
        elif small:
            notes.append(f"{small} of {size} too small to determine")
        return "; ".join(notes)

    def __repr__(self) -> str:
        return f"GroupCheck({self.label}: {WORDS[self.verdict]}, relative error {self.error:.1e})"


@dataclass(frozen=True, repr=False)
class GradientCheck:
    """The verdicts on all groups; true if nothing is wrong and something is shown to be right. `print` it.

    Attributes
    ----------
    groups : tuple of GroupCheck
    tolerance : float
    causes : tuple of Cause
        The likely mistakes, each with a `name` and a `sentence`; empty if nothing is wrong.
    """

    groups: tuple[GroupCheck, ...]
    tolerance: float
    causes: tuple[Cause, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether nothing is shown to be wrong; see `undetermined` for the groups without a verdict."""
        return all(group.passed for group in self.groups) and not self.causes

    @property
    def determined(self) -> bool:
        """Whether some group is shown to be right or wrong."""
        return bool(self.causes) or any(group.verdict != "undetermined" for group in self.groups)

    @property
    def undetermined(self) -> tuple[str, ...]:
        """The labels of the undetermined groups ("W of layer 1")."""
        return tuple(group.label for group in self.groups if group.verdict == "undetermined")

    @property
    def error(self) -> float:
        """The largest error of all groups."""
        return max(group.error for group in self.groups)

    @property
    def skipped(self) -> int:
        """Number of parameters left out because they are at a kink."""
        return sum(group.skipped for group in self.groups)

    @property
    def verdict(self) -> str:
        """The result in sentences."""
        sentences = [cause.sentence for cause in self.causes]
        if self.passed and not self.determined:
            sentences = ["Nothing could be checked."]
        elif self.passed:
            sentences = [
                "All that finite differences can measure is right." if self.undetermined else "The gradient is right."
            ]
        for reason, words in REASONS.items():
            labels = [group.label for group in self.groups if group.reason == reason]
            if labels:
                sentences.append(f"Finite differences cannot decide about {listed(labels)}: {words}.")
        left_out = sum(group.skipped for group in self.groups if group.reason != KINK)
        if left_out:
            sentences.append(
                f"{left_out} parameter(s) sit at a kink (as of ReLU at 0), where no derivative exists: "
                "left out, which is not an error."
            )
        return " ".join(sentences)

    @property
    def headline(self) -> str:
        """The outcome in a few words."""
        if not self.passed:
            return "FAILED"
        if not self.determined:
            return "nothing could be checked"
        return "passed, as far as finite differences can tell" if self.undetermined else "passed"

    def __bool__(self) -> bool:
        return self.passed and self.determined

    def __str__(self) -> str:
        lines = [f"gradient check: {self.headline} (tolerance {self.tolerance:g})"]
        widths = [max(len(row[column]) for row in self._rows) for column in range(2)]
        for label, verdict, error, notes in self._rows:
            row = f"  {label:<{widths[0]}}  {verdict:<{widths[1]}}  relative error {error}"
            lines.append(row + (f"  ({notes})" if notes else ""))
        return "\n".join([*lines, textwrap.fill(self.verdict, REPORT_WIDTH)])

    def __repr__(self) -> str:
        wrong = [group.label for group in self.groups if not group.passed]
        n_right = sum(group.verdict == "right" for group in self.groups)
        parts = [f"{n_right} of {len(self.groups)} groups right"]
        if wrong:
            parts.append(f"wrong: {listed(wrong)}")
        if self.undetermined:
            parts.append(f"undetermined: {listed(self.undetermined)}")
        return f"GradientCheck({self.headline}; {'; '.join(parts)})"

    def _repr_html_(self) -> str:
        table = html_table(("parameters", "verdict", "relative error", ""), self._rows)
        return folded(f"Gradient check: {self.headline}. {self.verdict}", table, unfolded=not self)

    @property
    def _rows(self) -> list[tuple[str, str, str, str]]:
        return [
            (group.label, WORDS[group.verdict], "–" if group.verdict == "undetermined" else f"{group.error:.1e}",
             group.notes)
            for group in self.groups
        ]  # fmt: skip


def compare(
    layer: int | None,
    name: str,
    analytic: Array,
    differences: DerivativeEstimate,
    rounding: Array | float,
    tolerance: float,
) -> GroupCheck:
    """The verdict on one group from its gradient, the finite differences and the rounding error of a right gradient.

    All arrays have the group's shape.
    """
    numeric = differences.value
    with np.errstate(all="ignore"):
        bound = SAFETY_FACTOR * (differences.error + rounding)
        known = np.isfinite(numeric) & np.isfinite(bound)
        finite = np.isfinite(analytic)
        size = np.where(known, np.maximum(np.abs(analytic), np.abs(numeric)), 0.0)
        gap = np.where(known & finite, np.abs(analytic - numeric), 0.0)
        wrong = (gap > tolerance * size + bound) | (~finite & (known | differences.kinked))
        sensitive = known & ~wrong & (bound <= max(SENSITIVITY, tolerance) * size)
        both_zero = known & ~wrong & (analytic == 0) & (numeric == 0)
        error_beyond_rounding = gap / np.where(size > 0, size + bound / tolerance, 1.0) if tolerance > 0 else gap / size
    conclusive = sensitive & (size > 0)
    exactly_zero = both_zero & (np.where(known, bound, 1.0) == 0)
    skipped = int((differences.kinked & ~known).sum())
    verdict: Verdict = "undetermined"
    reason, error = "", 0.0
    if wrong.any():
        verdict = "wrong"
        with np.errstate(all="ignore"):
            error = float(np.where(finite, gap / size, np.inf)[wrong].max())
    elif conclusive.any() or exactly_zero.all():
        verdict = "right"
        error = float(error_beyond_rounding[known].max())
    elif skipped == analytic.size:
        reason = KINK
    elif not known.any():
        reason = KINK if skipped else NOT_FINITE
    else:
        reason = FLAT if both_zero[known].all() else SMALL
    right = sensitive | both_zero if verdict == "right" else sensitive
    return GroupCheck(
        layer,
        name,
        error,
        verdict != "wrong",
        skipped,
        analytic.copy(),
        numeric.copy(),
        verdict,
        reason,
        bound,
        int(right.sum()),
        int(wrong.sum()),
        int((~right & ~wrong).sum()),
    )


def fail_misshapen(groups: Sequence[GroupCheck], causes: Sequence[Cause]) -> tuple[GroupCheck, ...]:
    """The groups, with those marked wrong whose gradient was given in another shape."""
    misshapen = {cause.where for cause in causes}
    return tuple(
        replace(group, passed=False, error=np.inf, verdict="wrong", reason="") if group.label in misshapen else group
        for group in groups
    )
