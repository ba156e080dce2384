"""Right, wrong, or not to be told: a gradient beside differences, and how far those can be trusted.

An element is *wrong* where it lies further from the differences than tolerance and rounding together allow. It is
*right* where it does not, and the differences are so sharp that a fault of 0.05 % would have shown. Otherwise
differences cannot tell: J is rounded more coarsely than the element moves it, or a kink is in the way.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from pellucid.gradcheck.differences import Slopes
from pellucid.gradcheck.notebook import folded, html_table
from pellucid.maths.cause import Cause, listed
from pellucid.maths.typing import Array

REPORT_WIDTH = 88
"""Columns of the printed report; the verdict is a sentence and is filled to it."""

SHARP = 5e-4
"""Differences can tell where a fault of this share of an element would show."""

SAFETY = 3.0
"""An element is called wrong when it is off by this many times the bound on what rounding explains."""

Verdict = Literal["right", "wrong", "undetermined"]
WORDS = {"right": "right", "wrong": "WRONG", "undetermined": "cannot be told"}

KINK, SMALL, FLAT, NOT_FINITE = "at a kink", "too small", "J does not move", "J is not finite"
REASONS = {
    KINK: "every parameter there sits at a kink (as of ReLU at 0), where no derivative exists: take other samples or "
    "other parameters",
    SMALL: "they are too small to be measured beside the rounding of J, as where units are saturated or the samples "
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
        None where the parameters belong to no network (`grade`).
    name : str
        "W" or "b", or the name that was given.
    error : float
        The largest relative error of an element, beyond what rounding explains where that is more than the tolerance.
    passed : bool
        False where something is shown to be wrong.
    skipped : int
        Parameters left out because a kink is too near.
    analytic, numeric : arrays of the group's shape
        The gradient under test, and the differences (NaN where left out).
    verdict : "right", "wrong" or "undetermined"
    reason : str
        Why a group is undetermined: "at a kink", "too small", "J does not move", "J is not finite"; else "".
    bound : array of the group's shape
        How far from the differences a right gradient may lie, for their own error and for rounding.
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
        """How the group is called in sentences."""
        return self.name if self.layer is None else f"{self.name} of layer {self.layer + 1}"

    @property
    def measured(self) -> Array:
        """The differences where they can tell; NaN elsewhere."""
        size = np.fmax(np.abs(self.analytic), np.abs(self.numeric))
        sharp = (self.bound <= SHARP * size) | (np.abs(self.analytic - self.numeric) > self.bound)
        return np.where(sharp, self.numeric, np.nan)

    @property
    def notes(self) -> str:
        """What the counts say beyond the verdict."""
        size, small = self.analytic.size, self.n_undetermined - self.skipped
        notes = [f"{self.skipped} of {size} at a kink, left out"] if self.skipped else []
        if self.verdict == "wrong" and self.n_wrong < size:
            notes.insert(0, f"{self.n_wrong} of {size}")
        if self.verdict == "undetermined" and self.reason != KINK:
            notes.insert(0, self.reason)
        elif small:
            notes.append(f"{small} of {size} too small to be told")
        return "; ".join(notes)

    def __repr__(self) -> str:
        return f"GroupCheck({self.label}: {WORDS[self.verdict]}, relative error {self.error:.1e})"


@dataclass(frozen=True, repr=False)
class GradientCheck:
    """The verdicts on all groups; true where nothing is wrong and something is shown to be right. `print` it.

    Attributes
    ----------
    groups : tuple of GroupCheck
    tolerance : float
    causes : tuple of Cause
        The likely mistakes, each with a `name` and a `sentence`; empty where nothing is wrong.
    """

    groups: tuple[GroupCheck, ...]
    tolerance: float
    causes: tuple[Cause, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether nothing is shown to be wrong. What could not be told stands in `undetermined`."""
        return all(group.passed for group in self.groups) and not self.causes

    @property
    def determined(self) -> bool:
        """Whether anything could be told: some group is shown to be right or wrong."""
        return bool(self.causes) or any(group.verdict != "undetermined" for group in self.groups)

    @property
    def undetermined(self) -> tuple[str, ...]:
        """The groups of which differences cannot tell, by their labels ("W of layer 1")."""
        return tuple(group.label for group in self.groups if group.verdict == "undetermined")

    @property
    def error(self) -> float:
        """The largest error of all groups."""
        return max(group.error for group in self.groups)

    @property
    def skipped(self) -> int:
        """Parameters left out because a kink is too near."""
        return sum(group.skipped for group in self.groups)

    @property
    def verdict(self) -> str:
        """What is to be said, in sentences."""
        sentences = [cause.sentence for cause in self.causes]
        if self.passed and not self.determined:
            sentences = ["Nothing could be checked."]
        elif self.passed:
            sentences = ["What differences can measure is right." if self.undetermined else "The gradient is right."]
        for reason, words in REASONS.items():
            labels = [group.label for group in self.groups if group.reason == reason]
            if labels:
                sentences.append(f"Of {listed(labels)} differences cannot tell: {words}.")
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
            return "nothing could be told"
        return "passed, as far as differences can tell" if self.undetermined else "passed"

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
            parts.append(f"cannot be told: {listed(self.undetermined)}")
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


def judge(
    layer: int | None, name: str, analytic: Array, differences: Slopes, rounding: Array | float, tolerance: float
) -> GroupCheck:
    """The verdict on one group: its gradient, the differences, and how far rounding may move a right gradient.

    All arrays have the group's shape.
    """
    numeric = differences.value
    with np.errstate(all="ignore"):
        bound = SAFETY * (differences.error + rounding)
        known = np.isfinite(numeric) & np.isfinite(bound)
        finite = np.isfinite(analytic)
        size = np.where(known, np.maximum(np.abs(analytic), np.abs(numeric)), 0.0)
        gap = np.where(known & finite, np.abs(analytic - numeric), 0.0)
        wrong = (gap > tolerance * size + bound) | (~finite & (known | differences.kinked))
        sharp = known & ~wrong & (bound <= max(SHARP, tolerance) * size)
        nought = known & ~wrong & (analytic == 0) & (numeric == 0)
        explained = gap / np.where(size > 0, size + bound / tolerance, 1.0) if tolerance > 0 else gap / size
    telling = sharp & (size > 0)
    certain = nought & (np.where(known, bound, 1.0) == 0)
    skipped = int((differences.kinked & ~known).sum())
    verdict: Verdict = "undetermined"
    reason, error = "", 0.0
    if wrong.any():
        verdict = "wrong"
        with np.errstate(all="ignore"):
            error = float(np.where(finite, gap / size, np.inf)[wrong].max())
    elif telling.any() or certain.all():
        verdict = "right"
        error = float(explained[known].max())
    elif skipped == analytic.size:
        reason = KINK
    elif not known.any():
        reason = KINK if skipped else NOT_FINITE
    else:
        reason = FLAT if nought[known].all() else SMALL
    right = sharp | nought if verdict == "right" else sharp
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


def without_misfits(groups: Sequence[GroupCheck], causes: Sequence[Cause]) -> tuple[GroupCheck, ...]:
    """A group that was handed in with another shape has not passed, whatever its numbers add up to."""
    misfits = {cause.where for cause in causes}
    return tuple(
        replace(group, passed=False, error=np.inf, verdict="wrong", reason="") if group.label in misfits else group
        for group in groups
    )
