"""Messages in, messages out: a run, its pictures and its maths, without a transport (`docs/playground.md`).

One thread owns the run; messages wait in a queue that it empties between chunks of training. A second thread, the
`painter`, turns copies of θ into frames, so that training does not wait for pictures.
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
from pellucid.playground.outlet import Outlet, Send
from pellucid.playground.protocol import PROTOCOL, MessageError, PageMessage, decode
from pellucid.playground.questions import place, question
from pellucid.playground.rows.rows import DataError
from pellucid.playground.runs import code
from pellucid.playground.runs.pace import Pace
from pellucid.playground.runs.run import Edit
from pellucid.playground.settings import SettingError, Settings
from pellucid.playground.subject import Subject
from pellucid.playground.views.maths import Coming, Question, walk
from pellucid.playground.views.painter import MATHS_SECONDS, Order, Painter
from pellucid.training.divergence import DivergenceError

_log = logging.getLogger(__name__)

FRAME_SECONDS = 1 / 25
TICK_SECONDS = 1 / 60
CHUNK_SECONDS = 0.03
"""How long training goes on before messages are looked at."""
LONGEST_ERROR = 1000
MOST_UNACKNOWLEDGED = 2
PATIENCE_SECONDS = 5.0
"""After so long without an acknowledgement the page is taken to be gone, or asleep."""


class Session:
    """One page's playground.

    Parameters
    ----------
    send : function of (message, buffers)
        Called from the session's threads.
    model, data : Network or fitted estimator, and (X, y)
        What is opened instead of toy data.
    settings : dict
        To begin with.
    """

    def __init__(
        self, send: Send | None = None, model: Any = None, data: Any = None, settings: Mapping[str, Any] | None = None
    ) -> None:
        self._subject = Subject(Settings().changed(settings or {}), model, data)
        self._outlet = Outlet(send)
        self._painter = Painter(self._outlet)
        self._inbox: queue.SimpleQueue[PageMessage | MessageError] = queue.SimpleQueue()
        self._closed = threading.Event()
        self._playing = False
        self._pace = Pace()
        self._fresh = True  # no page has said hello yet
        self._outstanding = 0
        self._heard = 0.0  # when the page last acknowledged something
        self._sequence = self._generation = 0
        self._drawn = 0.0  # when the last frame was ordered
        self._stale = False  # something has changed since
        self._why = ""
        self._question: Question | None = None
        self._explained = 0.0  # when it was last answered
        self._thread = threading.Thread(target=self._work, name="pellucid-playground", daemon=True)
        self._thread.start()

    # ---------------------------------------------------------------- from any thread

    def receive(self, message: Any) -> None:
        """Take a message of the page; it is answered later, from the session's threads."""
        try:
            self._inbox.put(decode(message))
        except MessageError as error:
            self._inbox.put(error)

    def attach(self, send: Send) -> None:
        """From now on, this page is talked to. It will say hello."""
        self._outlet.send_by(send)

    def detach(self) -> None:
        """Nobody listens any more: training pauses, and everything is kept."""
        self._outlet.send_by(None)
        self._inbox.put(protocol.Pause())

    def close(self) -> None:
        """End both threads."""
        self._closed.set()
        self._inbox.put(protocol.Pause())
        self._painter.close()
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
                self._order_frame()
            except Exception as error:  # whatever it is, the page is answered again
                self._made_a_mistake("playing", error)

    def _messages(self) -> list[PageMessage | MessageError]:
        """What has come; waits for it as long as there is nothing else to do."""
        wait: float | None = None
        if self._playing:
            wait = TICK_SECONDS if self._subject.settings["speed"] else 0.0
        elif self._stale:
            wait = FRAME_SECONDS
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
            self._tell_error(message.kind, str(message))
            return
        kind = message.tag()
        try:
            HANDLERS[type(message)](self, message)
        except SettingError as error:
            self._tell_error(error.field, str(error))
        except DivergenceError as error:
            self._blown_up(error)
        except ValueError as error:
            self._tell_error(kind, str(error))
        except Exception as error:
            self._made_a_mistake(kind, error)

    def _made_a_mistake(self, kind: str, error: Exception) -> None:
        """Ours, not the page's: said there, and in full to who started the program. Training pauses."""
        _log.error("the playground could not answer %r", kind, exc_info=error)
        self._playing, self._why, self._stale = False, "paused: Pellucid made a mistake", False
        self._tell_error(kind, f"Pellucid made a mistake here, which is worth a report: {error!r}")

    def _train(self) -> None:
        subject = self._subject
        if self._outstanding and time.perf_counter() - self._heard > PATIENCE_SECONDS:
            self._pause(f"paused: the page has not answered for {PATIENCE_SECONDS:g} seconds")
            return
        epochs = self._pace.due(subject.settings["speed"])
        if not epochs:
            return
        try:
            self._pace.owed -= subject.run.go(epochs, CHUNK_SECONDS)
        except DivergenceError as error:
            self._blown_up(error)
        self._stale = True
        if subject.run.ended:
            self._pause(f"paused: {subject.run.ended}")

    def _blown_up(self, error: DivergenceError) -> None:
        self._pause("paused: the numbers blew up")
        self._tell_error("learning_rate", str(error))
        self._stale = True

    # ---------------------------------------------------------------- to the page

    def _order_frame(self) -> None:
        """Have a frame painted if something has changed, the last one was a while ago, and the page keeps up."""
        now = time.perf_counter()
        ready = self._painter.idle and self._outstanding < MOST_UNACKNOWLEDGED and self._outlet.open
        if not (self._stale and ready and now - self._drawn >= FRAME_SECONDS):
            return
        if not self._outstanding:
            self._heard = now
        self._sequence += 1
        self._outstanding += 1
        self._drawn, self._stale = now, False
        order = Order.of(self._subject, self._sequence, self._generation, playing=self._playing)
        question = self._question
        if question is not None and not (self._playing and now - self._explained < MATHS_SECONDS):
            self._explained = now
            order.question = question
            order.coming = self._asked_about(question)
        self._painter.paint(order)

    def _asked_about(self, question: Question) -> Coming:
        """The step that a question is about: the next batch's, or that of one sample alone."""
        run, names = self._subject.run, self._subject.rows
        if question.of == "batch":
            return Coming.of(run, names)
        _, rows, _ = run.coming()
        return Coming.of(run, names, sample=int(rows[0]) if question.sample is None else question.sample)

    def _tell_state(self) -> None:
        run = self._subject.run
        self._outlet.tell({
            "t": "state", "seq": self._sequence, "playing": self._playing, "why": self._why,
            "can_go_back": bool(run.clock.updates or run.pending_edits), "settings": self._subject.settings.as_json(),
        })  # fmt: skip

    def _tell_error(self, field: str, text: str) -> None:
        self._outlet.tell({"t": "error", "field": _cut(field), "text": _cut(text)})
        self._tell_state()  # what stands on the page is what stands here

    def _tell_build(self, note: str = "") -> None:
        self._generation += 1
        self._painter.forget()
        self._question = None  # the page asks again if it still shows what was asked about
        message, buffers = build_message(self._subject, self._generation, note)
        self._outlet.tell(message, buffers)
        self._subject.run.curve.changed_from = 0
        self._stale = True

    def _tell_all(self, note: str = "") -> None:
        """What is on the page now, from its structure on."""
        self._tell_build(note)
        self._tell_state()

    def _pause(self, why: str = "") -> None:
        if self._playing or why:
            self._playing, self._why, self._stale = False, why, True
            self._subject.stop_clock()
            self._tell_state()

    # ---------------------------------------------------------------- what a message asks for

    def _hello(self, message: protocol.Hello) -> None:
        if message.protocol != PROTOCOL:
            raise ValueError(f"this page speaks protocol {message.protocol}, Pellucid {PROTOCOL}: load it again")
        problem: SettingError | None = None
        if self._fresh and not self._subject.given:
            try:
                if message.lesson:
                    self._subject.load_preset(message.lesson)
                if message.settings:
                    self._subject.set(message.settings)
            except SettingError as error:
                problem = error
        self._fresh = False
        self._outstanding, self._heard = 0, time.perf_counter()
        self._outlet.tell(*catalog_message())
        self._tell_all()
        if problem is not None:
            raise problem

    def _play(self, message: protocol.Play) -> None:
        self._refuse_if_nothing_can_be_learned()
        if self._subject.run.ended:
            self._subject.run.begin_again()
        self._playing, self._why = True, ""
        self._heard = time.perf_counter()
        self._pace.start()
        self._subject.start_clock()
        self._tell_state()

    def _refuse_if_nothing_can_be_learned(self) -> None:
        if self._subject.rows.needed:
            raise DataError(self._subject.rows.needed)

    def _stop(self, message: protocol.Pause) -> None:
        self._pause()

    def _reset(self, message: protocol.Reset) -> None:
        self._pause()
        self._subject.reset()
        self._why = ""
        self._tell_all()

    def _step(self, message: protocol.Step) -> None:
        unit = message.unit
        self._refuse_if_nothing_can_be_learned()
        self._pause()
        run = self._subject.run
        if message.animate:
            coming = Coming.of(run, one_by_one=unit == "sample")
            sample = coming.place_of(None if self._question is None else self._question.sample)
            stages = walk(coming.step(), sample)
            self._outlet.tell({
                "t": "walk", "generation": self._generation, "sample": int(coming.rows[sample]), "unit": unit,
                "stages": stages,
            })  # fmt: skip
        self._subject.timed(lambda: run.step(unit))
        self._after_move()

    def _back(self, message: protocol.Back) -> None:
        self._move_back(lambda: self._subject.run.back(message.unit))

    def _goto(self, message: protocol.Goto) -> None:
        run = self._subject.run
        epoch = min(max(message.epoch, 0.0), run.epoch)
        self._move_back(lambda: run.go_back_to_epoch(epoch))

    def _move_back(self, move: Any) -> None:
        self._pause()
        before = self._subject.run.settings
        move()
        after = self._subject.moved()
        if before.remakes_network(after):
            self._tell_build("the settings are again what they were then")
        self._after_move()

    def _after_move(self) -> None:
        self._why, self._stale = "", True
        self._tell_state()

    def _set(self, message: protocol.Set) -> None:
        if self._subject.set(message.values):
            self._tell_build()
        self._stale = True
        self._tell_state()

    def _regenerate(self, message: protocol.Regenerate) -> None:
        self._subject.set({"seed": int(np.random.default_rng().integers(1, 100_000))})
        self._tell_all()

    def _lesson(self, message: protocol.Lesson) -> None:
        self._subject.load_preset(message.name)
        self._pause()
        self._tell_all()

    def _pick(self, message: protocol.Pick) -> None:
        self._question = question(message, self._subject.run.network, len(self._subject.run.data))
        self._explained, self._stale = 0.0, True

    def _edit(self, message: protocol.Edit) -> None:
        layer, unit, source = place(message, self._subject.run.network)
        self._subject.run.edit(Edit(layer, unit, source, message.value))
        self._after_move()

    def _draw(self, message: protocol.Draw) -> None:
        self._subject.draw(message.points, replace=message.replace)
        if self._playing and self._subject.rows.needed:
            self._pause("paused: there is too little to learn from")
        self._tell_all()

    def _table(self, message: protocol.Table) -> None:
        if self._subject.take_table(message.name, message.part, message.parts, message.text):
            self._pause()
            self._tell_all()

    def _columns(self, message: protocol.Columns) -> None:
        note = self._subject.use_columns(message.target, message.shown)
        self._pause()
        self._tell_all(note)

    def _export(self, message: protocol.Export) -> None:
        run, rows = self._subject.run, self._subject.rows
        kind = message.kind
        text = code.program(run, rows) if kind == "code" else code.weights(run, rows)
        filename = "playground.py" if kind == "code" else "playground-weights.json"
        self._outlet.tell({"t": "export", "kind": kind, "filename": filename, "text": text})

    def _ack(self, message: protocol.Ack) -> None:
        self._outstanding = max(0, self._sequence - message.seq)
        self._heard = time.perf_counter()


HANDLERS: dict[type[PageMessage], Callable[[Session, Any], None]] = {
    protocol.Hello: Session._hello, protocol.Play: Session._play, protocol.Pause: Session._stop,
    protocol.Reset: Session._reset, protocol.Step: Session._step, protocol.Back: Session._back,
    protocol.Goto: Session._goto, protocol.Set: Session._set, protocol.Regenerate: Session._regenerate,
    protocol.Lesson: Session._lesson, protocol.Pick: Session._pick, protocol.Edit: Session._edit,
    protocol.Draw: Session._draw, protocol.Table: Session._table, protocol.Columns: Session._columns,
    protocol.Export: Session._export, protocol.Ack: Session._ack,
}  # fmt: skip


def _cut(text: str) -> str:
    """What a page shows of a text that may hold all that it sent."""
    return text if len(text) <= LONGEST_ERROR else f"{text[: LONGEST_ERROR - 1]}…"


def _latest(messages: list[PageMessage | MessageError]) -> list[PageMessage | MessageError]:
    """Of consecutive picks only the last: a pointer passes over many units."""
    picks = [isinstance(message, protocol.Pick) for message in messages] + [False]
    return [message for i, message in enumerate(messages) if not (picks[i] and picks[i + 1])]
