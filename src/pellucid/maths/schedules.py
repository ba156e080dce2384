r"""Schedules: the learning rate as a function of time.

A schedule gives the *factor* by which the optimizer's learning rate is multiplied, as a pure function of the time t in
epochs (t = 2.5 is halfway through the third epoch) and the planned number of epochs T. One plot can draw any of them,
and optimizers do not depend on them.

>>> from pellucid import schedules
>>> cosine = schedules.Cosine()
>>> [round(cosine.factor(t, 100), 3) for t in (0, 50, 100)]
[1.0, 0.5, 0.0]
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from pellucid.maths.checks import check_integer, check_real
from pellucid.maths.options import Option
from pellucid.maths.registry import Registry
from pellucid.maths.renamed import Renamed, renamed

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
    """A factor on the learning rate, as a function of time. `formula` is that function in LaTeX.

    `watches_loss` is true only for `ReduceOnPlateau`, which is no function of time alone: the training loop monitors
    the loss and keeps the current factor.
    """

    symbols: ClassVar[Mapping[str, str]] = {"gamma": r"\gamma"}
    formula: ClassVar[str] = r"f(t, T)"
    watches_loss: ClassVar[bool] = False

    def factor(self, t: float, total: float) -> float:
        """The factor at time `t` (in epochs, 0 ≤ t ≤ total) in a run of `total` planned epochs."""
        raise NotImplementedError(f"{type(self).__name__} must define factor(t, total)")

    def for_rate(self, learning_rate: float) -> Schedule:
        """The schedule for an optimizer with this learning rate: its options are then shares of that rate.

        Only schedules with a `min_lr` depend on the rate; for the others it is the schedule itself.
        """
        return self


class ScheduleWithMinimum(Schedule):
    """A schedule with a smallest rate: `min_factor`, a share of the initial rate, or `min_lr`, the rate itself."""

    min_factor: float
    min_lr: float | None

    def for_rate(self, learning_rate: float) -> Schedule:
        """The same schedule with `min_factor` = `min_lr`/`learning_rate` and without `min_lr`.

        Raises
        ------
        ValueError
            If `min_lr` is above `learning_rate`.

        Examples
        --------
        >>> Cosine(min_lr=0.001).for_rate(0.01).min_factor
        0.1
        """
        if self.min_lr is None:
            return self
        if self.min_lr > learning_rate:
            raise ValueError(
                f"{type(self).__name__} min_lr must be at most the learning rate, {learning_rate!r}, got "
                f"{self.min_lr!r}: lower min_lr, or raise the learning rate"
            )
        share = self.min_lr / learning_rate if self.min_lr else 0.0
        while share * learning_rate < self.min_lr:  # the quotient was rounded down
            share = math.nextafter(share, math.inf)
        options: dict[str, Any] = {"min_factor": share, "min_lr": None}
        return replace(self, **options)

    def _check_minimum(self) -> None:
        name = type(self).__name__
        check_real(f"{name} min_factor", self.min_factor, least=0, most=1)
        if self.min_lr is None:
            return
        check_real(f"{name} min_lr", self.min_lr, least=0)
        if self.min_factor:
            raise ValueError(
                f"{name} takes min_factor or min_lr, not both, got min_factor={self.min_factor!r} and "
                f"min_lr={self.min_lr!r}: min_factor is a share of the initial learning rate, min_lr is a rate"
            )

    def _minimum(self) -> float:
        """The smallest factor."""
        if self.min_lr is not None:
            raise ValueError(
                f"{self!r} has a factor only for a known learning rate: use .for_rate(learning_rate), or min_factor"
            )
        return self.min_factor


SCHEDULES: Registry[Schedule] = Registry("schedule", Schedule)


@SCHEDULES.register
@dataclass(frozen=True)
class Constant(Schedule):
    """A constant learning rate."""

    name: ClassVar[str] = "constant"
    title: ClassVar[str] = "constant"
    formula: ClassVar[str] = r"1"

    def factor(self, t: float, total: float) -> float:
        """1."""
        return 1.0


@SCHEDULES.register
@renamed(every="step_size", drop="gamma")
@dataclass(frozen=True)
class Step(Schedule):
    """Multiply the rate by `gamma` every `step_size` epochs: the factor is gamma^⌊t/step_size⌋.

    The names are PyTorch's (`StepLR`).

    >>> Step(step_size=10, gamma=0.5).factor(25, 100)
    0.25
    """

    step_size: int = 30
    gamma: float = 0.1

    name: ClassVar[str] = "step"
    title: ClassVar[str] = "step"
    symbols: ClassVar[Mapping[str, str]] = {**Schedule.symbols, "step_size": "s"}
    formula: ClassVar[str] = r"\gamma^{\lfloor t / s \rfloor}"

    def __post_init__(self) -> None:
        check_integer("Step step_size", self.step_size, least=1)
        check_real("Step gamma", self.gamma, above=0, most=1)

    def factor(self, t: float, total: float) -> float:
        """gamma^⌊t/step_size⌋."""
        return float(self.gamma ** math.floor(t / self.step_size))


@SCHEDULES.register
@renamed(decay="gamma")
@dataclass(frozen=True)
class Exponential(Schedule):
    """Multiply the rate by `gamma` per epoch: the factor is gamma^t.

    The name of the option is PyTorch's (`ExponentialLR`).

    >>> Exponential(gamma=0.5).factor(3, 100)
    0.125
    """

    gamma: float = 0.95

    name: ClassVar[str] = "exponential"
    title: ClassVar[str] = "exponential"
    formula: ClassVar[str] = r"\gamma^t"

    def __post_init__(self) -> None:
        check_real("Exponential gamma", self.gamma, above=0, most=1)

    def factor(self, t: float, total: float) -> float:
        """gamma^t."""
        return float(self.gamma**t)


@SCHEDULES.register
@renamed(speed="decay_rate")
@dataclass(frozen=True)
class InverseScaling(Schedule):
    """(1 + `decay_rate`·t)^(−`power`).

    With power 1, stochastic descent provably converges. Keras calls this case `InverseTimeDecay`, and the option
    `decay_rate`, too; scikit-learn's 'invscaling' calls the exponent `power_t` and counts samples, not epochs.

    Source: Robbins, Monro, "A stochastic approximation method" (1951).

    >>> InverseScaling(power=1.0).factor(3, 100)
    0.25
    """

    power: float = 0.5
    decay_rate: float = 1.0

    name: ClassVar[str] = "inverse_scaling"
    title: ClassVar[str] = "inverse scaling"
    symbols: ClassVar[Mapping[str, str]] = {"power": "q", "decay_rate": "r"}
    formula: ClassVar[str] = r"(1 + r\,t)^{-q}"

    def __post_init__(self) -> None:
        check_real("InverseScaling power", self.power, above=0)
        check_real("InverseScaling decay_rate", self.decay_rate, above=0)

    def factor(self, t: float, total: float) -> float:
        """(1 + decay_rate·t)^(−power)."""
        return float((1 + self.decay_rate * t) ** -self.power)


@SCHEDULES.register
@renamed(floor="min_factor")
@dataclass(frozen=True)
class Cosine(ScheduleWithMinimum):
    """Half a cosine wave from 1 at the start to `min_factor` at the end.

    `min_factor` is a share of the initial rate, as `alpha` in Keras. `min_lr` gives the smallest rate itself instead,
    as `eta_min` in PyTorch (`CosineAnnealingLR`).

    Source: Loshchilov, Hutter, "SGDR: stochastic gradient descent with warm restarts" (2017), equation 5, no restarts.

    >>> Cosine(min_factor=0.1).factor(50, 100)
    0.55
    """

    min_factor: float = 0.0
    min_lr: float | None = field(default=None, kw_only=True)

    name: ClassVar[str] = "cosine"
    title: ClassVar[str] = "cosine"
    symbols: ClassVar[Mapping[str, str]] = {"min_factor": "m"}
    formula: ClassVar[str] = r"m + (1 - m)\,\frac{1 + \cos(\pi t / T)}{2}"

    def __post_init__(self) -> None:
        self._check_minimum()

    def factor(self, t: float, total: float) -> float:
        """min_factor + (1 − min_factor)(1 + cos(πt/T))/2."""
        minimum = self._minimum()
        return minimum + (1 - minimum) * half_cosine(t / total)


@SCHEDULES.register
@renamed(warmup="warmup_ratio", floor="min_factor")
@dataclass(frozen=True)
class WarmupCosine(ScheduleWithMinimum):
    """A linear rise from 0 to 1 over the share `warmup_ratio` of the run, then half a cosine wave to `min_factor`.

    `min_lr` gives the smallest rate after the rise itself, instead of as a share of the initial rate. The first update
    has rate 0 and changes nothing. `warmup_ratio` is also the name in the transformers library.

    Source: Goyal et al., arXiv:1706.02677, section 2.2.

    >>> [round(WarmupCosine(warmup_ratio=0.1).factor(t, 100), 3) for t in (0, 5, 10, 55)]
    [0.0, 0.5, 1.0, 0.5]
    """

    warmup_ratio: float = 0.1
    min_factor: float = 0.0
    min_lr: float | None = field(default=None, kw_only=True)

    name: ClassVar[str] = "warmup_cosine"
    title: ClassVar[str] = "warmup cosine"
    symbols: ClassVar[Mapping[str, str]] = {"warmup_ratio": "w", "min_factor": "m"}
    formula: ClassVar[str] = (
        r"\frac{t}{w T} \;\mathrm{if}\; t < w T \;\mathrm{else}\;"
        r" m + (1 - m)\,\frac{1 + \cos(\pi u)}{2},\quad u = \frac{t - w T}{T - w T}"
    )

    def __post_init__(self) -> None:
        check_real("WarmupCosine warmup_ratio", self.warmup_ratio, above=0, below=1)
        self._check_minimum()

    def factor(self, t: float, total: float) -> float:
        """The linear rise, then the cosine over the rest of the run."""
        share, minimum = t / total, self._minimum()
        if share < self.warmup_ratio:
            return share / self.warmup_ratio
        falling = half_cosine((share - self.warmup_ratio) / (1 - self.warmup_ratio))
        return minimum + (1 - minimum) * falling


@SCHEDULES.register
@renamed(
    rise="pct_start",
    start="div_factor",
    end=Renamed(
        "final_div_factor",
        lambda end, options: end / options.get("div_factor", OneCycle.div_factor),
        lambda schedule: schedule.div_factor * schedule.final_div_factor,
    ),
)
@dataclass(frozen=True)
class OneCycle(Schedule):
    """Half cosine waves from 1/`div_factor` up to 1 over the share `pct_start` of the run, then down to
    1/(`div_factor`·`final_div_factor`).

    Names, values and curve are those of PyTorch's `OneCycleLR`; the optimizer's rate is its `max_lr`.

    Source: Smith, Topin, "Super-convergence" (2018), with cosines instead of straight lines.

    >>> [round(OneCycle().factor(t, 100), 6) for t in (0, 30, 100)]
    [0.04, 1.0, 4e-06]
    """

    pct_start: float = 0.3
    div_factor: float = 25.0
    final_div_factor: float = field(default=1e4, kw_only=True)

    name: ClassVar[str] = "one_cycle"
    title: ClassVar[str] = "one cycle"
    symbols: ClassVar[Mapping[str, str]] = {"pct_start": "p", "div_factor": "d", "final_div_factor": "f"}
    formula: ClassVar[str] = r"1/d \nearrow 1 \;\mathrm{until}\; t = p T,\; 1 \searrow 1/(d f)"

    def __post_init__(self) -> None:
        check_real("OneCycle pct_start", self.pct_start, above=0, below=1)
        check_real("OneCycle div_factor", self.div_factor, least=1)
        check_real("OneCycle final_div_factor", self.div_factor * self.final_div_factor, least=1)

    def factor(self, t: float, total: float) -> float:
        """Up, then down."""
        share, first, last = t / total, 1 / self.div_factor, 1 / (self.div_factor * self.final_div_factor)
        if share < self.pct_start:
            return 1 - (1 - first) * half_cosine(share / self.pct_start)
        return last + (1 - last) * half_cosine((share - self.pct_start) / (1 - self.pct_start))


@SCHEDULES.register
@renamed(drop="gamma", floor="min_factor")
@dataclass(frozen=True)
class ReduceOnPlateau(ScheduleWithMinimum):
    """Multiply the rate by `gamma` whenever the monitored loss has not improved by more than `min_delta` for `patience`
    epochs. The monitored loss is the validation loss if there is one, else the training loss. The factor never falls
    below `min_factor`, a share of the initial rate; or the rate never falls below `min_lr`.

    `patience`, `min_delta` and `min_lr` are the names in Keras. `gamma` is called `factor` in Keras and PyTorch; here
    that is the name of the method.

    >>> ReduceOnPlateau(gamma=0.5).lowered(1.0)
    0.5
    """

    gamma: float = 0.1
    patience: int = 10
    min_delta: float = 1e-4
    min_factor: float = 0.0
    min_lr: float | None = field(default=None, kw_only=True)

    name: ClassVar[str] = "reduce_on_plateau"
    title: ClassVar[str] = "reduce on plateau"
    symbols: ClassVar[Mapping[str, str]] = {**Schedule.symbols, "min_factor": "m"}
    formula: ClassVar[str] = r"\max(m, \gamma^{\,\mathrm{number\;of\;plateaus}})"
    watches_loss: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_real("ReduceOnPlateau gamma", self.gamma, above=0, below=1)
        check_integer("ReduceOnPlateau patience", self.patience, least=1)
        check_real("ReduceOnPlateau min_delta", self.min_delta, least=0)
        self._check_minimum()

    def factor(self, t: float, total: float) -> float:
        """1: the schedule does not depend on time. The training loop multiplies by `lowered` at each plateau."""
        return 1.0

    def lowered(self, factor: float) -> float:
        """The factor after one more plateau."""
        return max(self._minimum(), factor * self.gamma)


def half_cosine(share: float) -> float:
    """(1 + cos(π·share))/2: from 1 at share 0 to 0 at share 1, and 0 beyond."""
    return 0.5 * (1 + math.cos(math.pi * min(share, 1.0)))
