r"""Why a gradient is wrong: causes read off the numbers alone.

A wrong gradient is seldom wrong in every way. It is n times too large, or right from some layer upwards, or short by
λ times the weights; and each of these points to one mistake. Here the given gradient is compared with the right one
(by differences), group by group of the parameters. A mistake is named only where the numbers that it would give are
the given ones. Where no mistake explains them all, the answer is the place alone, under the name "unknown".

What can be said only by one who knows the network is in `suspects`; what can be found out by calling the gradient at
other parameters, in `experiments`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pellucid.gradcheck.factors import Sizes, lowered, meaning_of, near
from pellucid.maths.cause import Cause, listed
from pellucid.maths.typing import Array

ALIKE = 1e-5
"""Relative difference up to which two gradients are called the same when causes are compared."""

UNKNOWN = "unknown"
"""The name where only the place of the error can be said."""


@dataclass(frozen=True)
class Part:
    """One group of parameters under suspicion.

    Attributes
    ----------
    label : str
        How it is called in sentences: "W of layer 1".
    theta, given, right : arrays of one shape
        The parameters, the gradient to be judged, and the gradient by differences (NaN where it is not known).
    passed : bool
        False where it is shown to be wrong.
    """

    label: str
    theta: Array
    given: Array
    right: Array
    passed: bool

    @property
    def known(self) -> Array:
        """True where the right gradient is known."""
        return ~np.isnan(self.right)

    @property
    def vouches(self) -> bool:
        """Whether it shows that what it is computed from is right: it has passed, and is not just zeros or unknown."""
        return self.passed and bool(np.nanmax(np.abs(self.right), initial=0.0) > 0)

    @property
    def is_bias(self) -> bool:
        """Whether it is a vector: of biases, as a rule."""
        return self.theta.ndim < 2 or 1 in self.theta.shape

    @property
    def gap(self) -> Array:
        """Given minus right, flat, where that is known."""
        gap: Array = (self.given - self.right)[self.known]
        return gap


def alike(first: Array, second: Array) -> bool:
    """Whether two arrays agree to a relative `ALIKE` of their largest element; NaN in `second` counts as agreement."""
    known = ~np.isnan(second)
    if not known.any():
        return True
    size = max(float(np.abs(first[known]).max()), float(np.abs(second[known]).max()))
    return bool(np.abs(first[known] - second[known]).max() <= ALIKE * size)


def common_ratio(pairs: Sequence[tuple[Array, Array]]) -> float | None:
    """The one number r with given = r · right in every pair, or None. Groups that are all zero say nothing."""
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
    # Each pair is held against its own size: a small layer must agree, too, not vanish beside a large one.
    return ratio if all(alike(g[np.isfinite(r)], ratio * r[np.isfinite(r)]) for g, r in pairs) else None


def likely_causes(parts: Sequence[Part], sizes: Sizes) -> list[Cause]:
    """The mistakes that the numbers point to, the likeliest alone; empty where all parts have passed."""
    wrong = [part for part in parts if not part.passed]
    if not wrong:
        return []
    for read in READERS:
        cause = read(parts, wrong, sizes)
        if cause is not None:
            return [cause]
    return [place(parts, wrong)]


def named(parts: Sequence[Part]) -> str:
    """The labels of groups, as a list in a sentence."""
    return listed([part.label for part in parts])


def _are(parts: Sequence[Part]) -> str:
    return "is" if len(parts) == 1 else "are"


def _live(parts: Sequence[Part]) -> list[Part]:
    """The groups of which something is known, and in which something is not zero."""
    return [p for p in parts if p.known.any() and (np.nanmax(np.abs(p.right)) > 0 or p.given[p.known].any())]


def _non_finite(parts: Sequence[Part], wrong: Sequence[Part], sizes: Sizes) -> Cause | None:
    broken = [part for part in wrong if not np.isfinite(part.given).all()]
    if not broken:
        return None
    return Cause(
        "not finite",
        f"The gradient of {named(broken)} holds NaN or infinity: an exp that overflows, a log of 0 or a division "
        "by 0. Take the loss from the pre-activations (log-sum-exp).",
    )


def _all_zero(parts: Sequence[Part], wrong: Sequence[Part], sizes: Sizes) -> Cause | None:
    if any(part.given.any() for part in wrong):
        return None
    return Cause("all zero", f"The gradient of {named(wrong)} is 0 everywhere: it is not filled in, or cut off above.")


def _single_precision(parts: Sequence[Part], wrong: Sequence[Part], sizes: Sizes) -> Cause | None:
    for part in wrong:
        size = float(np.nanmax(np.abs(part.right), initial=0.0))
        gap = float(np.abs(part.gap).max(initial=0.0))
        rounded = np.array_equal(part.given, part.given.astype(np.float32).astype(np.float64))
        if gap > 3e-5 * size or not rounded:
            return None
    return Cause(
        "single precision",
        f"{named(wrong)} {'differs' if len(wrong) == 1 else 'differ'} only in the last digits, with float32 numbers: "
        "the gradient is computed in single precision. Use float64 to check it.",
    )


def _signs_only(parts: Sequence[Part], wrong: Sequence[Part], sizes: Sizes) -> Cause | None:
    """Every element is −c, 0 or c, with the sign of the right one (or the opposite)."""
    live = _live(parts)
    given = np.concatenate([part.given[part.known] for part in live])
    right = np.concatenate([part.right[part.known] for part in live])
    size = float(np.abs(given).max(initial=0.0))
    clear = np.abs(right) > 1e-7 * np.abs(right).max(initial=0.0)
    if size == 0 or given.size < 4 or not np.allclose(np.abs(given[clear]), size, rtol=1e-9, atol=0):
        return None
    agree = np.sign(given[clear]) * np.sign(right[clear])
    if (agree == 1).all() and size != 1 and (np.abs(right[clear]) >= size).all():
        words = f"Every element is {size:g} times the sign of the right one, and the right ones are all larger: each "
        return Cause("signs only or clipped", words + f"is clipped to ±{size:g}, or sign(g) is handed in, not g.")
    if (agree == 1).all():
        words = f"Every element is {size:g} times the sign of the right one: "
        return Cause("signs only", words + "sign(g) is handed in, not g. The gradient has a length, too.")
    if (agree == -1).all():
        words = f"Every element is −{size:g} times the sign of the right one: "
        return Cause("signs only, sign flipped", words + "the sign of the step is handed in, not g.")
    return None


def _clipped(parts: Sequence[Part], wrong: Sequence[Part], sizes: Sizes) -> Cause | None:
    """A limit on the norm of everything, on the norm of each group, or on each element."""
    live = _live(parts)
    if not all(part.known.all() for part in live):
        return None
    given = np.concatenate([part.given.ravel() for part in live])
    right = np.concatenate([part.right.ravel() for part in live])
    words = "Clipping changes the step. To check the gradient, take it before it is clipped."
    norm, ratio = float(np.linalg.norm(given)), common_ratio([(part.given, part.right) for part in live])
    if ratio is not None and _may_be_a_clip(ratio, given, right, sizes):
        shown = f"It points the right way, and its norm is {norm:.4g} exactly, where the right one's is "
        return Cause("clipped", shown + f"{np.linalg.norm(right):.4g}: it is clipped to the norm {norm:.4g}. " + words)
    limit = float(np.abs(given).max(initial=0.0))
    held = np.clip(right, -limit, limit)
    at_limit = np.abs(right) > limit * (1 + 1e-4)
    some = at_limit.any() and not at_limit.all()
    if some and (_is_round(limit) or at_limit.sum() > 1) and alike(given, held):
        shown = f"No element is larger than {limit:.4g}, and {int(at_limit.sum())} would be: "
        return Cause("clipped", shown + f"each is clipped to ±{limit:.4g}. " + words)
    own = [common_ratio([(part.given, part.right)]) for part in wrong]
    chosen = all(p.given.size > 1 and not _is_round(float(np.linalg.norm(p.right)), digits=4) for p in wrong)
    if chosen and all(one is not None and 0 < one < 1 for one in own):
        norms = [float(np.linalg.norm(part.given)) for part in wrong]
        others = max((float(np.linalg.norm(part.given)) for part in live if part.passed), default=0.0)
        same = np.allclose(norms, norms[0], rtol=1e-6) and others <= norms[0] * (1 + 1e-6)
        if same and (_is_round(norms[0]) if len(norms) > 1 else _is_round(norms[0], digits=1)):
            shown = f"{named(wrong)} {'points' if len(wrong) == 1 else 'point'} the right way with a norm of "
            return Cause("clipped", shown + f"{norms[0]:.4g} exactly: each group is clipped to that norm. " + words)
    return _clipped_by_layer(live, words)


def _clipped_by_layer(live: Sequence[Part], words: str) -> Cause | None:
    """W and b of a layer together, held to one norm."""
    pairs = [live[i : i + 2] for i in range(0, len(live), 2)]
    if not all(len(pair) == 2 and not pair[0].is_bias and pair[1].is_bias for pair in pairs):
        return None
    wrong = [pair for pair in pairs if not all(part.passed for part in pair)]
    norms = [float(np.sqrt(sum((part.given**2).sum() for part in pair))) for pair in pairs]
    limit = max(norms)
    for pair in wrong:
        ratio = common_ratio([(part.given, part.right) for part in pair])
        norm = float(np.sqrt(sum((part.given**2).sum() for part in pair)))
        if ratio is None or not 0 < ratio < 1 or abs(norm - limit) > 1e-6 * limit:
            return None
    if not wrong or not _is_round(limit, digits=1 if len(wrong) == 1 else 2):
        return None
    return Cause("clipped", f"Each layer's gradient has a norm of {limit:.4g} at most: it is clipped to that. " + words)


def _may_be_a_clip(ratio: float, given: Array, right: Array, sizes: Sizes) -> bool:
    """Whether the norm is a number that someone chose, and neither the ratio nor the right norm is."""
    norms = float(np.linalg.norm(given)), float(np.linalg.norm(right))
    chosen = _is_round(norms[0]) and not _is_round(norms[1], digits=4) and given.size > 1
    return 0 < ratio < 1 and chosen and meaning_of(ratio, sizes).name == "constant factor"


def _is_round(number: float, digits: int = 2) -> bool:
    """Whether a number has this many digits at most, as numbers have that people choose."""
    return number > 0 and abs(number - float(f"{number:.{digits - 1}e}")) <= 1e-6 * number


def _scaled(parts: Sequence[Part], wrong: Sequence[Part], sizes: Sizes) -> Cause | None:
    """The same factor on everything that is not zero."""
    live = _live(parts)
    if any(part.passed for part in live):
        return None
    ratio = common_ratio([(part.given, part.right) for part in live])
    return None if ratio is None else meaning_of(ratio, sizes)


def _scaled_beside_a_penalty(parts: Sequence[Part], wrong: Sequence[Part], sizes: Sizes) -> Cause | None:
    """A factor on the loss's part alone: the biases have it exactly, the weights but for a multiple of themselves."""
    live = _live(parts)
    if any(part.passed for part in live):
        return None
    ratio = _ratio_beside_a_penalty(live)
    if ratio is None:
        return None
    inner = meaning_of(ratio, sizes)
    words = f"Beside the penalty, whose part of the gradient is another: {lowered(inner.sentence)}"
    return Cause(inner.name, words)


def _ratio_beside_a_penalty(live: Sequence[Part]) -> float | None:
    """r with b's = r · right and W's = r · right + c · θ (or c · sign θ), with one c for all; None if there is none."""
    biases, weights = [p for p in live if p.is_bias], [p for p in live if not p.is_bias]
    ratio = common_ratio([(part.given, part.right) for part in biases])
    enough = sum(int(part.known.sum()) for part in biases) >= 2
    if ratio is None or not enough or not weights or abs(ratio - 1) <= 1e-4:
        return None
    return ratio if _pulled([(part, part.given - ratio * part.right) for part in weights]) is not None else None


def _pulled(gaps: Sequence[tuple[Part, Array]]) -> tuple[float, str] | None:
    """The one c with gap = c · θ or c · sign θ in every group, and which of the two it is.

    Each gap must be explained to a hundredth of itself, and as well as the gradient is known.
    """
    for words, shape in (("the weights", lambda w: w), ("the weights' signs", np.sign)):
        flat = np.concatenate([gap[part.known] for part, gap in gaps])
        pull = np.concatenate([shape(part.theta)[part.known] for part, _ in gaps])
        energy = float(pull @ pull)
        if energy == 0 or flat.size < 2:
            continue
        constant = float(flat @ pull) / energy
        if constant != 0 and all(
            _explains((constant * shape(part.theta))[part.known], gap[part.known], part) for part, gap in gaps
        ):
            return constant, words
    return None


def _explains(theirs: Array, gap: Array, part: Part) -> bool:
    """Whether a mistake's share of the gradient is this gap."""
    size = max(float(np.abs(part.given).max(initial=0.0)), float(np.nanmax(np.abs(part.right), initial=0.0)))
    off = float(np.abs(theirs - gap).max(initial=0.0))
    return off <= max(1e-2 * float(np.abs(gap).max(initial=0.0)), 1e-9 * size) and off <= ALIKE * size


def _transposed(parts: Sequence[Part], wrong: Sequence[Part], sizes: Sizes) -> Cause | None:
    turned = [
        part
        for part in wrong
        if part.theta.ndim == 2 and min(part.theta.shape) > 1 and part.known.any() and _is_turned(part)
    ]
    if not turned or len(turned) < len(wrong):
        return None
    return Cause(
        "transposed",
        f"The gradient of {named(turned)} is right but transposed: δᵀ A where Aᵀ δ belongs, or a matrix flattened "
        "column by column.",
    )


def _is_turned(part: Part) -> bool:
    """Whether it is right but for its order; or but for that and a multiple of the weights, a penalty's part."""
    if alike(_by_columns(part.given), part.right):
        return True
    turned, pull = part.given - _by_columns(part.right), part.theta - _by_columns(part.theta)
    if not part.known.all() or not pull.any() or part.given.size < 4:
        return False
    constant = float((turned * pull).sum() / (pull**2).sum())
    return _explains(constant * pull, turned, part) or alike(part.given, _by_columns(part.right) + constant * pull)


def _by_columns(given: Array) -> Array:
    """The matrix that `given` would be had its elements been written down column by column; for squares, its Tᵀ."""
    return given.ravel().reshape(given.shape[::-1]).T


def _left_at_zero(parts: Sequence[Part], wrong: Sequence[Part], sizes: Sizes) -> Cause | None:
    """Whole rows or columns are 0 and all else is right."""
    places = []
    for part in wrong:
        off = part.known & (np.abs(part.given - part.right) > ALIKE * np.nanmax(np.abs(part.right), initial=0.0))
        if not off.any() or part.given[off].any() or not part.given.any():
            return None
        place = _lines(part, off)
        if place is None:
            return None
        places.append(f"{place} of {part.label}")
    return Cause(
        "left at zero",
        f"Only {', '.join(places)} {'is' if len(places) == 1 else 'are'} wrong, and 0 there: a loop that ends too "
        "early or starts too late, or a unit that is left out.",
    )


def _lines(part: Part, off: Array) -> str | None:
    """The rows or columns that hold exactly the elements that are off, named in words."""
    if part.given.ndim < 2 or 1 in part.given.shape:
        return _numbered("element", np.flatnonzero(off.ravel()))
    for axis, word in ((0, "column"), (1, "row")):
        lines = np.flatnonzero(off.any(axis=axis))
        whole = part.given[:, lines] if axis == 0 else part.given[lines]
        if not whole.any() and len(lines) < part.given.shape[1 - axis]:
            return _numbered(word, lines)
    return None


def _numbered(word: str, indices: Array) -> str:
    return f"{word} {indices[0] + 1}" if len(indices) == 1 else f"{word}s {', '.join(str(i + 1) for i in indices)}"


def _penalty(parts: Sequence[Part], wrong: Sequence[Part], sizes: Sizes) -> Cause | None:
    """Off by a constant times the weights, or times their signs, or by both (one penalty's gradient for another's)."""
    pulled = _pulled([(part, part.given - part.right) for part in wrong])
    if pulled is None:
        return _other_penalty(parts, wrong)
    constant, words = pulled
    on_biases = [part for part in wrong if part.is_bias]
    if on_biases and len(on_biases) == len(wrong) and any(not part.is_bias for part in parts):
        return Cause(
            "penalty on biases",
            f"In {named(wrong)} it differs by {constant:.4g} times the biases: a penalty's gradient acts on them, but "
            "the loss does not have them in its penalty.",
        )
    if constant < 0:
        return Cause(
            "penalty left out",
            f"In {named(wrong)} it is short by {-constant:.4g} times {words}: the gradient of the penalty is left out, "
            "or a part of it (divided by n?), or it is subtracted.",
        )
    return Cause(
        "penalty too large",
        f"In {named(wrong)} it is too large by {constant:.4g} times {words}: the gradient of the penalty is stronger "
        "than the penalty (a factor 2, or n), or acts where the penalty does not.",
    )


def _other_penalty(parts: Sequence[Part], wrong: Sequence[Part]) -> Cause | None:
    """L1's gradient where L2's belongs, or the reverse: the gap is a sign θ + b θ on the weights alone."""
    if any(part.is_bias for part in wrong) or sum(part.gap.size for part in wrong) < 4:
        return None
    theta = np.concatenate([part.theta[part.known] for part in wrong])
    basis = np.stack([np.sign(theta), theta], axis=1)
    gap = np.concatenate([part.gap for part in wrong])
    (by_sign, by_size), *_ = np.linalg.lstsq(basis, gap, rcond=None)
    for part in wrong:
        theirs = by_sign * np.sign(part.theta) + by_size * part.theta
        if not _explains(theirs[part.known], part.gap, part):
            return None
    if by_sign * by_size >= 0:
        return None
    used, wanted = ("L1", "L2") if by_sign > 0 else ("L2", "L1")
    return Cause(
        "another penalty",
        f"Only {named(wrong)} {_are(wrong)} wrong, by {by_sign:.4g} times the signs of the weights and {by_size:.4g} "
        f"times the weights: the gradient has {used}'s term where the loss has {wanted}'s.",
    )


def _bias_only(parts: Sequence[Part], wrong: Sequence[Part], sizes: Sizes) -> Cause | None:
    """Every weight right, biases wrong: then every δ is right, and what is wrong is how b's gradient is made of it."""
    weights = [part for part in parts if not part.is_bias]
    if not all(part.is_bias for part in wrong) or not weights or not all(part.vouches for part in weights):
        return None
    start = f"Only {named(wrong)} {_are(wrong)} wrong, and the weights' gradients are right, so δ is right. "
    rule = "A bias is shared by all samples, so its gradient is the sum of δ over them (axis 0)"
    for part in wrong:
        for other in parts:
            right = other.right.ravel()
            if other is part or not other.is_bias or right.size < part.given.size or part.given.size < 2:
                continue
            if other.vouches and alike(part.given.ravel(), right[: part.given.size]):
                words = f"{part.label} has the gradient of {other.label}: it is made of another layer's δ."
                return Cause("bias of another layer", start + words)
    ratio = common_ratio([(part.given, part.right) for part in wrong])
    several = sum(int(part.known.sum()) for part in wrong) > 1
    n = sizes.n
    if ratio is not None and several and (near(ratio, 1 / n) if n else near(1 / ratio, max(2, round(1 / ratio)))):
        shown = f"Here it is 1/{round(1 / ratio)} of the right one: the mean of δ, where δ has its 1/n already"
        return Cause("bias not summed over samples", f"{start}{rule}. {shown}.")
    if ratio is not None and several:
        inner = meaning_of(ratio, sizes)
        return Cause(f"{inner.name}, in biases", f"{start}{inner.sentence} {rule}.")
    pulled = [(part, pull) for part in wrong if (pull := _pull_of_biases(part)) is not None]
    if pulled:
        labels, pull = named([part for part, _ in pulled]), pulled[0][1]
        rest = [part for part in wrong if all(part is not other for other, _ in pulled)]
        more = f" {named(rest)} {'differs' if len(rest) == 1 else 'differ'} in another way." if rest else ""
        words = f"In {labels} it is off by {pull:.4g} times the biases: the penalty's gradient acts on them, but the "
        return Cause("penalty on biases", f"{start}{words}loss does not have them in it.{more}")
    return Cause(
        "bias is not the sum of δ",
        f"{start}{rule}, not the δ of one sample, of another layer, or before f′ is applied.",
    )


def _pull_of_biases(part: Part) -> float | None:
    """The c with given = right + c · b, where there are biases enough to tell."""
    known = part.known
    if int(known.sum()) < 2 or not part.theta[known].any():
        return None
    return common_ratio([((part.given - part.right)[known], part.theta[known])])


def _weights_only(parts: Sequence[Part], wrong: Sequence[Part], sizes: Sizes) -> Cause | None:
    """Weights wrong whose own biases are right: δ is right, and what it is multiplied with is not."""
    if any(part.is_bias for part in wrong):
        return None
    for part in wrong:
        own = _own_bias(parts, part)
        if own is None or not own.vouches:
            return None
    labels = named(wrong)
    start = f"Only {labels} {_are(wrong)} wrong, and the biases there are right, so δ is right. "
    ratio = common_ratio([(part.given, part.right) for part in wrong])
    if ratio is not None:
        inner = meaning_of(ratio, sizes)
        return Cause(f"{inner.name}, in weights", start + inner.sentence)
    return Cause(
        "only W is wrong",
        start + "W's gradient is (what came in)ᵀ δ, so look at what came in: the rows of X or A in another order than "
        "those of δ, Z for A, another layer's A, A before its dropout mask. (Or at the order of W's elements, or at "
        "the penalty's gradient.)",
    )


def _own_bias(parts: Sequence[Part], weights: Part) -> Part | None:
    """The bias of the same layer: the group after W (or before it), with an element a column."""
    index = next(i for i, part in enumerate(parts) if part is weights)
    for i in (index + 1, index - 1):
        if 0 <= i < len(parts) and parts[i].is_bias and parts[i].theta.size == weights.theta.shape[-1]:
            return parts[i]
    return None


def _scaled_below(parts: Sequence[Part], wrong: Sequence[Part], sizes: Sizes) -> Cause | None:
    """Right from some group upwards, and with one factor on all below it."""
    above = right_from(parts, wrong)
    if above is None:
        return None
    ratio = common_ratio([(part.given, part.right) for part in wrong])
    if ratio is None:
        ratio = _ratio_beside_a_penalty(wrong)
    again = ""
    if ratio is None:
        ratio = _ratio_of_each_layer(wrong)
        again = " And so again from each layer to the next below."
    if ratio is None:
        return None
    where = f"{named(wrong)} {_are(wrong)} wrong, and from {above.label} upwards all is right"
    inner = meaning_of(ratio, sizes)
    words = f"{where}. So it happens on the way down. {inner.sentence}{again}"
    if 0 < ratio < 1 and _is_round(1 - ratio):
        words += f" Or, with dropout: the mask is applied on the way down without its 1/(1 − p), p = {1 - ratio:.4g}."
        return Cause(f"{inner.name} below or dropout scale left out", words)
    return Cause(f"{inner.name} below", words)


def _ratio_of_each_layer(wrong: Sequence[Part]) -> float | None:
    """r, where the top layer of these has r times the right one, the next below r² times, and so on."""
    pairs = [wrong[i : i + 2] for i in range(0, len(wrong), 2)]
    if len(pairs) < 2 or not all(len(pair) == 2 and not pair[0].is_bias and pair[1].is_bias for pair in pairs):
        return None
    ratios = []
    for pair in reversed(pairs):
        ratio = common_ratio([(part.given, part.right) for part in pair])
        ratios.append(_ratio_beside_a_penalty(pair) if ratio is None else ratio)
    first = ratios[0]
    if first is None or not all(one is not None and near(one, first ** (i + 1)) for i, one in enumerate(ratios)):
        return None
    return first


def right_from(parts: Sequence[Part], wrong: Sequence[Part]) -> Part | None:
    """The group from which upwards all is right, where all below it is wrong."""
    n_wrong = len(wrong)
    if n_wrong == len(parts) or any(part.passed for part in parts[:n_wrong]) or not parts[n_wrong].vouches:
        return None
    return parts[n_wrong]


READERS = (
    _non_finite,
    _all_zero,
    _single_precision,
    _signs_only,
    _clipped,
    _scaled,
    _transposed,
    _left_at_zero,
    _penalty,
    _scaled_beside_a_penalty,
    _bias_only,
    _weights_only,
    _scaled_below,
)


def place(parts: Sequence[Part], wrong: Sequence[Part]) -> Cause:
    """Where it is wrong, when nothing is known of why."""
    above = right_from(parts, wrong)
    if above is not None:
        return Cause(
            UNKNOWN,
            f"{named(wrong)} {_are(wrong)} wrong, and from {above.label} upwards all is right: the error enters "
            "between the two. Look at the derivative of the activation there, at the product with Wᵀ (is W the one of "
            "the forward pass, or has it been changed before it was used?) and, with dropout, at the mask.",
        )
    part = max(wrong, key=lambda part: float(np.abs(part.gap).max(initial=0.0)))
    gap = np.where(part.known, np.abs(part.given - part.right), -1.0)
    where = np.unravel_index(int(gap.argmax()), gap.shape)
    index = ", ".join(str(int(i)) for i in where)
    hint = ""
    if len(wrong) == len(parts) and len(parts) > 2:
        hint = " Every group is wrong, the last layer's, too: look first at δ of the last layer (and at the samples)."
    return Cause(
        UNKNOWN,
        f"{named(wrong)} {_are(wrong)} wrong, in no way that points to one cause.{hint} The largest difference is in "
        f"{part.label} at [{index}]: given {part.given[where]:.6g}, by differences {part.right[where]:.6g}.",
    )
