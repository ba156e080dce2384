"""Where a session sends its messages: one at a time, to the page that is connected."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pellucid.maths.typing import Array

_log = logging.getLogger(__name__)

Send = Callable[[dict[str, Any], Sequence[Array]], None]
"""Takes a message, whose field `buffers` describes the arrays that come with it (name, dtype, shape)."""


class MessageSink:
    """Sends messages from several threads, one after the other; drops them while no page is connected."""

    def __init__(self, send: Send | None) -> None:
        self._send = send
        self._lock = threading.Lock()

    @property
    def connected(self) -> bool:
        """Whether a page is connected."""
        return self._send is not None

    def connect(self, send: Send | None) -> None:
        """Send to another page from now on; None: to nobody."""
        with self._lock:
            self._send = send

    def send(self, message: dict[str, Any], buffers: Mapping[str, Array] | None = None) -> None:
        """Send a message with named arrays."""
        buffers = buffers or {}
        described = [
            {"name": name, "dtype": array.dtype.str.lstrip("|"), "shape": list(array.shape)}
            for name, array in buffers.items()
        ]
        with self._lock:
            if self._send is None:
                return
            try:
                self._send(message | {"buffers": described}, list(buffers.values()))
            except Exception:  # a message that cannot be sent must not end the thread that answers all others
                _log.exception("the playground could not send %r", message.get("t"))
                self._send_failure(self._send)

    def _send_failure(self, send: Send) -> None:
        """The page waits for an answer: send a short error, which contains nothing of the message."""
        text = "Pellucid made a mistake here, which is worth a report: an answer could not be sent."
        try:
            send({"t": "error", "field": "message", "text": text, "buffers": []}, [])
        except Exception:
            _log.exception("the playground could not send that an answer failed")
