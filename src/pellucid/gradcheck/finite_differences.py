r"""Derivatives by finite differences, each with a bound on its own error.

f′(0) is estimated from f at 0, ±h, ±2h, ±4h and ±8h. The truncation error of central
differences [f(h) − f(−h)]/2h is a series in h², that of one-sided differences [f(h) − f(0)]/h a series in h. Richardson
extrapolation removes the terms one by one.

The step size h balances two errors: truncation grows with h, rounding error with 1/h. So h is varied by factors of 8
until the other error dominates, and an estimate counts only if a neighbouring h confirms it. The error bound is the sum
of the truncation error (from the last order of the extrapolation and the neighbouring step) and the rounding error.

At a kink (ReLU at 0) there is no derivative: the one-sided derivatives differ for every h. If f is known to have a kink
on one side of 0, only the other side is used.

Source: Ridders, "Accurate computation of F′(x) and F′(x)F″(x)", Advances in Engineering Software 4 (1982); Press,
Teukolsky, Vetterling, Flannery, "Numerical recipes" (3rd edition, 2007), section 5.7.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from pellucid.maths.typing import Array

OFFSETS = np.array([1.0, 2.0, 4.0, 8.0])
"""Offsets of the points on each side of 0, in units of h."""

POINTS = np.concatenate([-OFFSETS, OFFSETS])
"""All points except 0, in units of h."""

STEP_RATIO = 8.0
"""Ratio of consecutive step sizes."""

MAX_EXPONENT, MIN_EXPONENT = 1, -10
"""Range of h as powers of `STEP_RATIO`. The upper limit is small: a wide step can miss a bend hidden by rounding."""

TARGET_ACCURACY = 1e-11
"""Relative error at which the search for a better h ends."""

Evaluate = Callable[[Array, Array], tuple[Array, Array, Array]]
"""(indices of T functions, points (8, T)) → values (8, T), rounding error of f (T,), mask of usable points (8, T)."""


@dataclass(frozen=True)
class DerivativeEstimate:
    """The derivatives of T functions by finite differences.

    Attributes
    ----------
    value : array (T,)
        NaN if no estimate was found.
    error : array (T,)
        Bound on the error; infinite if no estimate was found.
    kinked : array (T,) of bool
        True if there is no estimate because f has a kink.
    step : array (T,)
        Step size h of the estimate; NaN if no estimate was found.
    """

    value: Array
    error: Array
    kinked: Array
    step: Array = field(default_factory=lambda: np.zeros(0))


@dataclass
class _Attempt:
    """The result of one step size for all functions; NaN if not tried or not usable."""

    value: Array
    truncation: Array
    rounding: Array


def differentiate(
    evaluate: Evaluate,
    here: Array,
    initial_step: Array,
    good_enough: Callable[[Array], Array] = lambda value: np.zeros_like(value),
) -> DerivativeEstimate:
    """The derivatives at 0 of T functions with values `here` at 0; `initial_step` (T,) are the first h, powers of 2.

    `good_enough` maps the current estimates to absolute errors at which the search may end.

    >>> def cubes(which, t):
    ...     return (t + 2) ** 3, np.full(len(which), 1e-15), np.ones(t.shape, dtype=bool)
    >>> found = differentiate(cubes, np.array([8.0]), np.array([0.25]))
    >>> found.value.round(9), bool(found.error[0] < 1e-12)
    (array([12.]), True)
    """
    search = _StepSizeSearch(evaluate, here, initial_step)
    all_functions = np.arange(len(here))
    with np.errstate(all="ignore"):
        rounded = search.attempt(0, all_functions)
        upwards, downwards = all_functions[rounded], all_functions[~rounded]
        search.attempt(-1, all_functions)
        for length in range(1, -MIN_EXPONENT):
            found, error, _ = search.best()
            unfinished = ~(error <= np.maximum(TARGET_ACCURACY * np.abs(found), good_enough(found))) | (search.jump > 0)
            upwards = upwards[unfinished[upwards]]
            downwards = downwards[unfinished[downwards] & ~(error <= 16 * search.rounding_at(-length))[downwards]]
            if not upwards.size and not downwards.size:
                break
            if length <= MAX_EXPONENT:
                upwards = upwards[search.attempt(length, upwards)]
            search.attempt(-1 - length, downwards)
        found, error, exponent = search.best()
    split = search.jump > 0
    found[split], error[split] = np.nan, np.inf
    return DerivativeEstimate(
        found, error, split | (search.blocked & ~np.isfinite(error)), initial_step * STEP_RATIO**exponent
    )


class _StepSizeSearch:
    """The step sizes tried so far and their results."""

    def __init__(self, evaluate: Evaluate, here: Array, initial_step: Array) -> None:
        self.evaluate, self.here, self.initial_step = evaluate, here, initial_step
        self.attempts: dict[int, _Attempt] = {}
        self.jump = np.zeros(len(here))
        """Last measured difference of the one-sided derivatives; 0 if they agree."""
        self.blocked = np.zeros(len(here), dtype=bool)
        """True if the smallest step so far reached a known kink on both sides."""

    def attempt(self, exponent: int, which: Array) -> Array:
        """Try one h for these functions. True if rounding is the larger error, so that a smaller h would be worse."""
        if not which.size:
            return np.zeros(0, dtype=bool)
        step = self.attempts.setdefault(exponent, _Attempt(*(np.full(len(self.here), np.nan) for _ in range(3))))
        h = self.initial_step[which] * STEP_RATIO ** float(exponent)
        values, noise, counts = self.evaluate(which, POINTS[:, None] * h)
        if exponent <= 0:
            self.blocked[which] = ~counts[:4].all(axis=0) & ~counts[4:].all(axis=0)
        counts = counts & np.isfinite(values)
        minus, plus, here = values[:4], values[4:], self.here[which]
        width = h * OFFSETS[:, None]
        central, bend = _richardson((plus - minus) / (2 * width), 4.0)
        right, right_bend = _richardson((plus - here) / width, 2.0)
        left, left_bend = _richardson((here - minus) / width, 2.0)
        on_left, on_right = counts[:4].all(axis=0), counts[4:].all(axis=0)
        both = on_left & on_right

        gap, uncertainty = np.abs(right - left), right_bend + left_bend + 16 * noise / h
        before = self.jump[which]
        opens = both & (gap > 2 * uncertainty + 1e-9 * (np.abs(right) + np.abs(left)))
        if exponent <= 0:  # at a wide step truncation is too large to decide
            closes = both & ~opens & (gap + uncertainty < 0.25 * before)
            self.jump[which] = np.where(opens, gap, np.where(closes, 0.0, before))

        usable = (on_left | on_right) & ~opens & (self.jump[which] == 0)
        step.value[which] = np.where(usable, np.where(both, central, np.where(on_right, right, left)), np.nan)
        step.truncation[which] = np.where(
            usable, np.where(both, bend, np.where(on_right, right_bend, left_bend)), np.nan
        )
        step.rounding[which] = np.where(usable, np.where(both, 2.0, 8.0) * noise / h, np.nan)
        return np.asarray(step.truncation[which] < step.rounding[which])

    def rounding_at(self, exponent: int) -> Array:
        """Rounding error of the estimates with this h; NaN if it was not tried."""
        return self.attempts[exponent].rounding if exponent in self.attempts else np.full(len(self.here), np.nan)

    def best(self) -> tuple[Array, Array, Array]:
        """Estimate, error bound and exponent of h per function: the smallest bound that a neighbouring h confirms."""
        size = len(self.here)
        found, error, chosen = np.full(size, np.nan), np.full(size, np.inf), np.full(size, np.nan)
        for exponent, step in self.attempts.items():
            wider, finer = self.attempts.get(exponent + 1), self.attempts.get(exponent - 1)
            truncation, confirmed = step.truncation, np.zeros(len(found), dtype=bool)
            for neighbour in (finer, wider):  # the wider step has the larger error, so the difference bounds it
                if neighbour is not None:
                    known = ~np.isnan(neighbour.value)
                    by_both = np.fmax(step.truncation, np.abs(step.value - neighbour.value))
                    truncation, confirmed = np.where(known, by_both, truncation), confirmed | known
            bound = np.where(confirmed, truncation + step.rounding, np.inf)
            better = bound < error
            found, error = np.where(better, step.value, found), np.where(better, bound, error)
            chosen[better] = exponent
        return found, error, chosen


def _richardson(row: Array, power: float) -> tuple[Array, Array]:
    """Richardson extrapolation of differences (4, T) with steps h, 2h, 4h, 8h, and the change by its last order."""
    factor = 1.0
    before = row[0]
    while len(row) > 1:
        factor *= power
        before = row[0]
        row = (factor * row[:-1] - row[1:]) / (factor - 1)
    return row[0], np.abs(row[0] - before)
