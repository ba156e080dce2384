r"""Why a gradient is wrong: causes read off the numbers alone.

A wrong gradient is seldom wrong in every way. It is n times too large, or right from some layer upwards, or short by
λ times the weights; and each of these points to one mistake. Here the given gradient is compared with the right one
(by differences), group by group of the parameters, and the likeliest mistake is named, with the evidence.

What can be said only by one who knows the network is in `suspects`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pellucid.maths.typing import Array

ALIKE = 1e-5
"""Relative difference up to which two gradients are called the same when causes are compared."""


@dataclass(frozen=True)
class Cause:
    """A likely mistake: a short `name` for it and a `sentence` with the evidence.

    `where` is the label of the one group it is about, where numbers cannot say it: a group of another shape.
    """

    name: str
    sentence: str
    where: str = ""


@dataclass(frozen=True)
class Part:
    """One group of parameters under suspicion.

    Attributes
    ----------
    label : str
        How it is called in sentences: "W of layer 1".
    theta, given, right : arrays of one shape
        The parameters, the gradient to be judged, and the gradient by differences (NaN where a kink is too near).
    passed : bool
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
    def is_bias(self) -> bool:
        """Whether it is a vector: of biases, as a rule."""
        return self.theta.ndim < 2 or 1 in self.theta.shape


@dataclass(frozen=True)
class Sizes:
    """The numbers that a wrong factor is likely to be: n samples, k outputs; None where nobody said."""

    n: int | None = None
    k: int | None = None
    reduction: str = "mean"


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
    energy = float(right @ right)
    if energy == 0:
        return None
    ratio = float(given @ right) / energy
    if ratio == 0:
        return None
    # Each pair is held against its own size: a small layer must agree, too, not vanish beside a large one.
    return ratio if all(alike(g[np.isfinite(r)], ratio * r[np.isfinite(r)]) for g, r in pairs) else None


def meaning_of(ratio: float, sizes: Sizes) -> Cause:
    """What a gradient that is `ratio` times the right one points to."""
    shown = f"{ratio:.6g}"
    if ratio < 0 and not _near(ratio, -1):
        inner = meaning_of(-ratio, sizes)
        return Cause(f"sign flipped, {inner.name}", f"The sign is flipped, and: {inner.sentence}")
    n, k = sizes.n, sizes.k
    readings: list[Cause] = []
    if _near(ratio, -1):
        readings.append(
            Cause("sign flipped", "It is the right one times −1: the sign is flipped (y − a for a − y, or θ + η g).")
        )
    if n and n > 1 and _near(ratio, n):
        readings.append(
            Cause(
                "sum, not mean",
                f"It is {shown} times the right one, and there are {n} samples: it is the sum over the samples where "
                "the loss takes their mean. Divide by n, once.",
            )
        )
    if n and n > 1 and _near(ratio, 1 / n):
        readings.append(
            Cause(
                "averaged twice",
                f"It is 1/{n} of the right one, and there are {n} samples: it is divided by n once too often "
                "(in δ and again in dW, perhaps).",
            )
            if sizes.reduction == "mean"
            else Cause(
                "mean, not sum",
                f"It is 1/{n} of the right one, and there are {n} samples: it is the mean over the samples where "
                "the loss takes their sum.",
            )
        )
    if k and k > 1 and _near(ratio, k):
        readings.append(
            Cause(
                "outputs counted twice",
                f"It is {shown} times the right one, and there are {k} outputs: the loss takes the mean over the "
                "outputs, its gradient their sum.",
            )
        )
    if k and k > 1 and _near(ratio, 1 / k):
        readings.append(
            Cause(
                "outputs averaged twice",
                f"It is 1/{k} of the right one, and there are {k} outputs: the loss takes the sum over the outputs, "
                "its gradient their mean.",
            )
        )
    if n and k and n > 1 and k > 1 and _near(ratio, n * k):
        readings.append(
            Cause("sum, not mean", f"It is {shown} = {n} · {k} times the right one: samples and outputs are summed.")
        )
    if not readings and _near(ratio, 2):
        readings.append(
            Cause("factor 2", "It is twice the right one: the loss has a factor ½ that its gradient has not.")
        )
    if not readings and _near(ratio, 0.5):
        readings.append(
            Cause("factor 2", "It is half the right one: the loss lacks a factor ½ (or the 2 of a square is lost).")
        )
    if readings:
        return Cause(readings[0].name, " Or: ".join(reading.sentence for reading in readings))
    whole, part = round(ratio), round(1 / ratio)
    if whole > 2 and _near(ratio, whole):
        return Cause(
            "sum, not mean",
            f"It is {shown} times the right one: if {whole} is the number of samples, it is their sum where the loss "
            "takes the mean; if it is the number of outputs, those are counted twice.",
        )
    if part > 2 and _near(ratio, 1 / part):
        return Cause(
            "averaged twice",
            f"It is 1/{part} of the right one: if {part} is the number of samples (or of outputs), it is divided by "
            "it once too often.",
        )
    return Cause("constant factor", f"It is {shown} times the right one everywhere: look for a factor that is lost.")


def likely_causes(parts: Sequence[Part], sizes: Sizes) -> list[Cause]:
    """The mistakes that the numbers point to, the likeliest alone; empty where all parts have passed."""
    wrong = [part for part in parts if not part.passed]
    if not wrong:
        return []
    for read in (_non_finite, _all_zero, _single_precision, _scaled, _transposed, _penalty, _bias_only, _lower_layers):
        cause = read(parts, wrong, sizes)
        if cause is not None:
            return [cause]
    return [_unknown(wrong)]


def _near(ratio: float, value: float) -> bool:
    return abs(ratio - value) <= 1e-4 * abs(value)


def _are(parts: Sequence[Part]) -> str:
    return "is" if len(parts) == 1 else "are"


def _differ(parts: Sequence[Part]) -> str:
    return "differs" if len(parts) == 1 else "differ"


def _named(parts: Sequence[Part]) -> str:
    labels = [part.label for part in parts]
    return labels[0] if len(labels) == 1 else ", ".join(labels[:-1]) + " and " + labels[-1]


def _non_finite(parts: Sequence[Part], wrong: Sequence[Part], sizes: Sizes) -> Cause | None:
    broken = [part for part in wrong if not np.isfinite(part.given).all()]
    if not broken:
        return None
    return Cause(
        "not finite",
        f"The gradient of {_named(broken)} holds NaN or infinity: an exp that overflows, a log of 0 or a division "
        "by 0. Take the loss from the pre-activations (log-sum-exp).",
    )


def _all_zero(parts: Sequence[Part], wrong: Sequence[Part], sizes: Sizes) -> Cause | None:
    if any(part.given.any() for part in wrong):
        return None
    return Cause("all zero", f"The gradient of {_named(wrong)} is 0 everywhere: it is not filled in, or cut off above.")


def _scaled(parts: Sequence[Part], wrong: Sequence[Part], sizes: Sizes) -> Cause | None:
    """The same factor on everything that is not zero."""
    live = [part for part in parts if np.nanmax(np.abs(part.right), initial=0.0) > 0 or part.given.any()]
    if any(part.passed for part in live):
        return None
    ratio = common_ratio([(part.given, part.right) for part in live])
    return None if ratio is None else meaning_of(ratio, sizes)


def _transposed(parts: Sequence[Part], wrong: Sequence[Part], sizes: Sizes) -> Cause | None:
    turned = [
        part
        for part in wrong
        if part.theta.ndim == 2 and min(part.theta.shape) > 1 and alike(_by_columns(part.given), part.right)
    ]
    if not turned:
        return None
    return Cause(
        "transposed",
        f"The gradient of {_named(turned)} is right but transposed: δᵀ A where Aᵀ δ belongs, or a matrix flattened "
        "column by column.",
    )


def _by_columns(given: Array) -> Array:
    """The matrix that `given` would be had its elements been written down column by column; for squares, its Tᵀ."""
    return given.ravel().reshape(given.shape[::-1]).T


def _penalty(parts: Sequence[Part], wrong: Sequence[Part], sizes: Sizes) -> Cause | None:
    """Off by a constant times the weights, or times their signs."""
    for shape, words in ((lambda w: w, "the weights"), (np.sign, "the weights' signs")):
        gaps = [((part.given - part.right)[part.known], shape(part.theta)[part.known]) for part in wrong]
        constant = common_ratio([(gap, pull) for gap, pull in gaps])
        if constant is None or sum(gap.size for gap, _ in gaps) < 2:
            continue
        on_biases = [part for part in wrong if part.is_bias]
        if constant < 0 and not on_biases:
            return Cause(
                "penalty left out",
                f"In {_named(wrong)} it is short by {-constant:.4g} times {words}: the gradient of the penalty, or a "
                "part of it, is left out.",
            )
        if constant > 0 and on_biases and len(on_biases) == len(wrong):
            return Cause(
                "penalty on biases",
                f"In {_named(wrong)} it is too large by {constant:.4g} times the biases: the penalty's gradient acts "
                "on them, but the loss does not have them in it.",
            )
        return Cause(
            "penalty too large" if constant > 0 else "penalty left out",
            f"In {_named(wrong)} it differs by {constant:.4g} times {words}: the gradient of the penalty has another "
            "strength than the penalty (a factor 2, or n), or acts where the penalty does not.",
        )
    return None


def _bias_only(parts: Sequence[Part], wrong: Sequence[Part], sizes: Sizes) -> Cause | None:
    """Every weight right, biases wrong."""
    if not all(part.is_bias for part in wrong) or all(part.is_bias for part in parts):
        return None
    ratio = common_ratio([(part.given, part.right) for part in wrong])
    averaged = ratio is not None and ratio < 1
    shown = f" (it is {ratio:.4g} times the right one)" if ratio is not None else ""
    return Cause(
        "bias not summed over samples",
        f"Only {_named(wrong)} {_are(wrong)} wrong{shown}: a bias is shared by all samples, so its gradient is the "
        f"sum of δ over them, {'not their mean' if averaged else 'not the δ of one'}.",
    )


def _lower_layers(parts: Sequence[Part], wrong: Sequence[Part], sizes: Sizes) -> Cause | None:
    """Right from some group upwards, wrong in all below it."""
    n_wrong = len(wrong)
    if n_wrong == len(parts) or any(part.passed for part in parts[:n_wrong]):
        return None
    above = parts[n_wrong]
    ratio = common_ratio([(part.given, part.right) for part in wrong])
    where = f"{_named(wrong)} {_are(wrong)} wrong, and from {above.label} upwards all is right"
    if ratio is not None:
        inner = meaning_of(ratio, sizes)
        return Cause(f"{inner.name} below", f"{where}. So it happens on the way down: {inner.sentence}")
    return Cause(
        "activation derivative",
        f"{where}: the error enters between the two. Look at the derivative of the activation there (is it taken at "
        "Z, not at A? is it right on both sides of 0?), then at the product with Wᵀ.",
    )


def _single_precision(parts: Sequence[Part], wrong: Sequence[Part], sizes: Sizes) -> Cause | None:
    for part in wrong:
        size = float(np.nanmax(np.abs(part.right)))
        gap = float(np.nanmax(np.abs(part.given - part.right)))
        rounded = np.array_equal(part.given, part.given.astype(np.float32).astype(np.float64))
        if gap > 1e-3 * size or not rounded:
            return None
    return Cause(
        "single precision",
        f"{_named(wrong)} {_differ(wrong)} only in the last digits, with float32 numbers: the gradient is computed in "
        "single precision. Use float64 to check it.",
    )


def _unknown(wrong: Sequence[Part]) -> Cause:
    part = max(wrong, key=lambda part: float(np.nanmax(np.abs(part.given - part.right), initial=0.0)))
    gap = np.where(part.known, np.abs(part.given - part.right), -1.0)
    where = np.unravel_index(int(gap.argmax()), gap.shape)
    index = ", ".join(str(int(i)) for i in where)
    return Cause(
        "unknown",
        f"{_named(wrong)} {_are(wrong)} wrong, in no way that points to one cause. The largest difference is in "
        f"{part.label} at [{index}]: given {part.given[where]:.6g}, by differences {part.right[where]:.6g}.",
    )
