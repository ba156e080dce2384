r"""Check of a derivative df of an elementwise function f against finite differences.

`grade_derivative` checks any pair; `custom_functions` uses it for the functions of a network.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pellucid.gradcheck.evidence import AGREEMENT, agree, common_ratio
from pellucid.gradcheck.finite_differences import DerivativeEstimate, differentiate
from pellucid.gradcheck.user_gradient import in_single_precision
from pellucid.gradcheck.verdicts import SAFETY_FACTOR
from pellucid.maths.cause import Cause
from pellucid.maths.typing import Array

EPS, SINGLE = float(np.finfo(np.float64).eps), float(np.finfo(np.float32).eps)

INITIAL_STEP = 2.0**-5
"""The first h, for |z| up to 1."""

MAX_RELATIVE_ERROR = 1e-3
"""Error bound, relative to 1 + |f′|, above which a finite difference is useless."""


@dataclass(frozen=True)
class DerivativeGrade:
    """Whether df is the derivative of f; true if it is and something could be checked. `print` it.

    Attributes
    ----------
    passed : bool
    error : float
        The largest |df(z) − f′(z)| over 1 + |f′(z)|, beyond the rounding error of f, without kinks.
    at : float
        The z of the largest error.
    given, right : float
        df(z) and the finite difference there.
    kinks : tuple of float
        The tested z where f has a kink.
    causes : tuple of Cause
    undetermined : tuple of float
        The tested z where the rounding error of f is too large.
    n_points : int
        Number of tested z.
    """

    passed: bool
    error: float
    at: float
    given: float
    right: float
    kinks: tuple[float, ...]
    causes: tuple[Cause, ...]
    undetermined: tuple[float, ...] = ()
    n_points: int = 0

    @property
    def determined(self) -> bool:
        """Whether anything could be checked."""
        return not self.passed or len(self.kinks) + len(self.undetermined) < max(self.n_points, 1)

    @property
    def verdict(self) -> str:
        """The result in sentences."""
        sentences = [cause.sentence for cause in self.causes]
        if self.passed:
            sentences = ["The derivative is right." if self.determined else "Nothing could be checked."]
        if self.kinks:
            are = "is a kink" if len(self.kinks) == 1 else "are kinks"
            sentences.append(f"At {_places(self.kinks)} there {are}: f has no derivative there, so df was not checked.")
        if self.undetermined:
            sentences.append(
                f"At {_places(self.undetermined)} it is undetermined: the rounding error of f is too large for its "
                "derivative to be measured. Compute f in float64, or try other z."
            )
        return " ".join(sentences)

    def __bool__(self) -> bool:
        return self.passed and self.determined

    def __str__(self) -> str:
        if not self.determined:
            return f"derivative: nothing could be checked\n{self.verdict}"
        head = f"derivative: {'passed' if self.passed else 'FAILED'} (error {self.error:.1e} at z = {self.at:g})"
        return f"{head}\n{self.verdict}"


def _places(points: tuple[float, ...]) -> str:
    """A few z as a list, many as a range."""
    if len(points) <= 4:
        return "z = " + ", ".join(f"{z:g}" for z in points)
    return f"{len(points)} z from {min(points):g} to {max(points):g}"


def grade_derivative(
    f: Callable[[Array], object],
    df: Callable[[Array], object],
    at: object = None,
    *,
    tolerance: float = 1e-6,
) -> DerivativeGrade:
    r"""Compare df(z) with finite differences of f, element by element.

    Parameters
    ----------
    f, df : functions of an array
        Each element of the result depends only on the same element of the argument.
    at : array or None
        The z to test; None takes 201 from −5 to 5, 0 among them.
    tolerance : float
        The largest |df(z) − f′(z)|/(1 + |f′(z)|) that passes.

    Returns
    -------
    DerivativeGrade

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid import grade_derivative
    >>> bool(grade_derivative(np.tanh, lambda z: 1 - np.tanh(z) ** 2))
    True
    >>> elu = lambda z: np.where(z > 0, z, 2 * np.expm1(np.minimum(z, 0)))
    >>> wrong = grade_derivative(elu, lambda z: np.where(z > 0, 0, 2 * np.exp(z)))
    >>> wrong.causes[0].sentence
    'It is wrong for z > 0 only: at z = 0.05 it gives 0, and f has the slope 1.'
    """
    points = np.linspace(-5, 5, 201) if at is None else np.unique(np.asarray(at, dtype=np.float64).ravel())
    found = _estimate(lambda z: _numbers("f", f, z), points)
    right, kinked = found.value, found.kinked
    given = _numbers("df", df, points)
    with np.errstate(invalid="ignore"):
        gap = np.abs(given - right)
        uncertain = ~kinked & (SAFETY_FACTOR * found.error > MAX_RELATIVE_ERROR * (1 + np.abs(right)))
        errors = np.where(kinked, 0.0, (gap - np.minimum(gap, SAFETY_FACTOR * found.error)) / (1 + np.abs(right)))
    errors = np.where(np.isnan(errors), np.inf, errors)
    worst = int(errors.argmax())
    passed = bool(errors[worst] <= tolerance)
    causes = () if passed else (_cause(f, df, points, given, right, errors, kinked, tolerance),)
    return DerivativeGrade(
        passed,
        float(errors[worst]),
        float(points[worst]),
        float(given[worst]),
        float(right[worst]),
        tuple(float(z) for z in points[kinked]),
        causes,
        tuple(float(z) for z in points[uncertain & ~(errors > tolerance)]),
        len(points),
    )


def _numbers(name: str, function: Callable[[Array], object], z: Array) -> Array:
    try:
        given = np.asarray(function(z.copy()))
    except TypeError as error:
        if "array" not in str(error):
            raise
        written = getattr(function, "__name__", name)
        module = getattr(function, "__module__", "")
        instead = f": np.{written}, not math.{written}" if module == "math" else ": use NumPy's functions, not math's"
        raise TypeError(f"{name} must take arrays{instead} ({error})") from error
    if given.dtype == bool:
        raise TypeError(
            f"{name} must answer with numbers, got True and False: write np.where(z > 0, 1.0, 0.0), or (z > 0) * 1.0"
        )
    answer = given.astype(np.float64)
    if answer.shape != z.shape:
        if answer.ndim == 0:
            return np.full(z.shape, float(answer))
        raise ValueError(f"{name} must answer an array of shape {z.shape} with one of that shape, got {answer.shape}")
    return answer


def _derivatives(f: Callable[[Array], Array], z: Array) -> tuple[Array, Array]:
    """f′ at each z (NaN if undetermined), and the mask of kinks."""
    found = _estimate(f, z)
    return found.value, found.kinked


def _estimate(f: Callable[[Array], Array], z: Array) -> DerivativeEstimate:
    """Finite differences of f at each z; a jump, or an undefined value nearby, counts as a kink."""
    with np.errstate(all="ignore"):
        here = f(z)
        eps = SINGLE if in_single_precision(here) and in_single_precision(f(z + 0.0123)) else EPS

        def evaluate(which: Array, steps: Array) -> tuple[Array, Array, Array]:
            values = np.empty(steps.shape)
            for row, step in zip(values, steps, strict=True):
                moved = z.copy()
                moved[which] += step
                row[:] = f(moved)[which]
            known = np.where(np.isfinite(values), values, here[which])
            change = np.abs((known - here[which]) / steps).max(axis=0)
            return values, eps * (4 * np.abs(known).max(axis=0) + np.abs(z[which]) * change), np.isfinite(values)

        start = INITIAL_STEP * 2.0 ** np.floor(np.log2(np.maximum(1, np.abs(z))))
        found = differentiate(evaluate, here, start)
    return DerivativeEstimate(found.value, found.error, found.kinked | ~np.isfinite(found.error), found.step)


def _right_at_output(
    f: Callable[[Array], object], df: Callable[[Array], object], z: Array, right: Array, fine: Array, tolerance: float
) -> bool:
    """Whether df(f(z)) is f′(z)."""
    with np.errstate(all="ignore"):
        through = _numbers("df", df, _numbers("f", f, z))
        close = np.abs(through - right) <= tolerance * (1 + np.abs(right))
    return bool(close[fine & ~np.isnan(right)].all())


def _cause(
    f: Callable[[Array], object],
    df: Callable[[Array], object],
    z: Array,
    given: Array,
    right: Array,
    errors: Array,
    kinked: Array,
    tolerance: float,
) -> Cause:
    wrong = (errors > tolerance) & ~kinked
    example = int(np.flatnonzero(wrong)[0])
    shown = f"at z = {z[example]:.4g} it gives {given[example]:.4g}, and f has the slope {right[example]:.4g}"
    if not np.isfinite(given[wrong]).all():
        bad = float(z[wrong & ~np.isfinite(given)][0])
        return Cause("not finite", f"It is NaN or infinite at z = {bad:.4g}: an exp that overflows, or 0/0.")
    fine = ~kinked
    ratio = common_ratio([(given[fine], right[fine])])
    if ratio is not None:
        name = "sign flipped" if abs(ratio + 1) < 1e-4 else "constant factor"
        return Cause(name, f"It is {ratio:.6g} times the right one everywhere: {shown}.")
    for side, where in (("z > 0", z > 0), ("z < 0", z < 0)):
        if (wrong <= where).all() and not (wrong & ~where).any():
            return Cause("one side", f"It is wrong for {side} only: {shown}.")
    if _right_at_output(f, df, z, right, fine, tolerance):
        return Cause(
            "formula in a, given z",
            f"It is right if it is given a = f(z): a formula in the output a (as 1 − a² of tanh), given z: {shown}.",
        )
    at_output, _ = _derivatives(lambda t: _numbers("f", f, t), _numbers("f", f, z))
    if agree(given[fine], np.where(np.isnan(at_output), right, at_output)[fine]):
        return Cause("taken at f(z)", f"It is the derivative at f(z), not at z: {shown}.")
    total = int(fine.sum())
    places = "at every point that was tried" if wrong[fine].all() else f"at {int(wrong[fine].sum())} of {total} points"
    return Cause("wrong", f"It is wrong {places}: {shown}.")


def elementwise_derivatives(value: Callable[[Array], Array], A: Array) -> tuple[Array, Array]:
    """∂ℓᵢ/∂aᵢⱼ column by column, for all rows at once, and the mask of unknown elements."""
    values, kinked = np.empty_like(A), np.zeros(A.shape, dtype=bool)
    for j in range(A.shape[1]):

        def along(column: Array, j: int = j) -> Array:
            moved = A.copy()
            moved[:, j] = column
            return value(moved)

        found = _estimate(along, A[:, j].copy())
        uncertain = SAFETY_FACTOR * found.error > AGREEMENT / 4 * np.abs(found.value[~found.kinked]).max(initial=0.0)
        values[:, j], kinked[:, j] = found.value, found.kinked | uncertain
    return values, kinked
