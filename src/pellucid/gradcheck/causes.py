r"""The likely cause of a wrong gradient, recognised from its numbers alone.

A wrong gradient is seldom wrong in every way. It is n times too large, or right from some layer upwards, or short by
λ times the weights; each of these patterns points to one mistake. The given gradient is compared with the finite
differences, group by group, and a mistake is named only if it predicts the given numbers. If no pattern fits, the
result is the place of the error, under the name "unknown".

Other evidence is used elsewhere: `matching` repeats known mistakes on the network itself, `experiments` calls the
gradient at other parameters.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pellucid.gradcheck.evidence import UNKNOWN, GroupEvidence, be, first_right_group, labels
from pellucid.gradcheck.factors import Sizes
from pellucid.gradcheck.group_patterns import bias_only, scaled_below, transposed, weights_only, zero_rows
from pellucid.gradcheck.penalty_patterns import penalty, scaled_beside_penalty
from pellucid.gradcheck.scale_patterns import all_zero, clipped, non_finite, scaled, signs_only, single_precision
from pellucid.maths.cause import Cause

GENERAL_PATTERNS = (non_finite, all_zero, single_precision, signs_only, clipped, scaled)
"""Patterns of numbers in any parameters."""

PATTERNS = (
    *GENERAL_PATTERNS,
    transposed,
    zero_rows,
    penalty,
    scaled_beside_penalty,
    bias_only,
    weights_only,
    scaled_below,
)


def likely_causes(groups: Sequence[GroupEvidence], sizes: Sizes, *, dense: bool = True) -> list[Cause]:
    """The likely cause, as a list of one; empty if all groups have passed.

    `dense` says that matrices are weights and vectors biases.
    """
    wrong = [group for group in groups if not group.passed]
    if not wrong:
        return []
    for pattern in PATTERNS if dense else GENERAL_PATTERNS:
        cause = pattern(groups, wrong, sizes)
        if cause is not None:
            return [cause]
    return [unexplained(groups, wrong)]


def unexplained(groups: Sequence[GroupEvidence], wrong: Sequence[GroupEvidence]) -> Cause:
    """The place of an error that no pattern explains."""
    above = first_right_group(groups, wrong)
    if above is not None:
        return Cause(
            UNKNOWN,
            f"{labels(wrong)} {be(wrong)} wrong, and from {above.label} upwards all is right: the error enters "
            "between the two. Look at the derivative of the activation there, at the product with Wᵀ (is W the one of "
            "the forward pass, or has it been changed before it was used?) and, with dropout, at the mask.",
        )
    group = max(wrong, key=lambda group: float(np.abs(group.gap).max(initial=0.0)))
    gap = np.where(group.known, np.abs(group.given - group.right), -1.0)
    where = np.unravel_index(int(gap.argmax()), gap.shape)
    index = ", ".join(str(int(i)) for i in where)
    hint = ""
    if len(wrong) == len(groups) and len(groups) > 2:
        hint = " Every group is wrong, the last layer's, too: look first at δ of the last layer (and at the samples)."
    return Cause(
        UNKNOWN,
        f"{labels(wrong)} {be(wrong)} wrong, in no way that points to one cause.{hint} The largest difference is "
        f"in {group.label} at [{index}]: given {group.given[where]:.6g}, by differences {group.right[where]:.6g}.",
    )
