"""The likely reason for a constant factor on a gradient: n samples, k outputs, a learning rate, a sign."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pellucid.maths.cause import Cause


@dataclass(frozen=True)
class Sizes:
    """Problem sizes that often appear as wrong factors: n samples, k outputs; None if unknown."""

    n: int | None = None
    k: int | None = None
    reduction: str = "mean"


RATES = tuple(digit * 10.0**power for power in range(-5, 0) for digit in (1, 2, 3, 5))
"""Common learning rates."""


def is_close(ratio: float, value: float) -> bool:
    """Whether a measured ratio is this number, to the accuracy of finite differences."""
    return abs(ratio - value) <= 1e-4 * abs(value)


def lower_first(sentence: str) -> str:
    """The sentence with its first letter in lower case, to follow a comma or a colon."""
    return sentence[:1].lower() + sentence[1:] if sentence[1:2].islower() else sentence


def explain_factor(ratio: float, sizes: Sizes) -> Cause:
    """The cause of a gradient that is `ratio` times the right one, with all explanations of the number.

    >>> [explain_factor(ratio, Sizes(n=40)).name for ratio in (40.0, -0.1, 0.1)]
    ['sum, not mean', 'the step, not the gradient', 'a rate in it']
    >>> explain_factor(0.1, Sizes(n=10)).name
    'averaged twice or a rate in it'
    """
    if is_close(ratio, -1):
        return Cause(
            "sign flipped", "It is the right one times −1: the sign is flipped (y − a for a − y, or the step's sign)."
        )
    size = abs(ratio)
    readings = [*_of_samples(size, sizes), *_of_outputs(size, sizes), *_of_halves(size)]
    if ratio > 0:
        readings += _of_rates(size)
        return (
            _unrecognised(size, sizes)
            if not readings or _is_only_a_rate(size, readings, sizes)
            else _combined(readings)
        )
    flipped = [
        Cause(f"sign flipped, {one.name}", f"The sign is flipped. Besides, up to the sign, {lower_first(one.sentence)}")
        for one in readings
    ]
    if _is_rate(size):
        words = f"It is {ratio:.6g} times the right one. This looks like the step −η g with η = {size:.6g}: "
        flipped.insert(0, Cause("the step, not the gradient", words + "the change of θ, not the gradient g."))
    if flipped:
        return _combined(flipped)
    inner = _unrecognised(size, sizes)
    return Cause(
        f"sign flipped, {inner.name}", f"The sign is flipped. Besides, up to the sign, {lower_first(inner.sentence)}"
    )


def _is_only_a_rate(ratio: float, readings: list[Cause], sizes: Sizes) -> bool:
    """Whether a rate is the only explanation, while an unknown number of samples is as likely."""
    only_a_rate = [one.name for one in readings] == ["a rate in it"]
    return only_a_rate and sizes.n is None and is_close(1 / ratio, round(1 / ratio))


def _of_samples(ratio: float, sizes: Sizes) -> list[Cause]:
    n = sizes.n
    if not n or n < 2:
        return []
    found = []
    if is_close(ratio, n):
        words = f"It is {n} times the right one, and there are {n} samples: it is the sum over the samples where "
        found.append(Cause("sum, not mean", words + "the loss takes their mean. Divide by n, once."))
    if is_close(ratio, 1 / n):
        words = f"It is 1/{n} of the right one, and there are {n} samples: it "
        found.append(
            Cause("averaged twice", words + "is divided by n once too often (in δ and again in dW, perhaps).")
            if sizes.reduction == "mean"
            else Cause("mean, not sum", words + "is the mean over the samples where the loss takes their sum.")
        )
    if is_close(ratio, float(np.sqrt(n))) or is_close(ratio, 1 / float(np.sqrt(n))):
        shown = "√n" if ratio > 1 else "1/√n"
        words = f"It is {ratio:.6g} times the right one, which is {shown} for the {n} samples: "
        found.append(Cause("root of n", words + "the mean divides by n, not by √n."))
    return found


def _of_outputs(ratio: float, sizes: Sizes) -> list[Cause]:
    n, k = sizes.n, sizes.k
    if not k or k < 2:
        return []
    found = []
    if is_close(ratio, k):
        words = f"It is {k} times the right one, and there are {k} outputs: the loss takes the mean over the outputs, "
        found.append(Cause("outputs counted twice", words + "its gradient their sum."))
    if is_close(ratio, 1 / k):
        words = f"It is 1/{k} of the right one, and there are {k} outputs: the loss takes the sum over the outputs, "
        found.append(Cause("outputs averaged twice", words + "its gradient their mean."))
    if n and n > 1 and is_close(ratio, n * k):
        words = f"It is {n * k} = {n} · {k} times the right one: samples and outputs are summed."
        found.append(Cause("sum, not mean", words))
    if n and n > 1 and is_close(ratio, 1 / (n * k)):
        words = f"It is 1/{n * k} of the right one, 1/({n} · {k}): samples and outputs are averaged once too often."
        found.append(Cause("averaged twice", words))
    return found


def _of_halves(ratio: float) -> list[Cause]:
    if is_close(ratio, 2):
        words = "It is twice the right one: the loss has a factor ½ that its gradient has not."
        return [Cause("factor 2", words)]
    if is_close(ratio, 0.5):
        return [Cause("factor 2", "It is half the right one: the loss lacks a factor ½, or the 2 of a square is lost.")]
    return []


def _of_rates(ratio: float) -> list[Cause]:
    if not _is_rate(ratio):
        return []
    words = f"It is {ratio:.6g} times the right one: has a learning rate of {ratio:.6g} been multiplied in? "
    return [Cause("a rate in it", words + "The rate belongs to the step, not to the gradient.")]


def _is_rate(ratio: float) -> bool:
    return any(is_close(ratio, rate) for rate in RATES)


def _combined(readings: list[Cause]) -> Cause:
    names = list(dict.fromkeys(reading.name for reading in readings))
    return Cause(" or ".join(names), " Or: ".join(dict.fromkeys(reading.sentence for reading in readings)))


def _unrecognised(ratio: float, sizes: Sizes) -> Cause:
    """A factor without explanation."""
    shown = f"{ratio:.6g}"
    whole, part = round(ratio), round(1 / ratio)
    if whole > 2 and is_close(ratio, whole) and sizes.n is None:
        words = f"It is {shown} times the right one. If {whole} is the number of samples, it is their sum where the "
        words += "loss takes the mean; if it is the number of outputs, they are summed where the loss takes the mean."
        return Cause("constant factor", words)
    if part > 1 and is_close(ratio, 1 / part) and sizes.n is None:
        words = f"It is 1/{part} of the right one. If {part} is the number of samples (or of outputs), it is divided "
        words += "by it once too often."
        if _is_rate(ratio):
            words += f" If not, a learning rate of {shown} may have been multiplied in."
        return Cause("constant factor", words + " (Pass `n_samples` and `n_outputs` to decide.)")
    return Cause("constant factor", f"It is {shown} times the right one everywhere: look for a factor that is lost.")
