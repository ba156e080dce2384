r"""Grading other people's gradients: any loss, any gradient, any parameters; no network needed.

The differences know nothing of what is inside, so kinks are found from outside: a difference with step h and one with
h/4 agree where J is smooth, and do not where a kink lies between. Where they never agree, J has no derivative, and the
parameter is left out: whatever a gradient has there is a convention. (It need not even lie between the slopes to the
left and to the right, where several kinks meet in one point.)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pellucid.maths.cause import Cause
from pellucid.maths.typing import Array
from pellucid.network.causes import Part, likely_causes
from pellucid.network.experiments import Subject, found_out, layers_of, not_certain
from pellucid.network.factors import Sizes
from pellucid.network.given import fitted, habit_of
from pellucid.network.gradient_check import GradientCheck, GroupCheck, judge, without_misfits
from pellucid.network.probe import POINTS, SMALLER_STEPS, central_difference, side_gap

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
        The largest relative error of a group that passes; looser for a loss in float32.

    Returns
    -------
    GradientCheck
        True if all is right; `print` it.

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
        blank = tuple(GroupCheck(None, n, np.inf, False, 0, np.zeros(s), np.full(s, np.nan)) for n, s in form.groups)
        return GradientCheck(blank, tolerance, (cause,))
    given, causes = _given(form, gradient, point)
    single = form.single_precision(loss, point)
    if single:
        tolerance = max(tolerance, 1e-2)
    slopes, noise = differences(
        lambda t: form.call(loss, t), point, eps=float(np.finfo(np.float32 if single else np.float64).eps)
    )
    groups = tuple(
        judge(None, name, form.part(given, i), form.part(slopes, i), form.part(noise, i), tolerance)
        for i, (name, _) in enumerate(form.groups)
    )
    groups = without_misfits(groups, causes)
    if not causes and not all(group.passed for group in groups):
        parts = [
            Part(group.label, form.part(point, i), group.analytic, group.numeric, group.passed)
            for i, group in enumerate(groups)
        ]
        causes = _causes(form, loss, gradient, point, parts, Sizes(n_samples, n_outputs))
    return GradientCheck(groups, tolerance, tuple(causes))


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


def differences(f: Callable[[Array], float], theta: Array, *, eps: float) -> tuple[Array, Array]:
    """Slopes of f at θ (NaN at kinks), and what rounding may do to them."""
    slopes, noise = np.full(theta.size, np.nan), np.zeros(theta.size)
    value, step = f(theta), eps**0.2

    for i in range(theta.size):

        def along(t: float, i: int = i) -> float:
            moved = theta.copy()
            moved[i] += t
            return f(moved)

        size = max(1.0, abs(float(theta[i])))
        for factor in SMALLER_STEPS:
            h = factor * step * size
            wide_points, narrow_points = [along(k * h) for k in POINTS], [along(k * h / 4) for k in POINTS]
            wide, narrow = central_difference(wide_points, h), central_difference(narrow_points, h / 4)
            wide_gap, narrow_gap = side_gap(value, wide_points, h), side_gap(value, narrow_points, h / 4)
            rounded = 40 * eps * max(abs(value), 1e-300) / h
            smooth = abs(wide - narrow) <= 1e-3 * eps**0.25 * max(abs(wide), abs(narrow)) + rounded
            # A symmetric kink right here deceives both differences alike; the gap between its sides stays.
            if smooth and not (narrow_gap > 0.5 * wide_gap and narrow_gap > 1e-4 * abs(wide) + 10 * rounded):
                slopes[i], noise[i] = wide, 2 * rounded
                break
    return slopes, noise


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

    def single_precision(self, loss: Callable[[Any], object], flat: Array) -> bool:
        """Whether the loss is computed in float32."""
        return np.asarray(loss(self.build(flat))).dtype == np.float32


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
