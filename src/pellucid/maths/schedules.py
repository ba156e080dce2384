r"""Schedules: how the learning rate moves with time.

A schedule gives the *factor* by which the optimizer's learning rate is multiplied, as a pure function of the time t in
epochs (t = 2.5 is half-way through the third epoch) and the planned number of epochs T. One plot draws any of them, and
an optimizer knows none of them.

>>> from pellucid import schedules
>>> cosine = schedules.Cosine()
>>> [round(cosine.factor(t, 100), 3) for t in (0, 50, 100)]
[1.0, 0.5, 0.0]
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from pellucid.maths.checks import check_integer, check_real
from pellucid.maths.options import Option
from pellucid.maths.registry import Registry

__all__ = [
    "SCHEDULES",
    "Constant",
    "Cosine",
    "Exponential",
    "InverseScaling",
    "OneCycle",
    "ReduceOnPlateau",
    "Schedule",
    "Step",
    "WarmupCosine",
]


@dataclass(frozen=True, eq=False)
class Schedule(Option):
    """A factor on the learning rate, as a function of time. `formula` is it in LaTeX.

    `watches_loss` marks the one kind that cannot be a function of time alone, `ReduceOnPlateau`: for it the training
    loop watches the loss and keeps the factor.
    """

    formula: ClassVar[str] = r"f(t, T)"
    watches_loss: ClassVar[bool] = False

    def factor(self, t: float, total: float) -> float:
        """The factor at time `t` (in epochs, 0 ≤ t ≤ total) of a run planned for `total` epochs."""
        raise NotImplementedError(f"{type(self).__name__} must define factor(t, total)")


SCHEDULES: Registry[Schedule] = Registry("schedule", Schedule)


@SCHEDULES.register
@dataclass(frozen=True)
class Constant(Schedule):
    """The learning rate as it is."""

    name: ClassVar[str] = "constant"
    title: ClassVar[str] = "constant"
    formula: ClassVar[str] = r"1"

    def factor(self, t: float, total: float) -> float:
        """1."""
        return 1.0


@SCHEDULES.register
@dataclass(frozen=True)
class Step(Schedule):
    """`drop` to the power of the number of whole periods of `every` epochs that have passed.

    >>> Step(every=10, drop=0.5).factor(25, 100)
    0.25
    """

    every: int = 30
    drop: float = 0.1

    name: ClassVar[str] = "step"
    title: ClassVar[str] = "step"
    formula: ClassVar[str] = r"d^{\lfloor t / \mathrm{every} \rfloor}"

    def __post_init__(self) -> None:
        check_integer("Step every", self.every, least=1)
        check_real("Step drop", self.drop, above=0, most=1)

    def factor(self, t: float, total: float) -> float:
        """Drop^⌊t/every⌋."""
        return float(self.drop ** math.floor(t / self.every))


@SCHEDULES.register
@dataclass(frozen=True)
class Exponential(Schedule):
    """`decay`^t: the rate shrinks by the same share in every epoch.

    >>> Exponential(decay=0.5).factor(3, 100)
    0.125
    """

    decay: float = 0.95

    name: ClassVar[str] = "exponential"
    title: ClassVar[str] = "exponential"
    formula: ClassVar[str] = r"d^t"

    def __post_init__(self) -> None:
        check_real("Exponential decay", self.decay, above=0, most=1)

    def factor(self, t: float, total: float) -> float:
        """Decay^t."""
        return float(self.decay**t)


@SCHEDULES.register
@dataclass(frozen=True)
class InverseScaling(Schedule):
    """(1 + `speed`·t)^(−`power`): with power 1, the rate under which stochastic descent provably converges.

    Source: Robbins, Monro, "A stochastic approximation method" (1951).

    >>> InverseScaling(power=1.0).factor(3, 100)
    0.25
    """

    power: float = 0.5
    speed: float = 1.0

    name: ClassVar[str] = "inverse_scaling"
    title: ClassVar[str] = "inverse scaling"
    formula: ClassVar[str] = r"(1 + s\,t)^{-q}"

    def __post_init__(self) -> None:
        check_real("InverseScaling power", self.power, above=0)
        check_real("InverseScaling speed", self.speed, above=0)

    def factor(self, t: float, total: float) -> float:
        """(1 + speed·t)^(−power)."""
        return float((1 + self.speed * t) ** -self.power)


@SCHEDULES.register
@dataclass(frozen=True)
class Cosine(Schedule):
    """Half a cosine wave from 1 at the start to `floor` at the end.

    Source: Loshchilov, Hutter, "SGDR: stochastic gradient descent with warm restarts" (2017), equation 5, no restarts.

    >>> Cosine(floor=0.1).factor(50, 100)
    0.55
    """

    floor: float = 0.0

    name: ClassVar[str] = "cosine"
    title: ClassVar[str] = "cosine"
    formula: ClassVar[str] = r"f + (1 - f)\,\frac{1 + \cos(\pi t / T)}{2}"

    def __post_init__(self) -> None:
        check_real("Cosine floor", self.floor, least=0, most=1)

    def factor(self, t: float, total: float) -> float:
        """Floor + (1 − floor)(1 + cos(πt/T))/2."""
        return self.floor + (1 - self.floor) * half_cosine(t / total)


@SCHEDULES.register
@dataclass(frozen=True)
class WarmupCosine(Schedule):
    """A straight rise from 0 to 1 over the share `warmup` of the run, then half a cosine wave down to `floor`.

    The very first update uses a rate of 0 and moves nothing. Source: Goyal et al., arXiv:1706.02677, section 2.2.

    >>> [round(WarmupCosine(warmup=0.1).factor(t, 100), 3) for t in (0, 5, 10, 55)]
    [0.0, 0.5, 1.0, 0.5]
    """

    warmup: float = 0.1
    floor: float = 0.0

    name: ClassVar[str] = "warmup_cosine"
    title: ClassVar[str] = "warmup cosine"
    formula: ClassVar[str] = r"\frac{t}{w T} \;\mathrm{if}\; t < w T \;\mathrm{else}\; \mathrm{cosine}"

    def __post_init__(self) -> None:
        check_real("WarmupCosine warmup", self.warmup, above=0, below=1)
        check_real("WarmupCosine floor", self.floor, least=0, most=1)

    def factor(self, t: float, total: float) -> float:
        """The rise, then the cosine over what is left."""
        share = t / total
        if share < self.warmup:
            return share / self.warmup
        return self.floor + (1 - self.floor) * half_cosine((share - self.warmup) / (1 - self.warmup))


@SCHEDULES.register
@dataclass(frozen=True)
class OneCycle(Schedule):
    """Half cosine waves from 1/`start` up to 1 over the share `rise` of the run, then down to 1/`end`.

    Source: Smith, Topin, "Super-convergence" (2018), with cosines for the straight lines.

    >>> [round(OneCycle().factor(t, 100), 6) for t in (0, 30, 100)]
    [0.04, 1.0, 4e-06]
    """

    rise: float = 0.3
    start: float = 25.0
    end: float = 250_000.0

    name: ClassVar[str] = "one_cycle"
    title: ClassVar[str] = "one cycle"
    formula: ClassVar[str] = r"1/s \nearrow 1 \;\mathrm{until}\; t = r T,\; 1 \searrow 1/e"

    def __post_init__(self) -> None:
        check_real("OneCycle rise", self.rise, above=0, below=1)
        check_real("OneCycle start", self.start, least=1)
        check_real("OneCycle end", self.end, least=1)

    def factor(self, t: float, total: float) -> float:
        """Up, then down."""
        share = t / total
        if share < self.rise:
            return 1 - (1 - 1 / self.start) * half_cosine(share / self.rise)
        return 1 / self.end + (1 - 1 / self.end) * half_cosine((share - self.rise) / (1 - self.rise))


@SCHEDULES.register
@dataclass(frozen=True)
class ReduceOnPlateau(Schedule):
    """Multiply the rate by `drop` whenever the watched loss has not improved by more than `min_delta` for `patience`
    epochs: the validation loss where there is one, else the training loss. Never below `floor`.

    >>> ReduceOnPlateau(drop=0.5).lowered(1.0)
    0.5
    """

    drop: float = 0.1
    patience: int = 10
    min_delta: float = 1e-4
    floor: float = 0.0

    name: ClassVar[str] = "reduce_on_plateau"
    title: ClassVar[str] = "reduce on plateau"
    formula: ClassVar[str] = r"d^{\,\mathrm{number\;of\;plateaus}}"
    watches_loss: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_real("ReduceOnPlateau drop", self.drop, above=0, below=1)
        check_integer("ReduceOnPlateau patience", self.patience, least=1)
        check_real("ReduceOnPlateau min_delta", self.min_delta, least=0)
        check_real("ReduceOnPlateau floor", self.floor, least=0, most=1)

    def factor(self, t: float, total: float) -> float:
        """1: time alone does not move it. The training loop multiplies by `lowered` at each plateau."""
        return 1.0

    def lowered(self, factor: float) -> float:
        """The factor after one more plateau."""
        return max(self.floor, factor * self.drop)


def half_cosine(share: float) -> float:
    """(1 + cos(π·share))/2: from 1 at share 0 to 0 at share 1, and there it stays."""
    return 0.5 * (1 + math.cos(math.pi * min(share, 1.0)))
