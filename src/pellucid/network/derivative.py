r"""Do a function and its derivative belong together? For functions of one number, applied to each element.

`grade_derivative` asks it of any pair; `formulas` asks it of the functions of a network.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pellucid.maths.cause import Cause
from pellucid.maths.typing import Array
from pellucid.network.causes import alike, common_ratio
from pellucid.network.probe import POINTS, STEP, central_difference, side_gap

KINK = 1e-4
"""Left and right slopes further apart than this share of their size are two slopes."""


@dataclass(frozen=True)
class DerivativeGrade:
    """Whether df is the derivative of f; true where it is. `print` it.

    Attributes
    ----------
    passed : bool
    error : float
        The largest |df(z) − f′(z)| over 1 + |f′(z)|, kinks left out.
    at : float
        The z of the largest error.
    given, right : float
        df(z) and the difference quotient there.
    kinks : tuple of float
        The z, of those that were tried, where f has two slopes.
    causes : tuple of Cause
    """

    passed: bool
    error: float
    at: float
    given: float
    right: float
    kinks: tuple[float, ...]
    causes: tuple[Cause, ...]

    @property
    def verdict(self) -> str:
        """What is to be said, in sentences."""
        sentences = ["The derivative is right."] if self.passed else [cause.sentence for cause in self.causes]
        if self.kinks:
            places = ", ".join(f"{z:g}" for z in self.kinks)
            sentences.append(f"At z = {places} there is a kink: f has two slopes, none was held against df.")
        return " ".join(sentences)

    def __bool__(self) -> bool:
        return self.passed

    def __str__(self) -> str:
        head = f"derivative: {'passed' if self.passed else 'FAILED'} (error {self.error:.1e} at z = {self.at:g})"
        return f"{head}\n{self.verdict}"


def grade_derivative(
    f: Callable[[Array], object],
    df: Callable[[Array], object],
    at: object = None,
    *,
    tolerance: float = 1e-6,
) -> DerivativeGrade:
    r"""Hold df(z) against the 4th-order central difference of f, element by element.

    Parameters
    ----------
    f, df : functions of an array
        Each element of the answer depends on that element of the argument alone.
    at : array or None
        The z to try; None takes 201 from −5 to 5, 0 among them.
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
    right, kinked = _slopes(lambda z: _numbers("f", f, z), points)
    given = _numbers("df", df, points)
    with np.errstate(invalid="ignore"):
        errors = np.where(kinked, 0.0, np.abs(given - right) / (1 + np.abs(right)))
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


def _slopes(f: Callable[[Array], Array], z: Array) -> tuple[Array, Array]:
    """f′ at each z, and where f has two slopes. A smaller h tells: across a kink, two differences do not agree."""
    with np.errstate(all="ignore"):
        here = f(z)
        slopes = np.full(z.shape, np.nan)
        open_ = np.ones(z.shape, dtype=bool)
        for factor in (1.0, 0.1, 0.01):
            h = factor * STEP * np.maximum(1.0, np.abs(z))
            wide_points, narrow_points = [f(z + k * h) for k in POINTS], [f(z + k * h / 4) for k in POINTS]
            wide, narrow = central_difference(wide_points, h), central_difference(narrow_points, h / 4)
            rounded = 1e-13 * np.abs(here) / h
            agree = np.abs(wide - narrow) <= 1e-7 * (1 + np.abs(narrow)) + rounded
            # A symmetric kink right here deceives both differences alike; the gap between its sides stays.
            wide_gap, narrow_gap = side_gap(here, wide_points, h), side_gap(here, narrow_points, h / 4)
            agree &= ~((narrow_gap > 0.5 * wide_gap) & (narrow_gap > KINK * (1 + np.abs(narrow)) + 10 * rounded))
            slopes = np.where(open_ & agree, wide, slopes)
            open_ &= ~agree
        h = 1e-6 * np.maximum(1.0, np.abs(z))
        above, below = (f(z + h) - here) / h, (here - f(z - h)) / h
        kinked = open_ & (np.abs(above - below) > KINK * (1 + np.maximum(np.abs(above), np.abs(below))))
        # f itself may jump, or be undefined: then no slope is held against df.
        kinked |= open_ & ~(np.isfinite(above) & np.isfinite(below))
        return np.where(open_ & ~kinked, (above + below) / 2, slopes), kinked


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
    at_output, _ = _slopes(lambda t: _numbers("f", f, t), _numbers("f", f, z))
    if alike(given[fine], np.where(np.isnan(at_output), right, at_output)[fine]):
        return Cause("taken at f(z)", f"It is the derivative at f(z), not at z: {shown}.")
    total = int(fine.sum())
    places = "at every point that was tried" if wrong[fine].all() else f"at {int(wrong[fine].sum())} of {total} points"
    return Cause("wrong", f"It is wrong {places}: {shown}.")


def slopes_of(value: Callable[[Array], Array], A: Array) -> tuple[Array, Array]:
    """∂ℓᵢ/∂aᵢⱼ for each column j at once over the rows."""
    slopes, kinked = np.empty_like(A), np.zeros(A.shape, dtype=bool)
    for j in range(A.shape[1]):

        def along(column: Array, j: int = j) -> Array:
            moved = A.copy()
            moved[:, j] = column
            return value(moved)

        slopes[:, j], kinked[:, j] = _slopes(along, A[:, j].copy())
    return slopes, kinked
