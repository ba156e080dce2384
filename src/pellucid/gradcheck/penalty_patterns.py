r"""Patterns of a wrong penalty gradient: the error is c θ (as of L2) or c sign θ (as of L1).

Each pattern takes all groups, the wrong groups and the problem sizes, and returns a `Cause` or None.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pellucid.gradcheck.evidence import GroupEvidence, accounts_for, be, common_ratio, informative, labels
from pellucid.gradcheck.factors import Sizes, explain_factor, lower_first
from pellucid.maths.cause import Cause
from pellucid.maths.typing import Array


def penalty(groups: Sequence[GroupEvidence], wrong: Sequence[GroupEvidence], sizes: Sizes) -> Cause | None:
    """The error is c θ, c sign θ, or both (the gradient of one penalty in place of another)."""
    fitted = penalty_coefficient([(group, group.given - group.right) for group in wrong])
    if fitted is None:
        return _other_penalty(groups, wrong)
    constant, words = fitted
    on_biases = [group for group in wrong if group.is_bias]
    if on_biases and len(on_biases) == len(wrong) and any(not group.is_bias for group in groups):
        return Cause(
            "penalty on biases",
            f"In {labels(wrong)} it differs by {constant:.4g} times the biases: a penalty's gradient acts on them, "
            "but the penalty in the loss does not include them.",
        )
    if constant < 0:
        return Cause(
            "penalty left out",
            f"In {labels(wrong)} it is short by {-constant:.4g} times {words}: the gradient of the penalty is left "
            "out, or a part of it (divided by n?), or it is subtracted.",
        )
    return Cause(
        "penalty too large",
        f"In {labels(wrong)} it is too large by {constant:.4g} times {words}: the gradient of the penalty is "
        "stronger than the penalty (a factor 2, or n), or acts where the penalty does not.",
    )


def _other_penalty(groups: Sequence[GroupEvidence], wrong: Sequence[GroupEvidence]) -> Cause | None:
    """The gradient of L1 in place of that of L2, or the reverse: the error is a sign θ + b θ, in weights only."""
    if any(group.is_bias for group in wrong) or sum(group.gap.size for group in wrong) < 4:
        return None
    theta = np.concatenate([group.theta[group.known] for group in wrong])
    basis = np.stack([np.sign(theta), theta], axis=1)
    gap = np.concatenate([group.gap for group in wrong])
    (by_sign, by_size), *_ = np.linalg.lstsq(basis, gap, rcond=None)
    for group in wrong:
        predicted = by_sign * np.sign(group.theta) + by_size * group.theta
        if not accounts_for(predicted[group.known], group.gap, group):
            return None
    if by_sign * by_size >= 0:
        return None
    used, wanted = ("L1", "L2") if by_sign > 0 else ("L2", "L1")
    return Cause(
        "another penalty",
        f"Only {labels(wrong)} {be(wrong)} wrong, by {by_sign:.4g} times the signs of the weights and "
        f"{by_size:.4g} times the weights: the gradient has {used}'s term, the loss has {wanted}'s.",
    )


def scaled_beside_penalty(
    groups: Sequence[GroupEvidence], wrong: Sequence[GroupEvidence], sizes: Sizes
) -> Cause | None:
    """A constant factor on the gradient of the loss but not on that of the penalty, or not the same factor."""
    live = informative(groups)
    if any(group.passed for group in live):
        return None
    ratio = ratio_beside_penalty(live)
    if ratio is None:
        return None
    inner = explain_factor(ratio, sizes)
    words = f"Apart from the penalty, whose gradient differs too: {lower_first(inner.sentence)}"
    return Cause(inner.name, words)


def ratio_beside_penalty(live: Sequence[GroupEvidence]) -> float | None:
    """The r with ∂J/∂b = r · right and ∂J/∂W = r · right + c θ (or c sign θ) with one c for all groups; or None."""
    biases, weights = [p for p in live if p.is_bias], [p for p in live if not p.is_bias]
    ratio = common_ratio([(group.given, group.right) for group in biases])
    enough = sum(int(group.known.sum()) for group in biases) >= 2
    if ratio is None or not enough or not weights or abs(ratio - 1) <= 1e-4:
        return None
    fitted = penalty_coefficient([(group, group.given - ratio * group.right) for group in weights])
    return None if fitted is None else ratio


def penalty_coefficient(gaps: Sequence[tuple[GroupEvidence, Array]]) -> tuple[float, str] | None:
    """The c with gap = c θ or c sign θ in every group, and which of the two; None if no c accounts for all gaps."""
    for words, shape in (("the weights", lambda w: w), ("the weights' signs", np.sign)):
        flat = np.concatenate([gap[group.known] for group, gap in gaps])
        coefficient = np.concatenate([shape(group.theta)[group.known] for group, _ in gaps])
        energy = float(coefficient @ coefficient)
        if energy == 0 or flat.size < 2:
            continue
        constant = float(flat @ coefficient) / energy
        if constant != 0 and all(
            accounts_for((constant * shape(group.theta))[group.known], gap[group.known], group) for group, gap in gaps
        ):
            return constant, words
    return None
