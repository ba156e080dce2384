r"""Check of any gradient against finite differences of any loss; no network needed.

The loss is a black box, so kinks are detected from outside: if the one-sided derivatives differ at every step size, J
has no derivative, and the parameter is left out, because its gradient is a convention. (If several kinks meet in one
point, it need not even lie between the one-sided derivatives.) The rounding error of J is estimated from outside, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import comb
from typing import Any

import numpy as np

from pellucid.gradcheck.causes import likely_causes
from pellucid.gradcheck.evidence import GroupEvidence
from pellucid.gradcheck.experiments import BlackBox, cause_by_experiment, is_ambiguous, layer_shapes
from pellucid.gradcheck.factors import Sizes
from pellucid.gradcheck.finite_differences import DerivativeEstimate, differentiate
from pellucid.gradcheck.user_gradient import as_shape, in_single_precision, side_effect_of
from pellucid.gradcheck.verdicts import GradientCheck, GroupCheck, compare, fail_misshapen
from pellucid.maths.cause import Cause
from pellucid.maths.typing import Array

EPS, SINGLE = float(np.finfo(np.float64).eps), float(np.finfo(np.float32).eps)

INITIAL_STEP = 2.0**-6
"""The first h, for parameters of size 1."""

TARGET_ACCURACY = 1e-8
"""Relative error at which the search for a better h ends: each h costs eight calls."""

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
    r"""Check any gradient against finite differences of any loss, and name the likely mistake.

    Parameters
    ----------
    loss : function of the parameters
        J(θ), a number. It is called with copies of parameters in the structure of `theta`.
    gradient : function of the parameters, or its result
        ∂J/∂θ, in the structure of `theta`.
    theta : array, list of arrays, or dictionary of arrays
        The point of the check. In the order of the network (W1, b1, W2, b2) errors can be located by layer.
    n_samples, n_outputs : int or None
        To explain factors: a ratio of n is the sum in place of the mean.
    tolerance : float
        Largest relative error of a right element, beyond the rounding error of J.

    Returns
    -------
    GradientCheck
        True if nothing is wrong and something is shown to be right; `print` it.

    Raises
    ------
    ValueError
        If the gradient does not have the structure of `theta`, or the loss is not one finite number.

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
    structure = _Structure.of(theta)
    point = structure.flatten(theta)
    first, again = structure.call(loss, point), structure.call(loss, point)
    if first != again:
        cause = Cause(
            "not repeatable",
            f"The loss differs from call to call at the same point ({first:.6g}, {again:.6g}): something is "
            "drawn at random each time (a dropout mask, a batch). Fix it: no gradient can be checked against it.",
        )
        blank = tuple(
            GroupCheck(None, n, np.inf, False, 0, np.zeros(s), np.full(s, np.nan), "wrong", "", np.zeros(s))
            for n, s in structure.groups
        )
        return GradientCheck(blank, tolerance, (cause,))
    given, causes = _evaluate_gradient(structure, gradient, point)
    eps = SINGLE if structure.single_precision(loss, point) else EPS
    with np.errstate(all="ignore"):  # far from theta a loss may overflow
        found = numeric_gradient(lambda t: structure.number(loss, t), point, eps=eps)
    # The terms summed in a foreign gradient are unknown: its largest element stands for their size.
    digits = SINGLE if tolerance > SINGLE and in_single_precision(given) else EPS
    groups = []
    for i, (name, _) in enumerate(structure.groups):
        part = structure.part(given, i)
        estimate = DerivativeEstimate(
            structure.part(found.value, i), structure.part(found.error, i), structure.part(found.kinked, i)
        )
        rounding = (8 if digits == EPS else 2) * digits * float(np.abs(part).max(initial=0.0))
        groups.append(compare(None, name, part, estimate, rounding, tolerance))
    groups = list(fail_misshapen(groups, causes))
    if not causes and not all(group.passed for group in groups):
        parts = [
            GroupEvidence(group.label, structure.part(point, i), group.analytic, group.measured, group.passed)
            for i, group in enumerate(groups)
        ]
        causes = _causes(structure, loss, gradient, point, parts, Sizes(n_samples, n_outputs))
    return GradientCheck(tuple(groups), tolerance, tuple(causes))


def _causes(
    structure: _Structure,
    loss: Callable[[Any], object],
    gradient: Any,
    point: Array,
    parts: list[GroupEvidence],
    sizes: Sizes,
) -> list[Cause]:
    """The cause by the numbers; if they are not conclusive, by calling the gradient at other parameters."""
    causes = likely_causes(parts, sizes)
    shapes = layer_shapes([shape for _, shape in structure.groups])
    if callable(gradient) and shapes is not None and is_ambiguous(causes):
        box = BlackBox(
            lambda t: structure.call(loss, t),
            lambda t: _flat(structure, gradient(structure.build(t)))[0],
            point,
            shapes,
        )
        proved = cause_by_experiment(box, parts, sizes)
        if proved is not None:
            return [proved]
    return causes


def numeric_gradient(f: Callable[[Array], float], theta: Array, *, eps: float) -> DerivativeEstimate:
    """∂f/∂θ by finite differences, one parameter at a time; f may return NaN if it is not defined."""
    value, noise = f(theta), estimate_noise(f, theta, eps)
    found = DerivativeEstimate(
        np.full(theta.size, np.nan), np.full(theta.size, np.inf), np.zeros(theta.size, dtype=bool)
    )
    step = np.nan
    for i in range(theta.size):
        size = max(1.0, abs(float(theta[i])))

        def evaluate(which: Array, steps: Array, i: int = i) -> tuple[Array, Array, Array]:
            moved = np.tile(theta, (len(steps), 1))
            moved[:, i] += steps[:, 0]
            values = np.array([[f(point)] for point in moved])
            change = np.nanmax(np.abs(values - value) / np.abs(steps), initial=0.0)
            rounded = max(noise, 4 * eps * np.nanmax(np.abs(values), initial=0.0)) + eps * abs(theta[i]) * change
            if (values == value).all():  # its rounding error may exceed its own size, as in the logarithm of nearly 1
                rounded = max(rounded, eps * max(1.0, abs(value)))
            return values, np.array([rounded]), np.isfinite(values)

        # Neighbouring parameters tend to need the same h, which is far from 1 for unscaled data.
        first = 2.0 ** np.floor(np.log2(size)) * INITIAL_STEP
        first = first if np.isnan(step) else min(step, first)
        one = differentiate(
            evaluate, np.array([value]), np.array([first]), lambda value: TARGET_ACCURACY * np.abs(value)
        )
        step = one.step[0]
        found.value[i], found.error[i], found.kinked[i] = one.value[0], one.error[0], one.kinked[0]
        if not np.isfinite(one.error[0]):  # neither derivative nor kink: f is not defined nearby
            found.kinked[i] = True
    return found


def estimate_noise(f: Callable[[Array], float], theta: Array, eps: float) -> float:
    """Rounding error of f near θ, from the deviation of nine points on a short line from a smooth curve.

    The k-th differences of values with independent errors σ have the variance C(2k, k) σ². A line is used only if
    several orders k give the same σ: too short a line shows nothing if f rounds θ itself (to float32), and along too
    long a line f bends.

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
class _Structure:
    """The structure of the parameters (array, list or dictionary), with conversion to a flat vector and back."""

    kind: str
    groups: tuple[tuple[str, tuple[int, ...]], ...]

    @classmethod
    def of(cls, theta: Parameters) -> _Structure:
        if isinstance(theta, Mapping):
            return cls("dict", tuple((str(name), np.shape(value)) for name, value in theta.items()))
        if isinstance(theta, np.ndarray) or np.isscalar(theta):
            return cls("array", (("theta", np.shape(theta)),))
        if all(np.isscalar(value) for value in theta):
            return cls("array", (("theta", (len(theta),)),))
        return cls("list", tuple((f"theta[{i}]", np.shape(value)) for i, value in enumerate(theta)))

    def arrays(self, parameters: Any) -> list[Any]:
        """The arrays, in order."""
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
        """Parameters in this structure, copied from a flat vector."""
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
        """The loss at a flat vector, NaN if it is not defined."""
        try:
            answer = np.asarray(loss(self.build(flat)))
        except (ArithmeticError, ValueError):  # math.log(-1), math.exp(1000)
            return float("nan")
        return float(answer.reshape(()))

    def single_precision(self, loss: Callable[[Any], object], flat: Array) -> bool:
        """Whether the loss is computed in float32, by its dtype or by its digits at several points."""
        answers = [np.asarray(loss(self.build(point))) for point in (flat, *(flat + 1e-2 * k for k in range(1, 4)))]
        numbers = np.array([float(answer.reshape(())) for answer in answers])
        return answers[0].dtype == np.float32 or (in_single_precision(numbers) and len(set(numbers)) > 2)


def _evaluate_gradient(structure: _Structure, gradient: Any, point: Array) -> tuple[Array, list[Cause]]:
    """The gradient as a flat vector, and causes that show before its numbers are compared."""
    if not callable(gradient):
        return _flat(structure, gradient)
    parameters = structure.build(point)
    flat, causes = _flat(structure, gradient(parameters))
    side_effect = side_effect_of(
        flat,
        lambda: _flat(structure, gradient(structure.build(point)))[0],
        point,
        lambda: structure.flatten(parameters),
    )
    return flat, [*causes, *([] if side_effect is None else [side_effect])]


def _flat(structure: _Structure, answer: Any) -> tuple[Array, list[Cause]]:
    fits = [
        as_shape(part, shape, name)
        for part, (name, shape) in zip(structure.arrays(answer), structure.groups, strict=True)
    ]
    return np.concatenate([array.ravel() for array, _ in fits]), [cause for _, cause in fits if cause is not None]
