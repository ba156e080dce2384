r"""Grading other people's gradients: any loss, any gradient, any parameters; no network needed.

The differences (`differences`) know nothing of what is inside, so kinks are found from outside: where slopes to the
left and to the right stay apart, however small the step, J has no derivative, and the parameter is left out: whatever
a gradient has there is a convention. (It need not even lie between the two slopes, where several kinks meet in one
point.) How J is rounded is seen from outside, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import comb
from typing import Any

import numpy as np

from pellucid.gradcheck.causes import Part, likely_causes
from pellucid.gradcheck.differences import Slopes, slopes
from pellucid.gradcheck.experiments import Subject, found_out, layers_of, not_certain
from pellucid.gradcheck.factors import Sizes
from pellucid.gradcheck.given import fitted, habit_of, in_single_precision
from pellucid.gradcheck.verdicts import GradientCheck, GroupCheck, judge, without_misfits
from pellucid.maths.cause import Cause
from pellucid.maths.typing import Array

EPS, SINGLE = float(np.finfo(np.float64).eps), float(np.finfo(np.float32).eps)

FIRST_STEP = 2.0**-6
"""The first h, for parameters of size 1."""

GOOD_ENOUGH = 1e-8
"""A relative error below which no better h is looked for: each costs eight calls."""

Parameters = Array | Sequence[Any] | Mapping[str, Any]


def grade(
    loss: Callable[[Any], object],
    gradient: Callable[[Any], object] | Parameters,
    theta: Parameters,
    *,
    n_samples: int | None = None,
    n_outputs: int | None = None,
    tolerance: float = 1e-5,
) -> GradientCheck:
    r"""Hold any gradient against differences of any loss, and say what is likely wrong.

    Parameters
    ----------
    loss : function of the parameters
        J(θ), a number. It is called with parameters of θ's form; each is a copy.
    gradient : function of the parameters, or its answer
        ∂J/∂θ, of θ's form.
    theta : array, list of arrays, or dictionary of arrays
        Where to look. In the order of the network (W1, b1, W2, b2), so that "wrong below layer 2" can be seen.
    n_samples, n_outputs : int or None
        Let a factor be named with certainty: a ratio of n is the sum for the mean.
    tolerance : float
        The largest relative error of an element that is called right, beyond what the rounding of J explains.

    Returns
    -------
    GradientCheck
        True if nothing is wrong and something is shown to be right; `print` it.

    Raises
    ------
    ValueError
        If the gradient has not θ's form, or the loss is not one finite number.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid import grade
    >>> X, y = np.array([[1.0], [2.0], [4.0]]), np.array([1.0, 3.0, 2.0])
    >>> loss = lambda w: np.mean((X @ w - y) ** 2)
    >>> result = grade(loss, lambda w: 2 * X.T @ (X @ w - y), np.array([0.5]), n_samples=3)
    >>> result.passed, result.causes[0].name
    (False, 'sum, not mean')
    """
    form = _Form.of(theta)
    point = form.flatten(theta)
    first, again = form.call(loss, point), form.call(loss, point)
    if first != again:
        cause = Cause(
            "not repeatable",
            f"The loss differs from call to call at the same point ({first:.6g}, {again:.6g}): something is drawn "
            "anew each time (a dropout mask, a batch). Hold it still: no gradient can be checked against it.",
        )
        blank = tuple(
            GroupCheck(None, n, np.inf, False, 0, np.zeros(s), np.full(s, np.nan), "wrong", "", np.zeros(s))
            for n, s in form.groups
        )
        return GradientCheck(blank, tolerance, (cause,))
    given, causes = _given(form, gradient, point)
    eps = SINGLE if form.single_precision(loss, point) else EPS
    with np.errstate(all="ignore"):  # far from theta a loss may overflow
        found = differences(lambda t: form.number(loss, t), point, eps=eps)
    # Of a gradient made elsewhere it is not known what it was summed from: its largest element stands for that.
    digits = SINGLE if tolerance > SINGLE and in_single_precision(given) else EPS
    groups = []
    for i, (name, _) in enumerate(form.groups):
        part = form.part(given, i)
        slope = Slopes(form.part(found.value, i), form.part(found.error, i), form.part(found.kinked, i))
        rounding = (8 if digits == EPS else 2) * digits * float(np.abs(part).max(initial=0.0))
        groups.append(judge(None, name, part, slope, rounding, tolerance))
    groups = list(without_misfits(groups, causes))
    if not causes and not all(group.passed for group in groups):
        parts = [
            Part(group.label, form.part(point, i), group.analytic, group.measured, group.passed)
            for i, group in enumerate(groups)
        ]
        causes = _causes(form, loss, gradient, point, parts, Sizes(n_samples, n_outputs))
    return GradientCheck(tuple(groups), tolerance, tuple(causes))


def _causes(
    form: _Form, loss: Callable[[Any], object], gradient: Any, point: Array, parts: list[Part], sizes: Sizes
) -> list[Cause]:
    """What the numbers say; where they say nothing, what can be found out by calling the gradient elsewhere."""
    causes = likely_causes(parts, sizes)
    shapes = layers_of([shape for _, shape in form.groups])
    if callable(gradient) and shapes is not None and not_certain(causes):
        subject = Subject(
            lambda t: form.call(loss, t), lambda t: _flat(form, gradient(form.build(t)))[0], point, shapes
        )
        proved = found_out(subject, parts, sizes)
        if proved is not None:
            return [proved]
    return causes


def differences(f: Callable[[Array], float], theta: Array, *, eps: float) -> Slopes:
    """Slopes of f at θ, one parameter after the other; f may answer NaN where it is not defined."""
    value, noise = f(theta), noise_of(f, theta, eps)
    found = Slopes(np.full(theta.size, np.nan), np.full(theta.size, np.inf), np.zeros(theta.size, dtype=bool))
    step = np.nan
    for i in range(theta.size):
        size = max(1.0, abs(float(theta[i])))

        def evaluate(which: Array, steps: Array, i: int = i) -> tuple[Array, Array, Array]:
            moved = np.tile(theta, (len(steps), 1))
            moved[:, i] += steps[:, 0]
            values = np.array([[f(point)] for point in moved])
            change = np.nanmax(np.abs(values - value) / np.abs(steps), initial=0.0)
            rounded = max(noise, 4 * eps * np.nanmax(np.abs(values), initial=0.0)) + eps * abs(theta[i]) * change
            if (values == value).all():  # it may round far above its own size, as the logarithm of nearly 1 does
                rounded = max(rounded, eps * max(1.0, abs(value)))
            return values, np.array([rounded]), np.isfinite(values)

        # Neighbours tend to need the same h, which in a table of raw numbers is far from 1.
        first = 2.0 ** np.floor(np.log2(size)) * FIRST_STEP
        first = first if np.isnan(step) else min(step, first)
        one = slopes(evaluate, np.array([value]), np.array([first]), lambda slope: GOOD_ENOUGH * np.abs(slope))
        step = one.step[0]
        found.value[i], found.error[i], found.kinked[i] = one.value[0], one.error[0], one.kinked[0]
        if not np.isfinite(one.error[0]):  # neither slope nor kink: f answers no number nearby, and has no slope
            found.kinked[i] = True
    return found


def noise_of(f: Callable[[Array], float], theta: Array, eps: float) -> float:
    """How f is rounded near θ, seen by how far it strays from a smooth curve through nine points on a short line.

    The k-th differences of values with independent errors σ have the variance C(2k, k) σ². Short lines show nothing
    where f rounds θ itself (to float32), long ones show how f bends; then its differences of several orders tell
    different σ, and that line does not count.

    Source: Hamming, "Introduction to applied numerical analysis" (1971), chapter 6; Moré, Wild, "Estimating
    computational noise", SIAM Journal on Scientific Computing 33 (2011).
    """
    random = np.random.default_rng(0)
    noise = 4 * eps * abs(f(theta))
    for spacing in (2.0**-44, 2.0**-34, 2.0**-26, 2.0**-18):
        line = spacing * random.choice([-1.0, 1.0], theta.size) * np.maximum(np.abs(theta), 1e-3)
        values = np.array([f(theta + k * line) for k in range(9)])
        if not np.isfinite(values).all():
            continue
        orders = [np.sqrt(np.mean(np.diff(values, k) ** 2) / comb(2 * k, k)) for k in (4, 5, 6)]
        if max(orders) <= 4 * min(orders):
            noise = max(noise, 3 * max(orders))
    return float(noise)


@dataclass(frozen=True)
class _Form:
    """How parameters are held: as one array, a list or a dictionary; and the way to a flat vector and back."""

    kind: str
    groups: tuple[tuple[str, tuple[int, ...]], ...]

    @classmethod
    def of(cls, theta: Parameters) -> _Form:
        if isinstance(theta, Mapping):
            return cls("dict", tuple((str(name), np.shape(value)) for name, value in theta.items()))
        if isinstance(theta, np.ndarray) or np.isscalar(theta):
            return cls("array", (("theta", np.shape(theta)),))
        if all(np.isscalar(value) for value in theta):
            return cls("array", (("theta", (len(theta),)),))
        return cls("list", tuple((f"theta[{i}]", np.shape(value)) for i, value in enumerate(theta)))

    def arrays(self, parameters: Any) -> list[Any]:
        """The parts, in order."""
        if self.kind == "dict":
            if not isinstance(parameters, Mapping) or set(map(str, parameters)) != {name for name, _ in self.groups}:
                names = [name for name, _ in self.groups]
                got = list(parameters) if isinstance(parameters, Mapping) else type(parameters).__name__
                raise ValueError(f"gradient must be a dictionary with the keys of theta, {names}, got {got}")
            return [parameters[name] for name, _ in self.groups]
        if self.kind == "array":
            return [parameters]
        if isinstance(parameters, Mapping) or np.isscalar(parameters) or getattr(parameters, "ndim", 1) == 0:
            raise ValueError(f"gradient must be a list of arrays, as theta is, got {type(parameters).__name__}")
        parts = list(parameters)
        if len(parts) != len(self.groups) and all(np.isscalar(part) or getattr(part, "ndim", 1) == 0 for part in parts):
            raise ValueError(
                f"gradient must hold {len(self.groups)} arrays, as theta does, got {len(parts)} numbers in one flat "
                "answer: cut it into arrays of theta's shapes (np.split and reshape), or hand in theta flat as well"
            )
        if len(parts) != len(self.groups):
            raise ValueError(f"gradient must hold {len(self.groups)} arrays, as theta does, got {len(parts)}")
        return parts

    def flatten(self, parameters: Any) -> Array:
        """All numbers in one float64 vector."""
        return np.concatenate([np.asarray(part, dtype=np.float64).ravel() for part in self.arrays(parameters)])

    def part(self, flat: Array, number: int) -> Array:
        """One group of a flat vector, in its shape."""
        start = sum(int(np.prod(shape)) for _, shape in self.groups[:number])
        shape = self.groups[number][1]
        return flat[start : start + int(np.prod(shape))].reshape(shape)

    def build(self, flat: Array) -> Any:
        """Parameters of this form, copied from a flat vector."""
        parts = [self.part(flat, i).copy() for i in range(len(self.groups))]
        if self.kind == "dict":
            return {name: part for (name, _), part in zip(self.groups, parts, strict=True)}
        return parts[0] if self.kind == "array" else parts

    def call(self, loss: Callable[[Any], object], flat: Array) -> float:
        """The loss at a flat vector."""
        answer = np.asarray(loss(self.build(flat)))
        if answer.size != 1:
            raise ValueError(f"loss must return one number, got an array of shape {answer.shape}: take mean or sum")
        value = float(answer.reshape(()))
        if not np.isfinite(value):
            raise ValueError(f"loss must be finite at theta, got {value}: check for exp and log of large numbers")
        return value

    def number(self, loss: Callable[[Any], object], flat: Array) -> float:
        """The loss at a flat vector, NaN where it is not defined."""
        try:
            answer = np.asarray(loss(self.build(flat)))
        except (ArithmeticError, ValueError):  # math.log(-1), math.exp(1000)
            return float("nan")
        return float(answer.reshape(()))

    def single_precision(self, loss: Callable[[Any], object], flat: Array) -> bool:
        """Whether the loss is computed in float32, by its type or by the digits it has at several points."""
        answers = [np.asarray(loss(self.build(point))) for point in (flat, *(flat + 1e-2 * k for k in range(1, 4)))]
        numbers = np.array([float(answer.reshape(())) for answer in answers])
        return answers[0].dtype == np.float32 or (in_single_precision(numbers) and len(set(numbers)) > 2)


def _given(form: _Form, gradient: Any, point: Array) -> tuple[Array, list[Cause]]:
    """The gradient as a flat vector, and what can be said of it before looking at its numbers."""
    if not callable(gradient):
        return _flat(form, gradient)
    parameters = form.build(point)
    flat, causes = _flat(form, gradient(parameters))
    habit = habit_of(flat, lambda: _flat(form, gradient(form.build(point)))[0], point, lambda: form.flatten(parameters))
    return flat, [*causes, *([] if habit is None else [habit])]


def _flat(form: _Form, answer: Any) -> tuple[Array, list[Cause]]:
    fits = [fitted(part, shape, name) for part, (name, shape) in zip(form.arrays(answer), form.groups, strict=True)]
    return np.concatenate([array.ravel() for array, _ in fits]), [cause for _, cause in fits if cause is not None]
