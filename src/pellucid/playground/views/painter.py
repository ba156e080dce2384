"""The thread that turns copies of θ into frames: pictures, losses, the maths looked at, what the doctor finds."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np

from pellucid.explanation.doctor.diagnosis import diagnose
from pellucid.maths.metrics import metric_for
from pellucid.maths.typing import Array
from pellucid.model import Network
from pellucid.network.objective import Objective
from pellucid.playground.outlet import Outlet
from pellucid.playground.rows.rows import Rows
from pellucid.playground.runs.curve import EPOCH, TEST, TRAINING
from pellucid.playground.subject import Subject
from pellucid.playground.views.maths import Coming, Question, answer
from pellucid.playground.views.pictures import GRID, draw
from pellucid.training.data import Data
from pellucid.training.history import History
from pellucid.training.observer import measure

_log = logging.getLogger(__name__)

MATHS_SECONDS = 0.25
"""How often the maths that is looked at is told anew while training goes on: faster could not be read."""
FINDINGS_SECONDS = 2.0
FEWEST_TO_JUDGE = 30
"""Epochs before the doctor is asked: at the start everything looks ill."""
SPEED_SECONDS = 1.0
"""What speeds are averaged over."""


@dataclass
class Order:
    """A frame that is to be painted: copies of all that it needs."""

    header: dict[str, Any]
    curve: Array
    points: Array
    network: Network
    rows: Rows
    train: Data
    test: Data
    objective: Objective
    playing: bool
    question: Question | None = None
    coming: Coming | None = None

    @classmethod
    def of(cls, subject: Subject, sequence: int, generation: int, *, playing: bool) -> Order:
        """The state of the run now."""
        run = subject.run
        start, changed = run.curve.told()
        header = {
            "t": "frame", "seq": sequence, "generation": generation, "epoch": run.epoch, "updates": run.clock.updates,
            "samples": run.clock.samples, "finished": run.clock.finished, "seconds": subject.seconds,
            "playing": playing, "rate": run.rate,
            "curve": {"start": start, "stride": run.curve.stride, "total": len(run.curve.rows)},
        }  # fmt: skip
        return cls(
            header, changed.copy(), run.curve.rows.copy(), run.network.copy(), subject.rows, run.data, run.test,
            run.network.objective(run.settings.penalty), playing,
        )  # fmt: skip


class Painter:
    """Paints one order at a time, and sends what comes of it.

    Attributes
    ----------
    idle : bool
        Whether it waits for an order.
    """

    def __init__(self, outlet: Outlet) -> None:
        self._outlet = outlet
        self._order: Order | None = None
        self._condition = threading.Condition()
        self._closed = False
        self._told_findings: list[dict[str, str]] | None = None
        self._examined = 0.0
        self._plane: tuple[Rows, Array] | None = None  # the picture's points, as long as the rows are the same
        self._seen: deque[tuple[float, int, int]] = deque()
        self._thread = threading.Thread(target=self._work, name="pellucid-painter", daemon=True)
        self._thread.start()

    @property
    def idle(self) -> bool:
        """See above."""
        return self._order is None

    def paint(self, order: Order) -> None:
        """Begin with an order."""
        with self._condition:
            self._order = order
            self._condition.notify()

    def forget(self) -> None:
        """A new run begins: findings are told again."""
        self._told_findings = None

    def close(self) -> None:
        """End the thread, after the order at hand."""
        with self._condition:
            self._closed = True
            self._condition.notify()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _work(self) -> None:
        while True:
            with self._condition:
                while self._order is None and not self._closed:
                    self._condition.wait()
                if self._closed:
                    return
                order = self._order
            assert order is not None
            try:
                with np.errstate(all="ignore"):
                    self._send(order)
            except Exception as error:  # one picture that fails must not be the last one
                _log.exception("the playground could not draw")
                text = f"Pellucid made a mistake here, which is worth a report: {error!r}"
                self._outlet.tell({"t": "error", "field": "frame", "text": text[:1000]})
            finally:
                self._order = None

    def _send(self, order: Order) -> None:
        self._outlet.tell(*self._frame(order))
        if order.question is not None and order.coming is not None:
            self._outlet.tell(answer(order.question, order.coming, order.header["generation"]))
        self._examine(order)

    def _frame(self, order: Order) -> tuple[dict[str, Any], dict[str, Array]]:
        network, rows = order.network, order.rows
        regression = rows.task == "regression"
        if self._plane is None or self._plane[0] is not rows:
            self._plane = (rows, rows.grid(GRID).astype(np.float32))
        pictures = draw(network.copy("float32"), self._plane[1], rows.value_range if regression else None)
        train, test = (
            measure(network, order.objective, metric_for(network.loss, data.Y), data)
            for data in (order.train, order.test)
        )
        header = order.header | {
            "train": {"loss": train.loss, "metric": train.metric},
            "test": {"loss": test.loss, "metric": test.metric},
            "metric_name": "r2" if regression else "accuracy",
            "confusion": None if regression else confusion(rows, network.decide(test.outputs)),
            "penalty": order.objective.penalty_value(network.layers),
            **self._speeds(order),
        }
        return header, {
            "maps": pictures.maps, "scales": pictures.scales, "boundary": pictures.boundary, "theta": network.theta,
            "curve": order.curve,
        }  # fmt: skip

    def _speeds(self, order: Order) -> dict[str, float]:
        """Samples and epochs a second, over the last second of training."""
        header, now = order.header, time.perf_counter()
        if not order.playing or (self._seen and self._seen[-1][1] > header["samples"]):
            self._seen.clear()
        self._seen.append((now, header["samples"], header["finished"]))
        while len(self._seen) > 2 and now - self._seen[1][0] > SPEED_SECONDS:
            self._seen.popleft()
        began, samples, finished = self._seen[0]
        passed = now - began
        if passed <= 0:
            return {"samples_per_second": 0.0, "epochs_per_second": 0.0}
        return {
            "samples_per_second": (header["samples"] - samples) / passed,
            "epochs_per_second": (header["finished"] - finished) / passed,
        }

    def _examine(self, order: Order) -> None:
        """Ask the doctor now and then, and tell what is new."""
        now = time.perf_counter()
        if order.playing and now - self._examined < FINDINGS_SECONDS:
            return
        self._examined = now
        found = findings(order) if order.header["finished"] >= FEWEST_TO_JUDGE else []
        if found != self._told_findings:
            self._told_findings = found
            self._outlet.tell({"t": "findings", "generation": order.header["generation"], "findings": found})


def confusion(rows: Rows, answers: Array) -> list[list[int]]:
    """How many test rows of each class (a row) were taken for each class (a column)."""
    k = len(rows.classes)
    return np.bincount(rows.y_test * k + answers, minlength=k * k).reshape(k, k).tolist()


def findings(order: Order) -> list[dict[str, str]]:
    """What the training doctor says of the run so far."""
    history = History("r2" if order.rows.task == "regression" else "accuracy")
    known = order.points[np.isfinite(order.points[:, TEST])]
    points = known if len(known) >= FEWEST_TO_JUDGE else order.points
    for row in points:
        history.append(
            loss=row[TRAINING], objective=row[TRAINING], metric=0.0, rate=order.header["rate"], seconds=0.0,
            validation_loss=row[TEST] if points is known else None,
        )  # fmt: skip
    history["epoch"][:] = (points[:, EPOCH] - 1).astype(int).tolist()
    rows, outputs = order.rows, order.network.n_outputs
    found = diagnose(
        order.network, order.train.X, order.train.Y, history=history, penalty=order.objective.penalty,
        feature_names=[rows.labels[i] for i in rows.on], class_names=rows.output_labels(outputs), speaker="page",
        trials=not order.playing,  # they take some tenths of a second
    )  # fmt: skip
    return [{"name": one.name, "what": one.what, "why": one.why, "advice": one.advice} for one in found.findings]
