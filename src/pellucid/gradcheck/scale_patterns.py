r"""Patterns of a wrong scale: not finite, zero, a constant factor, clipping, signs only, float32 precision.

Each pattern takes all groups, the wrong groups and the problem sizes, and returns a `Cause` or None.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pellucid.gradcheck.evidence import GroupEvidence, agree, common_ratio, informative, is_round_number, labels
from pellucid.gradcheck.factors import Sizes, explain_factor
from pellucid.maths.cause import Cause
from pellucid.maths.typing import Array


def non_finite(groups: Sequence[GroupEvidence], wrong: Sequence[GroupEvidence], sizes: Sizes) -> Cause | None:
    """NaN or infinity."""
    broken = [group for group in wrong if not np.isfinite(group.given).all()]
    if not broken:
        return None
    return Cause(
        "not finite",
        f"The gradient of {labels(broken)} holds NaN or infinity: an exp that overflows, a log of 0 or a division "
        "by 0. Take the loss from the pre-activations (log-sum-exp).",
    )


def all_zero(groups: Sequence[GroupEvidence], wrong: Sequence[GroupEvidence], sizes: Sizes) -> Cause | None:
    """Every wrong group is 0."""
    if any(group.given.any() for group in wrong):
        return None
    return Cause("all zero", f"The gradient of {labels(wrong)} is 0 everywhere: it is not filled in, or cut off above.")


def single_precision(groups: Sequence[GroupEvidence], wrong: Sequence[GroupEvidence], sizes: Sizes) -> Cause | None:
    """The numbers have float32 digits, and the error is of the size of float32 rounding."""
    for group in wrong:
        size = float(np.nanmax(np.abs(group.right), initial=0.0))
        gap = float(np.abs(group.gap).max(initial=0.0))
        rounded = np.array_equal(group.given, group.given.astype(np.float32).astype(np.float64))
        if gap > 3e-5 * size or not rounded:
            return None
    return Cause(
        "single precision",
        f"{labels(wrong)} {'differs' if len(wrong) == 1 else 'differ'} only in the last digits, with float32 numbers: "
        "the gradient is computed in single precision. Use float64 to check it.",
    )


def signs_only(groups: Sequence[GroupEvidence], wrong: Sequence[GroupEvidence], sizes: Sizes) -> Cause | None:
    """Every element is −c, 0 or c, with the sign of the right one (or the opposite sign)."""
    live = informative(groups)
    given = np.concatenate([group.given[group.known] for group in live])
    right = np.concatenate([group.right[group.known] for group in live])
    size = float(np.abs(given).max(initial=0.0))
    clear = np.abs(right) > 1e-7 * np.abs(right).max(initial=0.0)
    if size == 0 or given.size < 4 or not np.allclose(np.abs(given[clear]), size, rtol=1e-9, atol=0):
        return None
    same_sign = np.sign(given[clear]) * np.sign(right[clear])
    if (same_sign == 1).all() and size != 1 and (np.abs(right[clear]) >= size).all():
        words = f"Every element is {size:g} times the sign of the right one, and the right ones are all larger: each "
        return Cause("signs only or clipped", words + f"is clipped to ±{size:g}, or it is sign(g), not g.")
    if (same_sign == 1).all():
        words = f"Every element is {size:g} times the sign of the right one: "
        return Cause("signs only", words + "it is sign(g), not g. The gradient has a length, too.")
    if (same_sign == -1).all():
        words = f"Every element is −{size:g} times the sign of the right one: "
        return Cause("signs only, sign flipped", words + "it is the sign of the step, not g.")
    return None


def clipped(groups: Sequence[GroupEvidence], wrong: Sequence[GroupEvidence], sizes: Sizes) -> Cause | None:
    """Clipped by the norm of the whole gradient, of each group or each layer, or element by element."""
    live = informative(groups)
    if not all(group.known.all() for group in live):
        return None
    given = np.concatenate([group.given.ravel() for group in live])
    right = np.concatenate([group.right.ravel() for group in live])
    words = "Clipping changes the step. To check the gradient, take it before it is clipped."
    norm, ratio = float(np.linalg.norm(given)), common_ratio([(group.given, group.right) for group in live])
    if ratio is not None and _may_be_a_clip(ratio, given, right, sizes):
        shown = f"It points the right way, and its norm is {norm:.4g} exactly, the right one's is "
        return Cause("clipped", shown + f"{np.linalg.norm(right):.4g}: it is clipped to the norm {norm:.4g}. " + words)
    limit = float(np.abs(given).max(initial=0.0))
    held = np.clip(right, -limit, limit)
    at_limit = np.abs(right) > limit * (1 + 1e-4)
    some = at_limit.any() and not at_limit.all()
    if some and (is_round_number(limit) or at_limit.sum() > 1) and agree(given, held):
        shown = f"No element is larger than {limit:.4g}, and {int(at_limit.sum())} would be: "
        return Cause("clipped", shown + f"each is clipped to ±{limit:.4g}. " + words)
    own = [common_ratio([(group.given, group.right)]) for group in wrong]
    chosen = all(p.given.size > 1 and not is_round_number(float(np.linalg.norm(p.right)), digits=4) for p in wrong)
    if chosen and all(one is not None and 0 < one < 1 for one in own):
        norms = [float(np.linalg.norm(group.given)) for group in wrong]
        others = max((float(np.linalg.norm(group.given)) for group in live if group.passed), default=0.0)
        same = np.allclose(norms, norms[0], rtol=1e-6) and others <= norms[0] * (1 + 1e-6)
        if same and (is_round_number(norms[0]) if len(norms) > 1 else is_round_number(norms[0], digits=1)):
            shown = f"{labels(wrong)} {'points' if len(wrong) == 1 else 'point'} the right way with a norm of "
            return Cause("clipped", shown + f"{norms[0]:.4g} exactly: each group is clipped to that norm. " + words)
    return _clipped_by_layer(live, words)


def _clipped_by_layer(live: Sequence[GroupEvidence], words: str) -> Cause | None:
    """W and b of each layer clipped to one norm."""
    pairs = [live[i : i + 2] for i in range(0, len(live), 2)]
    if not all(len(pair) == 2 and not pair[0].is_bias and pair[1].is_bias for pair in pairs):
        return None
    wrong = [pair for pair in pairs if not all(group.passed for group in pair)]
    norms = [float(np.sqrt(sum((group.given**2).sum() for group in pair))) for pair in pairs]
    limit = max(norms)
    for pair in wrong:
        ratio = common_ratio([(group.given, group.right) for group in pair])
        norm = float(np.sqrt(sum((group.given**2).sum() for group in pair)))
        if ratio is None or not 0 < ratio < 1 or abs(norm - limit) > 1e-6 * limit:
            return None
    if not wrong or not is_round_number(limit, digits=1 if len(wrong) == 1 else 2):
        return None
    return Cause("clipped", f"Each layer's gradient has a norm of {limit:.4g} at most: it is clipped to that. " + words)


def _may_be_a_clip(ratio: float, given: Array, right: Array, sizes: Sizes) -> bool:
    """Whether the given norm is a round number, and neither the right norm nor the ratio has an explanation."""
    norms = float(np.linalg.norm(given)), float(np.linalg.norm(right))
    chosen = is_round_number(norms[0]) and not is_round_number(norms[1], digits=4) and given.size > 1
    return 0 < ratio < 1 and chosen and explain_factor(ratio, sizes).name == "constant factor"


def scaled(groups: Sequence[GroupEvidence], wrong: Sequence[GroupEvidence], sizes: Sizes) -> Cause | None:
    """One constant factor on all groups."""
    live = informative(groups)
    if any(group.passed for group in live):
        return None
    ratio = common_ratio([(group.given, group.right) for group in live])
    return None if ratio is None else explain_factor(ratio, sizes)
