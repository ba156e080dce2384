"""One page's playground: messages in, messages out, without a transport (`docs/playground.md`).

One thread owns the run and empties the queue of messages between chunks of training. A second thread, the renderer,
turns copies of θ into frames, so that training does not wait for pictures.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from pellucid.playground import protocol
from pellucid.playground.messages import build_message, catalog_message
from pellucid.playground.protocol import PROTOCOL, MessageError, PageMessage, decode
from pellucid.playground.questions import place, question_of
from pellucid.playground.rows.rows import DataError
from pellucid.playground.runs import code
from pellucid.playground.runs.pace import Pace
from pellucid.playground.runs.run import Edit
from pellucid.playground.settings import SettingError, Settings
from pellucid.playground.sink import MessageSink, Send
from pellucid.playground.state import PlaygroundState
from pellucid.playground.views.maths import NextStep, Question, walk
from pellucid.playground.views.renderer import MATHS_SECONDS, FrameRequest, Renderer
from pellucid.training.divergence import DivergenceError

_log = logging.getLogger(__name__)

FRAME_SECONDS = 1 / 25
TICK_SECONDS = 1 / 60
CHUNK_SECONDS = 0.03
"""Training time between two looks at the queue of messages."""
MAX_ERROR_CHARACTERS = 1000
MAX_UNACKNOWLEDGED = 2
ACK_TIMEOUT_SECONDS = 5.0
"""Without an acknowledgement for so long, the page counts as gone or asleep, and training pauses."""


class Session:
    """One page's playground.

    Parameters
    ----------
    send : function of (message, buffers)
        Called from the session's threads.
    model, data : Network or fitted estimator, and (X, y)
        A model to open and rows to train on; left out: toy data.
    settings : dict
        Initial settings; those left out have their defaults.
    """

    def __init__(
        self, send: Send | None = None, model: Any = None, data: Any = None, settings: Mapping[str, Any] | None = None
    ) -> None:
        self._state = PlaygroundState(Settings().changed(settings or {}), model, data)
        self._sink = MessageSink(send)
        self._renderer = Renderer(self._sink)
        self._inbox: queue.SimpleQueue[PageMessage | MessageError] = queue.SimpleQueue()
        self._closed = threading.Event()
        self._playing = False
        self._pace = Pace()
        self._fresh = True  # no page has said hello yet
        self.frame_seconds = FRAME_SECONDS
        """Minimum time between two frames; the host may raise it."""
        self._outstanding = 0
        self._acknowledged = -1  # the number in the last acknowledgement
        self._last_ack = 0.0  # when the page last acknowledged something
        self._sequence = self._generation = 0
        self._last_frame = 0.0  # when the last frame was requested
        self._stale = False  # whether something has changed since
        self._why = ""
        self._question: Question | None = None
        self._last_answer = 0.0  # when it was last answered
        self._thread = threading.Thread(target=self._work, name="pellucid-playground", daemon=True)
        self._thread.start()

    # ---------------------------------------------------------------- from any thread

    def receive(self, message: Any) -> None:
        """Queue a message of the page; answers come later, from the session's threads."""
        try:
            self._inbox.put(decode(message))
        except MessageError as error:
            self._inbox.put(error)

    def attach(self, send: Send) -> None:
        """Send to this page from now on; it will say hello."""
        self._sink.connect(send)

    def detach(self) -> None:
        """The page is gone: pause training and keep everything."""
        self._sink.connect(None)
        self._inbox.put(protocol.Pause())

    def close(self) -> None:
        """End both threads."""
        self._closed.set()
        self._inbox.put(protocol.Pause())
        self._renderer.close()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    # ---------------------------------------------------------------- the thread that owns the run

    def _work(self) -> None:
        while not self._closed.is_set():
            try:
                for message in self._messages():
                    self._answer(message)
                if self._playing:
                    self._train()
                self._request_frame()
            except Exception as error:  # the thread must survive to answer the next message
                self._internal_error("playing", error)

    def _messages(self) -> list[PageMessage | MessageError]:
        """The queued messages; waits for one while there is nothing else to do."""
        wait: float | None = None
        if self._playing:
            wait = TICK_SECONDS if self._state.settings["speed"] else 0.0
        elif self._stale:
            wait = self.frame_seconds
        messages = []
        try:
            messages.append(self._inbox.get(timeout=wait) if wait != 0.0 else self._inbox.get_nowait())
            while True:
                messages.append(self._inbox.get_nowait())
        except queue.Empty:
            return _latest(messages)

    def _answer(self, message: PageMessage | MessageError) -> None:
        """Handle a message; an error is sent to the page, and the session lives on."""
        if isinstance(message, MessageError):
            self._send_error(message.kind, str(message))
            return
        kind = message.tag()
        try:
            HANDLERS[type(message)](self, message)
        except SettingError as error:
            self._send_error(error.field, str(error))
        except DivergenceError as error:
            self._diverged(error)
        except ValueError as error:
            self._send_error(kind, str(error))
        except Exception as error:
            self._internal_error(kind, error)

    def _internal_error(self, kind: str, error: Exception) -> None:
        """A bug of ours: pause, log the traceback, and send the page an error."""
        _log.error("the playground could not answer %r", kind, exc_info=error)
        self._playing, self._why, self._stale = False, "paused: Pellucid made a mistake", False
        self._send_error(kind, f"Pellucid made a mistake here, which is worth a report: {error!r}")

    def _train(self) -> None:
        state = self._state
        if self._outstanding and time.perf_counter() - self._last_ack > ACK_TIMEOUT_SECONDS:
            self._pause(f"paused: the page has not answered for {ACK_TIMEOUT_SECONDS:g} seconds")
            return
        epochs = self._pace.due(state.settings["speed"])
        if not epochs:
            return
        try:
            self._pace.owed -= state.run.go(epochs, CHUNK_SECONDS)
        except DivergenceError as error:
            self._diverged(error)
        self._stale = True
        if state.run.ended:
            self._pause(f"paused: {state.run.ended}")

    def _diverged(self, error: DivergenceError) -> None:
        self._pause("paused: the numbers blew up")
        self._send_error("learning_rate", str(error))
        self._stale = True

    # ---------------------------------------------------------------- to the page

    def _request_frame(self) -> None:
        """Request a frame if something has changed, the last one is old enough, and the page keeps up."""
        now = time.perf_counter()
        ready = self._renderer.idle and self._outstanding < MAX_UNACKNOWLEDGED and self._sink.connected
        if not (self._stale and ready and now - self._last_frame >= self.frame_seconds):
            return
        if not self._outstanding:
            self._last_ack = now
        self._sequence += 1
        self._outstanding += 1
        self._last_frame, self._stale = now, False
        request = FrameRequest.of(self._state, self._sequence, self._generation, playing=self._playing)
        question = self._question
        if question is not None and not (self._playing and now - self._last_answer < MATHS_SECONDS):
            self._last_answer = now
            request.question = question
            request.next_step = self._step_asked_about(question)
        self._renderer.render(request)

    def _step_asked_about(self, question: Question) -> NextStep:
        """The step that a question is about: of the next batch, or of one sample alone."""
        run, names = self._state.run, self._state.rows
        if question.of == "batch":
            return NextStep.of(run, names)
        _, rows, _ = run.coming()
        return NextStep.of(run, names, sample=int(rows[0]) if question.sample is None else question.sample)

    def _send_state(self) -> None:
        run = self._state.run
        self._sink.send({
            "t": "state", "seq": self._sequence, "playing": self._playing, "why": self._why,
            "can_go_back": bool(run.clock.updates or run.pending_edits), "settings": self._state.settings.as_json(),
        })  # fmt: skip

    def _send_error(self, field: str, text: str) -> None:
        self._sink.send({"t": "error", "field": _cut(field), "text": _cut(text)})
        self._send_state()  # so that the page shows what is true here

    def _send_build(self, note: str = "") -> None:
        self._generation += 1
        self._renderer.reset_findings()
        self._question = None  # the page asks again if its target still exists
        message, buffers = build_message(self._state, self._generation, note)
        self._sink.send(message, buffers)
        self._state.run.curve.changed_from = 0
        self._stale = True

    def _send_all(self, note: str = "") -> None:
        """Everything that the page shows: structure, then state."""
        self._send_build(note)
        self._send_state()

    def _pause(self, why: str = "") -> None:
        if self._playing or why:
            self._playing, self._why, self._stale = False, why, True
            self._state.stop_clock()
            self._send_state()

    # ---------------------------------------------------------------- handlers of messages

    def _hello(self, message: protocol.Hello) -> None:
        if message.protocol != PROTOCOL:
            raise ValueError(f"this page speaks protocol {message.protocol}, Pellucid {PROTOCOL}: load it again")
        problem: SettingError | None = None
        if self._fresh and not self._state.given:
            try:
                if message.lesson:
                    self._state.load_preset(message.lesson)
                if message.settings:
                    self._state.set(message.settings)
            except SettingError as error:
                problem = error
        self._fresh = False
        self._outstanding, self._last_ack = 0, time.perf_counter()
        self._sink.send(*catalog_message())
        self._send_all()
        if problem is not None:
            raise problem

    def _play(self, message: protocol.Play) -> None:
        self._require_trainable_rows()
        if self._state.run.ended:
            self._state.run.begin_again()
        self._playing, self._why = True, ""
        self._last_ack = time.perf_counter()
        self._pace.start()
        self._state.start_clock()
        self._send_state()

    def _require_trainable_rows(self) -> None:
        if self._state.rows.needed:
            raise DataError(self._state.rows.needed)

    def _pause_asked(self, message: protocol.Pause) -> None:
        self._pause()

    def _reset(self, message: protocol.Reset) -> None:
        self._pause()
        self._state.reset()
        self._why = ""
        self._send_all()

    def _step(self, message: protocol.Step) -> None:
        unit = message.unit
        self._require_trainable_rows()
        self._pause()
        run = self._state.run
        if message.animate:
            step = NextStep.of(run, one_by_one=unit == "sample")
            sample = step.row_of(None if self._question is None else self._question.sample)
            stages = walk(step.compute(), sample)
            self._sink.send({
                "t": "walk", "generation": self._generation, "sample": int(step.rows[sample]), "unit": unit,
                "stages": stages,
            })  # fmt: skip
        self._state.timed(lambda: run.step(unit))
        self._after_move()

    def _back(self, message: protocol.Back) -> None:
        self._move_back(lambda: self._state.run.back(message.unit))

    def _goto(self, message: protocol.Goto) -> None:
        run = self._state.run
        epoch = min(max(message.epoch, 0.0), run.epoch)
        self._move_back(lambda: run.go_back_to_epoch(epoch))

    def _move_back(self, move: Any) -> None:
        self._pause()
        before = self._state.run.settings
        move()
        after = self._state.take_back_settings()
        if before.remakes_network(after):
            self._send_build("the settings are again what they were then")
        self._after_move()

    def _after_move(self) -> None:
        self._why, self._stale = "", True
        self._send_state()

    def _set(self, message: protocol.Set) -> None:
        if self._state.set(message.values):
            self._send_build()
        self._stale = True
        self._send_state()

    def _regenerate(self, message: protocol.Regenerate) -> None:
        self._state.set({"seed": int(np.random.default_rng().integers(1, 100_000))})
        self._send_all()

    def _lesson(self, message: protocol.Lesson) -> None:
        self._state.load_preset(message.name)
        self._pause()
        self._send_all()

    def _pick(self, message: protocol.Pick) -> None:
        self._question = question_of(message, self._state.run.network, len(self._state.run.data))
        self._last_answer, self._stale = 0.0, True

    def _edit(self, message: protocol.Edit) -> None:
        layer, unit, source = place(message, self._state.run.network)
        self._state.run.edit(Edit(layer, unit, source, message.value))
        self._after_move()

    def _draw(self, message: protocol.Draw) -> None:
        self._state.draw(message.points, replace=message.replace)
        if self._playing and self._state.rows.needed:
            self._pause("paused: there is too little to learn from")
        self._send_all()

    def _table(self, message: protocol.Table) -> None:
        if self._state.take_table(message.name, message.part, message.parts, message.text):
            self._pause()
            self._send_all()

    def _columns(self, message: protocol.Columns) -> None:
        note = self._state.use_columns(message.target, message.shown)
        self._pause()
        self._send_all(note)

    def _export(self, message: protocol.Export) -> None:
        run, rows = self._state.run, self._state.rows
        kind = message.kind
        text = code.program(run, rows) if kind == "code" else code.weights(run, rows)
        filename = "playground.py" if kind == "code" else "playground-weights.json"
        self._sink.send({"t": "export", "kind": kind, "filename": filename, "text": text})

    def _ack(self, message: protocol.Ack) -> None:
        # Said again, after a silence: the frames since then were lost on the way.
        lost = message.seq == self._acknowledged
        self._acknowledged = message.seq
        self._outstanding = 0 if lost else max(0, self._sequence - message.seq)
        self._last_ack = time.perf_counter()


HANDLERS: dict[type[PageMessage], Callable[[Session, Any], None]] = {
    protocol.Hello: Session._hello, protocol.Play: Session._play, protocol.Pause: Session._pause_asked,
    protocol.Reset: Session._reset, protocol.Step: Session._step, protocol.Back: Session._back,
    protocol.Goto: Session._goto, protocol.Set: Session._set, protocol.Regenerate: Session._regenerate,
    protocol.Lesson: Session._lesson, protocol.Pick: Session._pick, protocol.Edit: Session._edit,
    protocol.Draw: Session._draw, protocol.Table: Session._table, protocol.Columns: Session._columns,
    protocol.Export: Session._export, protocol.Ack: Session._ack,
}  # fmt: skip


def _cut(text: str) -> str:
    """The text, cut: an error may quote everything that the page sent."""
    return text if len(text) <= MAX_ERROR_CHARACTERS else f"{text[: MAX_ERROR_CHARACTERS - 1]}…"


def _latest(messages: list[PageMessage | MessageError]) -> list[PageMessage | MessageError]:
    """Of consecutive picks only the last: a pointer passes over many units."""
    picks = [isinstance(message, protocol.Pick) for message in messages] + [False]
    return [message for i, message in enumerate(messages) if not (picks[i] and picks[i + 1])]
