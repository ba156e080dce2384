"""The course of training: forwards by samples, batches and epochs, back again, and changes on the way.

A run is a list of calls of `fit`. A change of settings or of a weight ends the call at hand; the next begins from θ as
it is, with the optimizer's memory if the rule is still the same. `code` writes the calls down.

To go back, the run returns to a snapshot that it kept and trains forwards from there: training repeats to the bit.
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
from pellucid.playground.runs.course import ByBatches, ByIterations, Course, Progress
from pellucid.playground.runs.curve import Curve
from pellucid.playground.settings import Settings
from pellucid.training.data import Data
from pellucid.training.divergence import DivergenceError

Unit = Literal["sample", "batch", "epoch"]
MOST_SNAPSHOTS = 200
SECONDS_A_SNAPSHOT = 0.25
FIRST_PACE = 1e-4
"""Seconds an update, before any was timed."""


@dataclass(frozen=True)
class Edit:
    """A weight (`input` a number) or a bias (`input` None) set by hand."""

    layer: int
    unit: int
    input: int | None
    value: float

    def apply(self, network: Network) -> None:
        """Set it."""
        layer = network.layers[self.layer]
        if self.input is None:
            layer.b[self.unit] = self.value
        else:
            layer.W[self.input, self.unit] = self.value


@dataclass(frozen=True)
class Clock:
    """How far a run is: updates made, samples seen, epochs finished (a call broken off in an epoch leaves that one)."""

    updates: int = 0
    samples: int = 0
    finished: int = 0

    def after(self, progress: Progress) -> Clock:
        """With some more."""
        return Clock(
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
    memory : dict or None
        What the optimizer remembers at the start; None: it begins anew.
    theta, clock, random : array, Clock, dict
        θ, how far the run is and the state of the random source at the start.
    left : (dict or None, str)
        The memory that was there before, and of which optimizer.
    """

    settings: Settings
    edits: tuple[Edit, ...]
    batch_size: int
    memory: State | None
    theta: Array
    clock: Clock
    random: dict[str, Any]
    left: tuple[State | None, str]
    updates: int = 0
    updates_an_epoch: int = 1


@dataclass(frozen=True)
class Snapshot:
    """A moment of the call number `call`."""

    clock: Clock
    call: int
    moment: object
    random: dict[str, Any]


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
    clock : Clock
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
    clock: Clock = field(default_factory=Clock)
    curve: Curve = field(default_factory=Curve)

    def __post_init__(self) -> None:
        self.first_theta = self.network.theta.copy()
        self._course: Course | None = None
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
        """What comes next is another call. One that has made no update is as if it had never been."""
        if self._course is None:
            return
        call = self.calls[-1]
        if call.updates:
            self._left = (self._course.state, call.settings["optimizer"])
        else:
            self.calls.pop()
            self._snapshots = [snapshot for snapshot in self._snapshots if snapshot.call < len(self.calls)]
            self.random.bit_generator.state = call.random
            self._edits, self._left = call.edits, call.left
        self._course = None

    def begin_again(self, one_by_one: bool = False) -> Course:
        """The course at hand, or, where that has come to its end, another call like it."""
        course = self._begun(one_by_one)
        if course.ended:
            self._end_call()
            course = self._begun(one_by_one)
        return course

    # ---------------------------------------------------------------- forwards

    @property
    def ended(self) -> str:
        """Why training cannot go on as it is, "" while it can."""
        return self._course.ended if self._course is not None else ""

    def step(self, unit: Unit) -> None:
        """One sample, one batch, or the rest of the epoch at hand."""
        course = self.begin_again(unit == "sample")
        if unit == "epoch" and not course.into_epoch:
            self._run(course.run_epochs, 1)
        else:
            self._run(course.run_updates, course.updates_an_epoch if unit == "epoch" else 1)
        self._measure()

    def go(self, epochs: int, seconds: float) -> int:
        """Train up to the end of `epochs` epochs, but not much longer than `seconds`; how many epochs were finished."""
        course = self._begun(one_by_one=False)
        before = self.clock.finished
        affordable = max(1, int(seconds / self._pace))
        if course.into_epoch or affordable < course.updates_an_epoch:
            self._run(course.run_updates, affordable)
        else:
            count = min(epochs, affordable // course.updates_an_epoch)
            # Ends where a point of the curve is kept, so that the test loss is measured for it.
            beyond = (self.clock.finished + count) % self.curve.stride
            self._run(course.run_epochs, count - beyond if beyond < count else count)
        self._measure()
        return self.clock.finished - before

    def _begun(self, one_by_one: bool) -> Course:
        """The course at hand; a new one where there is none, or batches of another size are wanted."""
        batch_size = 1 if one_by_one else self.settings.batch_size(len(self.data))
        if (
            self._course is not None
            and self.calls[-1].batch_size != batch_size
            and not self.settings.optimizer.full_batch
        ):
            self._end_call()
        if self._course is None:
            memory, of = self._left
            call = Call(
                settings=self.settings,
                edits=self._edits,
                batch_size=batch_size,
                memory=_copied(memory) if of == self.settings["optimizer"] else None,
                theta=self.network.theta.copy(),
                clock=self.clock,
                random=self._random_state(),
                left=self._left,
            )
            self._course, self._edits = self._new_course(call), ()
            call.updates_an_epoch = self._course.updates_an_epoch
            self.calls.append(call)
            self._take_snapshot()
        return self._course

    def _random_state(self) -> dict[str, Any]:
        return copy.deepcopy(dict(self.random.bit_generator.state))

    def _new_course(self, call: Call) -> Course:
        if call.settings.optimizer.needs == "objective":
            return ByIterations(self.network, self.data, call.settings)
        memory = _copied(call.memory)
        return ByBatches(self.network, self.data, call.settings, self.random, memory, call.batch_size)

    def _run(self, run: Any, count: int) -> None:
        """Run updates or epochs and count them; after a blow-up, be where all was finite, and raise."""
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
        if self._seconds_since_snapshot > SECONDS_A_SNAPSHOT:
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
        """The state after so many updates of the run; what came later is forgotten."""
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
        course = self._course
        assert course is not None
        self.clock = self._snapshots[-1].clock
        self.calls[-1].updates = self.clock.updates - self.calls[-1].clock.updates
        while self.clock.updates < updates:
            rest = updates - self.clock.updates
            if course.into_epoch or rest < course.updates_an_epoch:
                progress = course.run_updates(rest)
            else:
                progress = course.run_epochs(rest // course.updates_an_epoch)
            self.clock = self.clock.after(progress)
            self.calls[-1].updates += progress.updates
        self.curve.cut(self.clock.finished)

    def _update_at(self, samples: int) -> int:
        """How many updates of the run saw no more than `samples` samples."""
        known = 0
        for i, call in enumerate(self.calls):
            end = self.calls[i + 1].clock if i + 1 < len(self.calls) else self.clock
            if end.samples <= samples:
                known = end.updates
                continue
            epochs, rest = divmod(max(0, samples - call.clock.samples), len(self.data))
            inside = epochs * call.updates_an_epoch + rest // call.batch_size
            return call.clock.updates + min(inside, call.updates)
        return known

    def _recover(self, clock: Clock) -> None:
        """After a blow-up: θ and memory are those of `clock`, the settings remain."""
        settings = self.settings
        self.clock = replace(clock, updates=clock.updates + 1)  # there is something to go back from
        self.go_back_to(clock.updates)
        if self.settings != settings:
            self.change(settings)

    def _return_to(self, snapshot: Snapshot) -> None:
        """The call of the snapshot, begun again and moved to its moment."""
        call = self.calls[snapshot.call]
        self.settings, self._edits = call.settings, ()
        self._rebuild_network(call.theta)
        self.random.bit_generator.state = call.random
        self._course = self._new_course(call)
        self._course.return_to(snapshot.moment)
        self.random.bit_generator.state = snapshot.random

    def _take_snapshot(self) -> None:
        assert self._course is not None
        call = len(self.calls) - 1
        self._snapshots.append(Snapshot(self.clock, call, self._course.moment(), self._random_state()))
        self._seconds_since_snapshot = 0.0
        if len(self._snapshots) > MOST_SNAPSHOTS:
            # Every second one of the older half goes, but never the one that a call begins with.
            half = len(self._snapshots) // 2
            older = [s for i, s in enumerate(self._snapshots[:half]) if i % 2 or s.clock == self.calls[s.call].clock]
            self._snapshots = older + self._snapshots[half:]

    # ---------------------------------------------------------------- what comes next

    def coming(self, one_by_one: bool = False) -> tuple[Course, Array, float | None]:
        """The course, the rows that the next update will see, and its rate (None for L-BFGS)."""
        course = self.begin_again(one_by_one)
        if isinstance(course, ByBatches):
            rows, rate = course.descent.next_batch()
            return course, rows, rate
        return course, np.arange(len(self.data)), None

    @property
    def rate(self) -> float | None:
        """The learning rate now: that of the next update (None for L-BFGS)."""
        if self._course is None or self._course.ended or not isinstance(self._course, ByBatches):
            return float(self.settings["learning_rate"]) if self.settings.optimizer.uses_rate else None
        return self._course.rate

    @property
    def pending_edits(self) -> tuple[Edit, ...]:
        """Weights set by hand since the last call."""
        return self._edits if self._course is None or self.calls[-1].updates else self.calls[-1].edits


def _copied(memory: State | None) -> State | None:
    return None if memory is None else {name: array.copy() for name, array in memory.items()}
