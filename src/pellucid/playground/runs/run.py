"""A run of the playground: training forwards by samples, batches and epochs, backwards, and with changes.

A run is a list of calls of `fit`. A change of settings or of a weight ends the current call; the next one begins from
the current θ, with the optimizer state if the optimizer is the same. `code` writes the calls as a program.

To go back, the run restores a snapshot and trains forwards from there, which reproduces the same bits.
"""

from __future__ import annotations

import copy
import time
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from pellucid.maths.typing import Array
from pellucid.model import Network
from pellucid.optimizers import State
from pellucid.playground.runs.curve import Curve
from pellucid.playground.runs.stepper import CallStepper, Progress
from pellucid.playground.settings import Settings
from pellucid.training.data import Data
from pellucid.training.divergence import DivergenceError
from pellucid.training.state import TrainingState

Unit = Literal["sample", "batch", "epoch"]
MAX_SNAPSHOTS = 200
SECONDS_PER_SNAPSHOT = 0.25
FIRST_PACE = 1e-4
"""Seconds per update, before any has been timed."""


@dataclass(frozen=True)
class Edit:
    """A weight (`input` a number) or a bias (`input` None) set by hand."""

    layer: int
    unit: int
    input: int | None
    value: float

    def apply(self, network: Network) -> None:
        """Set the value in a network."""
        W, b = network.layers[self.layer].parameters
        if self.input is None:
            b[self.unit] = self.value
        else:
            W[self.input, self.unit] = self.value


@dataclass(frozen=True)
class Counters:
    """Progress of a run: updates, samples, and finished epochs (an epoch in which a call ended does not count)."""

    updates: int = 0
    samples: int = 0
    finished: int = 0

    def after(self, progress: Progress) -> Counters:
        """With some more."""
        return Counters(
            self.updates + progress.updates, self.samples + progress.samples, self.finished + len(progress.losses)
        )


@dataclass
class Call:
    """A call of `fit`: what it is given, where it begins, and how many updates it has made.

    Attributes
    ----------
    settings : Settings
    edits : tuple of Edit
        Made before it.
    batch_size : int
    optimizer_state : dict or None
        The optimizer's state at the start; None: a fresh one.
    theta, clock, random : array, Counters, dict
        θ, how far the run is and the state of the random source at the start.
    left : (dict or None, str)
        The state that was there before, and of which optimizer.
    """

    settings: Settings
    edits: tuple[Edit, ...]
    batch_size: int
    optimizer_state: State | None
    theta: Array
    clock: Counters
    random: dict[str, Any]
    left: tuple[State | None, str]
    updates: int = 0
    updates_per_epoch: int = 1


@dataclass(frozen=True)
class Snapshot:
    """A state of the call number `call`."""

    clock: Counters
    call: int
    state: TrainingState


@dataclass
class Run:
    """One network being trained.

    Attributes
    ----------
    settings : Settings
        As they are now.
    network : Network
        With θ as it is now.
    data : Data
        The training rows.
    test : Data
    calls : list of Call
    clock : Counters
    curve : Curve
    given : array or None
        The θ that it starts from, where it was not drawn.
    first_theta : array
        θ at the start.
    """

    settings: Settings
    network: Network
    data: Data
    test: Data
    random: np.random.Generator
    n_classes: int
    given: Array | None = None
    calls: list[Call] = field(default_factory=list)
    clock: Counters = field(default_factory=Counters)
    curve: Curve = field(default_factory=Curve)

    def __post_init__(self) -> None:
        self.first_theta = self.network.theta.copy()
        self._stepper: CallStepper | None = None
        self._edits: tuple[Edit, ...] = ()
        self._left: tuple[State | None, str] = (None, "")
        self._snapshots: list[Snapshot] = []
        self._seconds_since_snapshot = 0.0
        self._pace = FIRST_PACE

    @property
    def epoch(self) -> float:
        """Samples seen, in data sets."""
        return self.clock.samples / len(self.data)

    # ---------------------------------------------------------------- changes

    def change(self, settings: Settings) -> None:
        """Go on with other settings. θ stays; the network's activations and dropout may change."""
        before, self.settings = self.settings, settings
        self._end_call()
        if before.remakes_network(settings):
            self._rebuild_network(self.network.theta)

    def edit(self, edit: Edit) -> None:
        """Set a weight or a bias by hand."""
        self._end_call()
        edit.apply(self.network)
        self._edits = (*self._edits, edit)

    def _rebuild_network(self, theta: Array) -> None:
        network = self.settings.network(self.network.n_inputs, self.n_classes)
        network.theta = theta
        self.network = network

    def _end_call(self) -> None:
        """Begin another call. A call without updates is removed."""
        if self._stepper is None:
            return
        call = self.calls[-1]
        if call.updates:
            self._left = (self._stepper.optimizer_state, call.settings["optimizer"])
        else:
            self.calls.pop()
            self._snapshots = [snapshot for snapshot in self._snapshots if snapshot.call < len(self.calls)]
            self.random.bit_generator.state = call.random
            self._edits, self._left = call.edits, call.left
        self._stepper = None

    def begin_again(self, one_by_one: bool = False) -> CallStepper:
        """The current stepper; if it has ended, that of another call like it."""
        stepper = self._begun(one_by_one)
        if stepper.ended:
            self._end_call()
            stepper = self._begun(one_by_one)
        return stepper

    # ---------------------------------------------------------------- forwards

    @property
    def ended(self) -> str:
        """The reason why training cannot continue, "" while it can."""
        return self._stepper.ended if self._stepper is not None else ""

    def step(self, unit: Unit) -> None:
        """Train one sample, one batch, or the rest of the current epoch."""
        stepper = self.begin_again(unit == "sample")
        if unit == "epoch" and not stepper.into_epoch:
            self._run(stepper.run_epochs, 1)
        else:
            self._run(stepper.run_updates, stepper.updates_per_epoch if unit == "epoch" else 1)
        self._measure()

    def go(self, epochs: int, seconds: float) -> int:
        """Train up to `epochs` epochs, but not much longer than `seconds`; return the number of finished epochs."""
        stepper = self._begun(one_by_one=False)
        before = self.clock.finished
        affordable = max(1, int(seconds / self._pace))
        if stepper.into_epoch or affordable < stepper.updates_per_epoch:
            self._run(stepper.run_updates, affordable)
        else:
            count = min(epochs, affordable // stepper.updates_per_epoch)
            # Stop at a point of the curve, so that its test loss can be computed.
            beyond = (self.clock.finished + count) % self.curve.stride
            self._run(stepper.run_epochs, count - beyond if beyond < count else count)
        self._measure()
        return self.clock.finished - before

    def _begun(self, one_by_one: bool) -> CallStepper:
        """The current stepper; a new one if there is none, or if batches have another size."""
        batch_size = 1 if one_by_one else self.settings.batch_size(len(self.data))
        if (
            self._stepper is not None
            and self.calls[-1].batch_size != batch_size
            and not self.settings.optimizer.full_batch
        ):
            self._end_call()
        if self._stepper is None:
            optimizer_state, of = self._left
            call = Call(
                settings=self.settings,
                edits=self._edits,
                batch_size=batch_size,
                optimizer_state=_copied(optimizer_state) if of == self.settings["optimizer"] else None,
                theta=self.network.theta.copy(),
                clock=self.clock,
                random=self._random_state(),
                left=self._left,
            )
            self._stepper, self._edits = self._new_stepper(call), ()
            call.updates_per_epoch = self._stepper.updates_per_epoch
            self.calls.append(call)
            self._take_snapshot()
        return self._stepper

    def _random_state(self) -> dict[str, Any]:
        return copy.deepcopy(dict(self.random.bit_generator.state))

    def _new_stepper(self, call: Call) -> CallStepper:
        optimizer_state = _copied(call.optimizer_state)
        return CallStepper(self.network, self.data, call.settings, self.random, optimizer_state, call.batch_size)

    def _run(self, run: Any, count: int) -> None:
        """Run updates or epochs and count them; after a divergence, restore the last finite state and raise."""
        began, before = time.perf_counter(), self.clock
        try:
            progress: Progress = run(count)
        except DivergenceError:
            self._recover(before)
            raise
        seconds = time.perf_counter() - began
        if progress.updates:
            self._pace = 0.5 * (self._pace + seconds / progress.updates)
        n, last = len(self.data), before.after(progress)
        self.clock = last
        self.calls[-1].updates += progress.updates
        if len(progress.losses):
            ends = last.samples - n * np.arange(len(progress.losses) - 1, -1, -1)
            self.curve.extend(before.finished + 1, ends / n, progress.losses)
        self._seconds_since_snapshot += seconds
        if self._seconds_since_snapshot > SECONDS_PER_SNAPSHOT:
            self._take_snapshot()

    def _measure(self) -> None:
        if len(self.curve.rows) and self.curve.rows[-1, 0] == self.epoch:
            self.curve.set_test(self.clock.finished, self.network.loss_value(self.test.X, self.test.Y))

    # ---------------------------------------------------------------- back

    def back(self, unit: Unit) -> None:
        """The state before the last update (sample, batch), or an epoch ago."""
        if unit != "epoch":
            self.go_back_to(self.clock.updates - 1)
        else:
            self.go_back_to(self._update_at(self.clock.samples - len(self.data)))

    def go_back_to_epoch(self, epoch: float) -> None:
        """The last state at which no more than `epoch` epochs were seen."""
        self.go_back_to(self._update_at(int(epoch * len(self.data) + 0.5)))

    def go_back_to(self, updates: int) -> None:
        """Restore the state after this number of updates of the run; later states are discarded."""
        updates = max(0, min(updates, self.clock.updates))
        if updates == self.clock.updates and not self._edits:
            return
        kept = [call for call in self.calls if call.clock.updates < updates] or self.calls[:1]
        if not kept:  # nothing was trained yet, but weights were set by hand
            self.network.theta, self._edits = self.first_theta, ()
            return
        self.calls = kept
        self._snapshots = [s for s in self._snapshots if s.clock.updates <= updates and s.call < len(kept)]
        self._return_to(self._snapshots[-1])
        stepper = self._stepper
        assert stepper is not None
        self.clock = self._snapshots[-1].clock
        self.calls[-1].updates = self.clock.updates - self.calls[-1].clock.updates
        while self.clock.updates < updates:
            rest = updates - self.clock.updates
            if stepper.into_epoch or rest < stepper.updates_per_epoch:
                progress = stepper.run_updates(rest)
            else:
                progress = stepper.run_epochs(rest // stepper.updates_per_epoch)
            self.clock = self.clock.after(progress)
            self.calls[-1].updates += progress.updates
        self.curve.cut(self.clock.finished)

    def _update_at(self, samples: int) -> int:
        """The number of updates after which at most `samples` samples have been seen."""
        known = 0
        for i, call in enumerate(self.calls):
            end = self.calls[i + 1].clock if i + 1 < len(self.calls) else self.clock
            if end.samples <= samples:
                known = end.updates
                continue
            epochs, rest = divmod(max(0, samples - call.clock.samples), len(self.data))
            inside = epochs * call.updates_per_epoch + rest // call.batch_size
            return call.clock.updates + min(inside, call.updates)
        return known

    def _recover(self, clock: Counters) -> None:
        """After a divergence: θ and the optimizer are those of `clock`; the settings remain."""
        settings = self.settings
        self.clock = replace(clock, updates=clock.updates + 1)  # there is something to go back from
        self.go_back_to(clock.updates)
        if self.settings != settings:
            self.change(settings)

    def _return_to(self, snapshot: Snapshot) -> None:
        """The call of the snapshot, restarted and set to its state."""
        call = self.calls[snapshot.call]
        self.settings, self._edits = call.settings, ()
        self._rebuild_network(call.theta)
        self.random.bit_generator.state = call.random
        self._stepper = self._new_stepper(call)
        self._stepper.restore(snapshot.state)

    def _take_snapshot(self) -> None:
        assert self._stepper is not None
        call = len(self.calls) - 1
        self._snapshots.append(Snapshot(self.clock, call, self._stepper.state()))
        self._seconds_since_snapshot = 0.0
        if len(self._snapshots) > MAX_SNAPSHOTS:
            # Drop every second one of the older half, but never the first of a call.
            half = len(self._snapshots) // 2
            older = [s for i, s in enumerate(self._snapshots[:half]) if i % 2 or s.clock == self.calls[s.call].clock]
            self._snapshots = older + self._snapshots[half:]

    # ---------------------------------------------------------------- what comes next

    def coming(self, one_by_one: bool = False) -> tuple[CallStepper, Array, float | None]:
        """The stepper, the rows that the next update will see, and its rate (None for L-BFGS)."""
        stepper = self.begin_again(one_by_one)
        rows, rate = stepper.stepper.next_batch()
        return stepper, rows, rate

    @property
    def rate(self) -> float | None:
        """The learning rate now: that of the next update (None for L-BFGS)."""
        if self._stepper is None or self._stepper.ended or not self.settings.optimizer.uses_rate:
            return float(self.settings["learning_rate"]) if self.settings.optimizer.uses_rate else None
        return self._stepper.stepper.rate

    @property
    def pending_edits(self) -> tuple[Edit, ...]:
        """Weights set by hand since the last call."""
        return self._edits if self._stepper is None or self.calls[-1].updates else self.calls[-1].edits


def _copied(optimizer_state: State | None) -> State | None:
    return None if optimizer_state is None else {name: array.copy() for name, array in optimizer_state.items()}
