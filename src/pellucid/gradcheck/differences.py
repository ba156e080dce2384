r"""Slopes by differences, each with a bound on its own error.

The slope of f at 0, from f at 0, ±h, ±2h, ±4h and ±8h. Central differences C(h) = [f(h) − f(−h)]/2h err by a series in
h², which Richardson's extrapolation removes term by term; one-sided ones, [f(h) − f(0)]/h, by a series in h.

No single h is right: a large one bends with f, a small one magnifies how f is rounded. So h walks, each step eight
times the last, until one of the two errors takes over from the other, and a slope counts only where a second h
confirms it.
Its bound is the sum of what the extrapolation and the other steps disagree by and of what rounding may do.

A function with a kink (ReLU at 0) has no slope there: the slopes to the right and to the left stay apart, however small
h is. A step may also stay on one side, where f is known to have a kink on the other.

Source: Ridders, "Accurate computation of F′(x) and F′(x)F″(x)", Advances in Engineering Software 4 (1982); Press,
Teukolsky, Vetterling, Flannery, "Numerical recipes" (3rd edition, 2007), section 5.7.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from pellucid.maths.typing import Array

REACH = np.array([1.0, 2.0, 4.0, 8.0])
"""The distances of the points on either side, in h."""

POINTS = np.concatenate([-REACH, REACH])
"""All points but 0, in h."""

FACTOR = 8.0
"""From one h to the next."""

WIDEST, FINEST = 1, -10
"""Powers of `FACTOR` between which h may walk. Not far up: a wide step does not see a bend that is lost in rounding."""

CLOSE_ENOUGH = 1e-11
"""A relative error below which no better h is looked for."""

Evaluate = Callable[[Array, Array], tuple[Array, Array, Array]]
"""(which functions, points (8, T)) → values (8, T), how each function is rounded (T,), which points count (8, T)."""


@dataclass(frozen=True)
class Slopes:
    """What differences say: a slope for each of T functions, and how far it can be trusted.

    Attributes
    ----------
    value : array (T,)
        NaN where none was found.
    error : array (T,)
        A bound on its error; infinite where none was found.
    kinked : array (T,) of bool
        True where no slope was found because f has a kink there.
    step : array (T,)
        The h that it was found with; NaN where none was found.
    """

    value: Array
    error: Array
    kinked: Array
    step: Array = field(default_factory=lambda: np.zeros(0))


@dataclass
class _Step:
    """What one h said of every function; NaN where it was not tried or does not count."""

    value: Array
    truncation: Array
    rounding: Array


def slopes(
    evaluate: Evaluate, here: Array, start: Array, enough: Callable[[Array], Array] = lambda value: np.zeros_like(value)
) -> Slopes:
    """The slopes at 0 of T functions, whose values there are `here`; h begins with `start` (T,), powers of 2.

    `enough` gives, for slopes as they are so far, absolute errors that are small enough.

    >>> def cubes(which, t):
    ...     return (t + 2) ** 3, np.full(len(which), 1e-15), np.ones(t.shape, dtype=bool)
    >>> found = slopes(cubes, np.array([8.0]), np.array([0.25]))
    >>> found.value.round(9), bool(found.error[0] < 1e-12)
    (array([12.]), True)
    """
    walk = _Walk(evaluate, here, start)
    everyone = np.arange(len(here))
    with np.errstate(all="ignore"):
        rounded = walk.take(0, everyone)
        upwards, downwards = everyone[rounded], everyone[~rounded]
        walk.take(-1, everyone)
        for length in range(1, -FINEST):
            found, error, _ = walk.best()
            open_ = ~(error <= np.maximum(CLOSE_ENOUGH * np.abs(found), enough(found))) | (walk.apart > 0)
            upwards = upwards[open_[upwards]]
            downwards = downwards[open_[downwards] & ~(error <= 16 * walk.rounding_at(-length))[downwards]]
            if not upwards.size and not downwards.size:
                break
            if length <= WIDEST:
                upwards = upwards[walk.take(length, upwards)]
            walk.take(-1 - length, downwards)
        found, error, exponent = walk.best()
    split = walk.apart > 0
    found[split], error[split] = np.nan, np.inf
    return Slopes(found, error, split | (walk.barred & ~np.isfinite(error)), start * FACTOR**exponent)


class _Walk:
    """The steps taken so far."""

    def __init__(self, evaluate: Evaluate, here: Array, start: Array) -> None:
        self.evaluate, self.here, self.start = evaluate, here, start
        self.steps: dict[int, _Step] = {}
        self.apart = np.zeros(len(here))
        """How far the slopes on the two sides were last seen to lie apart; 0 where they are one."""
        self.barred = np.zeros(len(here), dtype=bool)
        """True where the smallest step so far met a known kink on either side."""

    def take(self, exponent: int, which: Array) -> Array:
        """Try one h for these functions. True where rounding is the larger error: a smaller h would make it worse."""
        if not which.size:
            return np.zeros(0, dtype=bool)
        step = self.steps.setdefault(exponent, _Step(*(np.full(len(self.here), np.nan) for _ in range(3))))
        h = self.start[which] * FACTOR ** float(exponent)
        values, noise, counts = self.evaluate(which, POINTS[:, None] * h)
        if exponent <= 0:
            self.barred[which] = ~counts[:4].all(axis=0) & ~counts[4:].all(axis=0)
        counts = counts & np.isfinite(values)
        minus, plus, here = values[:4], values[4:], self.here[which]
        width = h * REACH[:, None]
        central, bend = _extrapolated((plus - minus) / (2 * width), 4.0)
        right, right_bend = _extrapolated((plus - here) / width, 2.0)
        left, left_bend = _extrapolated((here - minus) / width, 2.0)
        on_left, on_right = counts[:4].all(axis=0), counts[4:].all(axis=0)
        both = on_left & on_right

        gap, unsure = np.abs(right - left), right_bend + left_bend + 16 * noise / h
        before = self.apart[which]
        opens = both & (gap > 2 * unsure + 1e-9 * (np.abs(right) + np.abs(left)))
        if exponent <= 0:  # a wide step may bend too much to be sure of it
            closes = both & ~opens & (gap + unsure < 0.25 * before)
            self.apart[which] = np.where(opens, gap, np.where(closes, 0.0, before))

        usable = (on_left | on_right) & ~opens & (self.apart[which] == 0)
        step.value[which] = np.where(usable, np.where(both, central, np.where(on_right, right, left)), np.nan)
        step.truncation[which] = np.where(
            usable, np.where(both, bend, np.where(on_right, right_bend, left_bend)), np.nan
        )
        step.rounding[which] = np.where(usable, np.where(both, 2.0, 8.0) * noise / h, np.nan)
        return np.asarray(step.truncation[which] < step.rounding[which])

    def rounding_at(self, exponent: int) -> Array:
        """What rounding may do to the slopes by this h; NaN where it was not tried."""
        return self.steps[exponent].rounding if exponent in self.steps else np.full(len(self.here), np.nan)

    def best(self) -> tuple[Array, Array, Array]:
        """Of each function the slope with the smallest bound, among those that a neighbouring step confirms."""
        size = len(self.here)
        found, error, chosen = np.full(size, np.nan), np.full(size, np.inf), np.full(size, np.nan)
        for exponent, step in self.steps.items():
            wider, finer = self.steps.get(exponent + 1), self.steps.get(exponent - 1)
            truncation, confirmed = step.truncation, np.zeros(len(found), dtype=bool)
            for neighbour in (finer, wider):  # a wider step errs more than this one: their difference is a bound
                if neighbour is not None:
                    known = ~np.isnan(neighbour.value)
                    by_both = np.fmax(step.truncation, np.abs(step.value - neighbour.value))
                    truncation, confirmed = np.where(known, by_both, truncation), confirmed | known
            bound = np.where(confirmed, truncation + step.rounding, np.inf)
            better = bound < error
            found, error = np.where(better, step.value, found), np.where(better, bound, error)
            chosen[better] = exponent
        return found, error, chosen


def _extrapolated(row: Array, power: float) -> tuple[Array, Array]:
    """Richardson's extrapolation of differences (4, T) with steps h, 2h, 4h, 8h, and what its last order changed."""
    factor = 1.0
    before = row[0]
    while len(row) > 1:
        factor *= power
        before = row[0]
        row = (factor * row[:-1] - row[1:]) / (factor - 1)
    return row[0], np.abs(row[0] - before)
