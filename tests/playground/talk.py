"""A page that is no page: says what it is told to, acknowledges frames, and keeps what it hears."""

from __future__ import annotations

import threading
import time

from pellucid.playground.hosts.wire import to_bytes
from pellucid.playground.session import Session

PATIENCE = 60.0


class Talk:
    """A session with what it has said. `ask` sends a message and waits for an answer of a kind."""

    def __init__(self, *, acknowledges=True, hello=True, **options):
        self.heard = []
        self.acknowledges = acknowledges
        self._changed = threading.Condition()
        self.session = Session(self._hear, **options)
        if hello:
            self.frame("hello", protocol=1, binary=True)

    def _hear(self, message, buffers):
        to_bytes(message, buffers)  # as the server does, in the same thread
        arrays = {entry["name"]: array for entry, array in zip(message["buffers"], buffers, strict=True)}
        with self._changed:
            self.heard.append((message, arrays))
            self._changed.notify_all()
        if message["t"] == "frame" and self.acknowledges:
            self.session.receive({"t": "ack", "seq": message["seq"]})

    def say(self, kind, /, **fields):
        """Send a message."""
        self.session.receive({"t": kind, **fields})

    def until(self, condition, since=0):
        """Wait for a message (with its buffers) that fulfils a condition; those before `since` do not count."""
        deadline = time.monotonic() + PATIENCE
        with self._changed:
            while True:
                for message, arrays in self.heard[since:]:
                    if condition(message):
                        return message, arrays
                assert self._changed.wait(max(0.0, deadline - time.monotonic())), (
                    f"no such message among {[m['t'] for m, _ in self.heard[since:]]}"
                )

    def ask(self, kind, answer, /, **fields):
        """Send a message; the first message of kind `answer` that comes after it."""
        since = len(self.heard)
        self.say(kind, **fields)
        return self.until(lambda message: message["t"] == answer, since)

    def frame(self, kind, /, **fields):
        """Send a message that changes something; the frame that shows it."""
        state, _ = self.ask(kind, "state", **fields)
        return self.until(lambda message: message["t"] == "frame" and message["seq"] > state["seq"])

    def of(self, kind):
        """All messages of a kind."""
        return [message for message, _ in self.heard if message["t"] == kind]

    def close(self):
        """End the session."""
        self.session.close()
