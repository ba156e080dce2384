r"""Patterns of place: only biases, only weights, only the layers below some layer, only some rows are wrong.

Each pattern takes all groups, the wrong groups and the problem sizes, and returns a `Cause` or None.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pellucid.gradcheck.evidence import (
    AGREEMENT,
    GroupEvidence,
    accounts_for,
    agree,
    be,
    common_ratio,
    first_right_group,
    is_round_number,
    labels,
)
from pellucid.gradcheck.factors import Sizes, explain_factor, is_close
from pellucid.gradcheck.penalty_patterns import ratio_beside_penalty
from pellucid.maths.cause import Cause
from pellucid.maths.typing import Array


def transposed(groups: Sequence[GroupEvidence], wrong: Sequence[GroupEvidence], sizes: Sizes) -> Cause | None:
    """The elements are right but in the order of the transpose."""
    turned = [
        group
        for group in wrong
        if group.theta.ndim == 2 and min(group.theta.shape) > 1 and group.known.any() and _is_transposed(group)
    ]
    if not turned or len(turned) < len(wrong):
        return None
    return Cause(
        "transposed",
        f"The gradient of {labels(turned)} is right but transposed: δᵀ A in place of Aᵀ δ, or a matrix flattened "
        "column by column.",
    )


def _is_transposed(group: GroupEvidence) -> bool:
    """Whether the given matrix is the right one transposed, apart from the gradient of the penalty."""
    if agree(_by_columns(group.given), group.right):
        return True
    gap, difference = group.given - _by_columns(group.right), group.theta - _by_columns(group.theta)
    if not group.known.all() or not difference.any() or group.given.size < 4:
        return False
    penalty = float((gap * difference).sum() / (difference**2).sum()) * difference
    return accounts_for(penalty, gap, group) or agree(group.given, _by_columns(group.right) + penalty)


def _by_columns(given: Array) -> Array:
    """The same elements read column by column into the same shape; for a square matrix, its transpose."""
    return given.ravel().reshape(given.shape[::-1]).T


def zero_rows(groups: Sequence[GroupEvidence], wrong: Sequence[GroupEvidence], sizes: Sizes) -> Cause | None:
    """Whole rows or columns are 0, everything else is right."""
    places = []
    for group in wrong:
        off = group.known & (
            np.abs(group.given - group.right) > AGREEMENT * np.nanmax(np.abs(group.right), initial=0.0)
        )
        if not off.any() or group.given[off].any() or not group.given.any():
            return None
        place = _rows_or_columns(group, off)
        if place is None:
            return None
        places.append(f"{place} of {group.label}")
    return Cause(
        "left at zero",
        f"Only {', '.join(places)} {'is' if len(places) == 1 else 'are'} wrong, and 0 there: a loop that ends too "
        "early or starts too late, or a unit that is left out.",
    )


def _rows_or_columns(group: GroupEvidence, off: Array) -> str | None:
    """The rows or columns that contain the wrong elements and no right one, in words; or None."""
    if group.given.ndim < 2 or 1 in group.given.shape:
        return _with_numbers("element", np.flatnonzero(off.ravel()))
    for axis, word in ((0, "column"), (1, "row")):
        lines = np.flatnonzero(off.any(axis=axis))
        whole = group.given[:, lines] if axis == 0 else group.given[lines]
        if not whole.any() and len(lines) < group.given.shape[1 - axis]:
            return _with_numbers(word, lines)
    return None


def _with_numbers(word: str, indices: Array) -> str:
    return f"{word} {indices[0] + 1}" if len(indices) == 1 else f"{word}s {', '.join(str(i + 1) for i in indices)}"


def bias_only(groups: Sequence[GroupEvidence], wrong: Sequence[GroupEvidence], sizes: Sizes) -> Cause | None:
    """Only biases are wrong: then every δ is right, and the sum of δ over the samples is wrong."""
    weights = [group for group in groups if not group.is_bias]
    if not all(group.is_bias for group in wrong) or not weights or not all(group.confirms for group in weights):
        return None
    start = f"Only {labels(wrong)} {be(wrong)} wrong, and the weights' gradients are right, so δ is right. "
    rule = "A bias is shared by all samples, so its gradient is the sum of δ over them (axis 0)"
    for group in wrong:
        for other in groups:
            right = other.right.ravel()
            if other is group or not other.is_bias or right.size < group.given.size or group.given.size < 2:
                continue
            if other.confirms and agree(group.given.ravel(), right[: group.given.size]):
                words = f"{group.label} has the gradient of {other.label}: it is made of another layer's δ."
                return Cause("bias of another layer", start + words)
    ratio = common_ratio([(group.given, group.right) for group in wrong])
    several = sum(int(group.known.sum()) for group in wrong) > 1
    n = sizes.n
    if (
        ratio is not None
        and several
        and (is_close(ratio, 1 / n) if n else is_close(1 / ratio, max(2, round(1 / ratio))))
    ):
        shown = f"Here it is 1/{round(1 / ratio)} of the right one: the mean of δ, where δ has its 1/n already"
        return Cause("bias not summed over samples", f"{start}{rule}. {shown}.")
    if ratio is not None and several:
        inner = explain_factor(ratio, sizes)
        return Cause(f"{inner.name}, in biases", f"{start}{inner.sentence} {rule}.")
    fitted = [(group, coefficient) for group in wrong if (coefficient := _coefficient_of_biases(group)) is not None]
    if fitted:
        names, coefficient = labels([group for group, _ in fitted]), fitted[0][1]
        rest = [group for group in wrong if all(group is not other for other, _ in fitted)]
        more = f" {labels(rest)} {'differs' if len(rest) == 1 else 'differ'} in another way." if rest else ""
        words = f"In {names} it is off by {coefficient:.4g} times the biases: the penalty's gradient acts on them, but "
        return Cause("penalty on biases", f"{start}{words}the loss does not include them.{more}")
    return Cause(
        "bias is not the sum of δ",
        f"{start}{rule}, not the δ of one sample, of another layer, or before f′ is applied.",
    )


def _coefficient_of_biases(group: GroupEvidence) -> float | None:
    """The c with given = right + c b, or None (also for fewer than two biases)."""
    known = group.known
    if int(known.sum()) < 2 or not group.theta[known].any():
        return None
    return common_ratio([((group.given - group.right)[known], group.theta[known])])


def weights_only(groups: Sequence[GroupEvidence], wrong: Sequence[GroupEvidence], sizes: Sizes) -> Cause | None:
    """Only weights are wrong, and the biases of the same layers are right: δ is right, its other factor is wrong."""
    if any(group.is_bias for group in wrong):
        return None
    for group in wrong:
        own = _bias_of(groups, group)
        if own is None or not own.confirms:
            return None
    start = f"Only {labels(wrong)} {be(wrong)} wrong, and the biases there are right, so δ is right. "
    ratio = common_ratio([(group.given, group.right) for group in wrong])
    if ratio is not None:
        inner = explain_factor(ratio, sizes)
        return Cause(f"{inner.name}, in weights", start + inner.sentence)
    return Cause(
        "only W is wrong",
        start + "W's gradient is (input of the layer)ᵀ δ, so look at the input: rows of X or A in another order than "
        "those of δ, Z for A, another layer's A, A before its dropout mask. (Or at the order of W's elements, or at "
        "the penalty's gradient.)",
    )


def _bias_of(groups: Sequence[GroupEvidence], weights: GroupEvidence) -> GroupEvidence | None:
    """The bias of the same layer: the vector next to W with one element per column."""
    index = next(i for i, group in enumerate(groups) if group is weights)
    for i in (index + 1, index - 1):
        if 0 <= i < len(groups) and groups[i].is_bias and groups[i].theta.size == weights.theta.shape[-1]:
            return groups[i]
    return None


def scaled_below(groups: Sequence[GroupEvidence], wrong: Sequence[GroupEvidence], sizes: Sizes) -> Cause | None:
    """Right from some layer upwards, and a constant factor on everything below."""
    above = first_right_group(groups, wrong)
    if above is None:
        return None
    ratio = common_ratio([(group.given, group.right) for group in wrong])
    if ratio is None:
        ratio = ratio_beside_penalty(wrong)
    again = ""
    if ratio is None:
        ratio = _ratio_per_layer(wrong)
        again = " And so again from each layer to the next below."
    if ratio is None:
        return None
    where = f"{labels(wrong)} {be(wrong)} wrong, and from {above.label} upwards all is right"
    inner = explain_factor(ratio, sizes)
    words = f"{where}. So it happens on the way down. {inner.sentence}{again}"
    if 0 < ratio < 1 and is_round_number(1 - ratio):
        words += f" Or, with dropout: the mask is applied on the way down without its 1/(1 − p), p = {1 - ratio:.4g}."
        return Cause(f"{inner.name} below or dropout scale left out", words)
    return Cause(f"{inner.name} below", words)


def _ratio_per_layer(wrong: Sequence[GroupEvidence]) -> float | None:
    """The r with factors r, r², r³, … on these layers from the top down, or None."""
    pairs = [wrong[i : i + 2] for i in range(0, len(wrong), 2)]
    if len(pairs) < 2 or not all(len(pair) == 2 and not pair[0].is_bias and pair[1].is_bias for pair in pairs):
        return None
    ratios = []
    for pair in reversed(pairs):
        ratio = common_ratio([(group.given, group.right) for group in pair])
        ratios.append(ratio_beside_penalty(pair) if ratio is None else ratio)
    first = ratios[0]
    if first is None or not all(one is not None and is_close(one, first ** (i + 1)) for i, one in enumerate(ratios)):
        return None
    return first
