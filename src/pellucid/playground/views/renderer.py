"""The thread that turns copies of θ into frames: pictures, losses, the maths of a selection, the doctor's findings."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np

from pellucid.explanation.doctor.diagnosis import diagnose_in_words_of
from pellucid.maths.metrics import metric_for
from pellucid.maths.typing import Array
from pellucid.model import Network
from pellucid.network.objective import Objective
from pellucid.playground.rows.rows import Rows
from pellucid.playground.runs.curve import EPOCH, TEST, TRAINING
from pellucid.playground.sink import MessageSink
from pellucid.playground.state import PlaygroundState
from pellucid.playground.views.maths import NextStep, Question, answer
from pellucid.playground.views.pictures import GRID, draw
from pellucid.training.data import Data
from pellucid.training.history import History
from pellucid.training.observer import measure

_log = logging.getLogger(__name__)

MATHS_SECONDS = 0.25
"""Between two updates of the maths while it trains: faster ones could not be read."""
FINDINGS_SECONDS = 2.0
"""Between two diagnoses while it trains."""
MIN_EPOCHS_TO_DIAGNOSE = 30
"""No diagnosis before: at the start every run looks ill."""
SPEED_SECONDS = 1.0
"""The window over which speeds are averaged."""


@dataclass
class FrameRequest:
    """A frame to render, with copies of all that it needs."""

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
    next_step: NextStep | None = None

    @classmethod
    def of(cls, state: PlaygroundState, sequence: int, generation: int, *, playing: bool) -> FrameRequest:
        """A request for the state as it is now."""
        run = state.run
        start, changed = run.curve.changes()
        header = {
            "t": "frame", "seq": sequence, "generation": generation, "epoch": run.epoch, "updates": run.clock.updates,
            "samples": run.clock.samples, "finished": run.clock.finished, "seconds": state.seconds,
            "playing": playing, "rate": run.rate,
            "curve": {"start": start, "stride": run.curve.stride, "total": len(run.curve.rows)},
        }  # fmt: skip
        return cls(
            header, changed.copy(), run.curve.rows.copy(), run.network.copy(), state.rows, run.data, run.test,
            run.network.objective(run.settings.penalty), playing,
        )  # fmt: skip


class Renderer:
    """Renders one request at a time and sends the frame, the maths and the findings.

    Attributes
    ----------
    idle : bool
        Whether no request is pending.
    """

    def __init__(self, sink: MessageSink) -> None:
        self._sink = sink
        self._request: FrameRequest | None = None
        self._condition = threading.Condition()
        self._closed = False
        self._sent_findings: list[dict[str, str]] | None = None
        self._last_diagnosis = 0.0
        self._plane: tuple[Rows, Array] | None = None  # the picture's points, kept while the rows stay the same
        self._recent: deque[tuple[float, int, int]] = deque()
        self._thread = threading.Thread(target=self._work, name="pellucid-renderer", daemon=True)
        self._thread.start()

    @property
    def idle(self) -> bool:
        """See above."""
        return self._request is None

    def render(self, request: FrameRequest) -> None:
        """Start on a request."""
        with self._condition:
            self._request = request
            self._condition.notify()

    def reset_findings(self) -> None:
        """A new run begins: send its findings even if they equal the old ones."""
        self._sent_findings = None

    def close(self) -> None:
        """End the thread after the current frame."""
        with self._condition:
            self._closed = True
            self._condition.notify()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _work(self) -> None:
        while True:
            with self._condition:
                while self._request is None and not self._closed:
                    self._condition.wait()
                if self._closed:
                    return
                request = self._request
            assert request is not None
            try:
                with np.errstate(all="ignore"):
                    self._send(request)
            except Exception as error:  # the next frame must still be rendered
                _log.exception("the playground could not draw")
                text = f"Pellucid made a mistake here, which is worth a report: {error!r}"
                self._sink.send({"t": "error", "field": "frame", "text": text[:1000]})
            finally:
                self._request = None

    def _send(self, request: FrameRequest) -> None:
        self._sink.send(*self._frame(request))
        if request.question is not None and request.next_step is not None:
            self._sink.send(answer(request.question, request.next_step, request.header["generation"]))
        self._diagnose(request)

    def _frame(self, request: FrameRequest) -> tuple[dict[str, Any], dict[str, Array]]:
        network, rows = request.network, request.rows
        regression = rows.task == "regression"
        if self._plane is None or self._plane[0] is not rows:
            self._plane = (rows, rows.grid(GRID).astype(np.float32))
        pictures = draw(network.copy("float32"), self._plane[1], rows.value_range if regression else None)
        train, test = (
            measure(network, request.objective, metric_for(network.loss, data.Y), data)
            for data in (request.train, request.test)
        )
        header = request.header | {
            "train": {"loss": train.loss, "metric": train.metric},
            "test": {"loss": test.loss, "metric": test.metric},
            "metric_name": "r2" if regression else "accuracy",
            "confusion": None if regression else confusion(rows, network.decide(test.outputs)),
            "penalty": request.objective.penalty_value(network.layers),
            **self._speeds(request),
        }
        return header, {
            "maps": pictures.maps, "scales": pictures.scales, "boundary": pictures.boundary, "theta": network.theta,
            "curve": request.curve,
        }  # fmt: skip

    def _speeds(self, request: FrameRequest) -> dict[str, float]:
        """Samples and epochs per second, over the last second of training."""
        header, now = request.header, time.perf_counter()
        if not request.playing or (self._recent and self._recent[-1][1] > header["samples"]):
            self._recent.clear()
        self._recent.append((now, header["samples"], header["finished"]))
        while len(self._recent) > 2 and now - self._recent[1][0] > SPEED_SECONDS:
            self._recent.popleft()
        began, samples, finished = self._recent[0]
        passed = now - began
        if passed <= 0:
            return {"samples_per_second": 0.0, "epochs_per_second": 0.0}
        return {
            "samples_per_second": (header["samples"] - samples) / passed,
            "epochs_per_second": (header["finished"] - finished) / passed,
        }

    def _diagnose(self, request: FrameRequest) -> None:
        """Diagnose the run now and then, and send findings that have changed."""
        now = time.perf_counter()
        if request.playing and now - self._last_diagnosis < FINDINGS_SECONDS:
            return
        self._last_diagnosis = now
        found = findings(request) if request.header["finished"] >= MIN_EPOCHS_TO_DIAGNOSE else []
        if found != self._sent_findings:
            self._sent_findings = found
            self._sink.send({"t": "findings", "generation": request.header["generation"], "findings": found})


def confusion(rows: Rows, answers: Array) -> list[list[int]]:
    """Confusion matrix of the test rows: true class by row, predicted class by column."""
    k = len(rows.classes)
    return np.bincount(rows.y_test * k + answers, minlength=k * k).reshape(k, k).tolist()


def findings(request: FrameRequest) -> list[dict[str, str]]:
    """Findings of the training doctor on the run so far."""
    history = History("r2" if request.rows.task == "regression" else "accuracy")
    with_test = request.points[np.isfinite(request.points[:, TEST])]
    points = with_test if len(with_test) >= MIN_EPOCHS_TO_DIAGNOSE else request.points
    for row in points:
        history.append(
            loss=row[TRAINING], objective=row[TRAINING], metric=0.0, rate=request.header["rate"], seconds=0.0,
            validation_loss=row[TEST] if points is with_test else None,
        )  # fmt: skip
    history["epoch"][:] = (points[:, EPOCH] - 1).astype(int).tolist()
    rows = request.rows
    found = diagnose_in_words_of(
        "page", request.network, request.train.X, request.train.Y, history=history, penalty=request.objective.penalty,
        feature_names=[rows.labels[i] for i in rows.on], class_names=rows.classes or None,
    )  # fmt: skip
    return [{"name": one.name, "what": one.what, "why": one.why, "advice": one.advice} for one in found.findings]
