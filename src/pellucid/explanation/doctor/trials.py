"""Trying a remedy before it is advised: short trainings of copies on at most some hundred rows.

A finding that rests on a trial is not a guess: it says what the trial reached.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pellucid.maths.penalties import Penalty
from pellucid.maths.typing import Array
from pellucid.model import Network
from pellucid.network.backward import loss_per_sample
from pellucid.network.layers import Dense
from pellucid.network.stack import LayerStack
from pellucid.optimizers import Adam
from pellucid.training.divergence import DivergenceError
from pellucid.training.loop import fit

MAX_ROWS = 600
UPDATES = 1500
BATCH = 32
RATES = (0.01, 0.05)
HELD_OUT = 0.3
LEAST_HELD_OUT = 18
CLEAR = 2.5
"""Standard errors by which neighbours or a line must be better than the best constant."""
LARGEST = 200_000
"""Parameters beyond which nothing is tried: the doctor answers at once."""


@dataclass(frozen=True)
class Comparison:
    """Losses on rows kept aside after two trainings; `clear` where the second is better by two standard errors."""

    first: float
    second: float
    clear: bool


class Trials:
    """Short trainings on some of the rows; each is made when it is asked for, and once."""

    def __init__(self, network: LayerStack, X: Array, Y: Array, weight: Array | None) -> None:
        self._network = network
        order = np.random.default_rng(0).permutation(len(X))[:MAX_ROWS]
        self.X, self.Y = X[order], Y[order]
        self.weight = None if weight is None else weight[order]
        self._cut = max(1, round(HELD_OUT * len(order)))

    @property
    def possible(self) -> bool:
        """Whether there is something to try with: finite numbers, and rows for a part to learn from and one to test."""
        return (
            self._network.theta.size <= LARGEST
            and len(self.X) >= 20
            and bool(np.isfinite(self.X).all() and np.isfinite(self._network.theta).all())
        )

    @cached_property
    def constant(self) -> float:
        """The loss of the best constant answer."""
        return self._loss(self._constant, np.zeros((len(self.X), 1)), self.Y, self.weight)

    @cached_property
    def now(self) -> float:
        """The network's loss as it is, without dropout."""
        return self._loss(self._network, self.X, self.Y, self.weight)

    @cached_property
    def badly(self) -> bool:
        """Whether the network answers badly: it removes less than 60 % of the loss of the best constant."""
        return math.isfinite(self.now) and self.now > 0.4 * self.constant > 0

    def continued(self, penalty: Penalty | None, *, without_dropout: bool = False) -> float:
        """The loss after training on from the weights as they are."""
        network = _without_dropout(self._network) if without_dropout else self._network
        return min(self._trained(network.copy(), rate, penalty=penalty) for rate in RATES)

    def again(self, penalty: Penalty | None, seeds: Sequence[int] = (1, 2, 3, 4)) -> tuple[float, int]:
        """The lowest loss from other first weights, and the seed that led to it."""
        losses = {}
        for seed in seeds:
            network = _without_dropout(self._network).copy()
            losses[seed] = self._trained(network.initialize(random_state=seed), RATES[1], penalty=penalty)
        best = min(losses, key=lambda seed: losses[seed])
        return losses[best], best

    def wider(self, units: int) -> Comparison:
        """The network's own shape beside one hidden layer of tanh units, trained on the same rows."""
        last = self._network.specs[-1]
        rich = Network(
            [Dense(self._network.n_inputs, units, "tanh"), Dense(units, last.units, last.activation)],
            self._network.loss, self._network.dtype,
        )  # fmt: skip
        return self._compared(self._held_out(_without_dropout(self._network)), self._held_out(rich))

    def without(self, penalty: Penalty | None, *, dropout: bool) -> Comparison:
        """The network as it is beside the same without its dropout, or else without its penalty."""
        bare = _without_dropout(self._network) if dropout else self._network
        kept = penalty if dropout else None
        return self._compared(self._held_out(self._network, penalty), self._held_out(bare, kept))

    @staticmethod
    def _compared(first: Array, second: Array) -> Comparison:
        with np.errstate(invalid="ignore"):
            gain = first - second
        if not np.isfinite(gain).all():
            return Comparison(float(first.mean()), float(second.mean()), False)
        error = float(np.std(gain) / math.sqrt(len(gain)))
        return Comparison(float(first.mean()), float(second.mean()), bool(gain.mean() > 2 * error))

    @cached_property
    def signal(self) -> bool:
        """Whether the inputs tell anything of the targets: nearest neighbours, a straight line and the network itself
        are held against the best constant on rows kept aside. True where there are too few rows to tell.
        """
        from sklearn.linear_model import RidgeCV
        from sklearn.neighbors import KNeighborsRegressor

        X = self.X.astype(np.float64)
        spread = X.std(axis=0)
        X = (X - X.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
        Y = self.Y.astype(np.float64)
        held, known = slice(None, self._cut), slice(self._cut, None)
        if self._cut < LEAST_HELD_OUT:
            return True  # too few rows to say that there is none
        base = ((Y[held] - Y[known].mean(axis=0)) ** 2).sum(axis=1)
        for model in (KNeighborsRegressor(min(15, len(X) - self._cut)), RidgeCV(np.logspace(-2, 4, 7))):
            answers = np.asarray(model.fit(X[known], Y[known]).predict(X[held])).reshape(Y[held].shape)
            gain = base - ((Y[held] - answers) ** 2).sum(axis=1)
            if gain.mean() > CLEAR * gain.std() / math.sqrt(len(gain)):
                return True
        blind = self._constant.forward(np.zeros((self._cut, 1)))
        constant = loss_per_sample(self._network.loss, self._constant.layers[-1], self.Y[held], blind)
        return self._compared(constant.astype(np.float64), self._held_out(_without_dropout(self._network))).clear

    @cached_property
    def _constant(self) -> LayerStack:
        last = self._network.specs[-1]
        network = Network([Dense(1, last.units, last.activation)], self._network.loss, self._network.dtype)
        network.initialize("zeros")
        fit(
            network, np.zeros((len(self.X), 1)), self.Y, sample_weight=self.weight, optimizer="lbfgs", progress=False,
            engine="reference",
        )  # fmt: skip
        return network

    def _trained(
        self, network: LayerStack, rate: float, rows: slice = slice(None), penalty: Penalty | None = None
    ) -> float:
        """Train a network in place; its loss then, infinite where it diverged."""
        X, Y = self.X[rows], self.Y[rows]
        weight = None if self.weight is None else self.weight[rows]
        epochs = max(1, math.ceil(UPDATES * BATCH / len(X)))
        try:
            fit(
                network, X, Y, optimizer=Adam(rate), epochs=epochs, batch_size=BATCH, sample_weight=weight,
                penalty=penalty, schedule="cosine", random_state=0, progress=False, max_updates=UPDATES,
            )  # fmt: skip
        except DivergenceError:
            return math.inf
        return self._loss(network, X, Y, weight)

    def _held_out(self, network: LayerStack, penalty: Penalty | None = None) -> Array:
        """The losses of the held-out rows, by the better of two rates."""
        best: Array | None = None
        for rate in RATES:
            fresh = network.copy().initialize(random_state=0)
            if not math.isfinite(self._trained(fresh, rate, slice(self._cut, None), penalty)):
                continue
            passed = fresh.forward(self.X[: self._cut])
            losses = loss_per_sample(fresh.loss, fresh.layers[-1], self.Y[: self._cut], passed).astype(np.float64)
            if best is None or losses.mean() < best.mean():
                best = losses
        return np.full(self._cut, np.inf) if best is None else best

    @staticmethod
    def _loss(network: LayerStack, X: Array, Y: Array, weight: Array | None) -> float:
        with np.errstate(all="ignore"):
            return network.loss_value(X, Y, weight)


def _without_dropout(network: LayerStack) -> LayerStack:
    if not any(spec.dropout for spec in network.specs):
        return network
    layers = [Dense(spec.n_inputs, spec.units, spec.activation) for spec in network.specs]
    bare = Network(layers, network.loss, network.dtype)
    bare.theta = network.theta
    return bare


def penalty_of(penalty: Penalty | None) -> float:
    """The strength of a penalty."""
    return 0.0 if penalty is None else float(penalty.strength)
