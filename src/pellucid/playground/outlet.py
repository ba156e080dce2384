"""The way out of a session: one at a time, to whoever listens."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pellucid.maths.typing import Array

_log = logging.getLogger(__name__)

Send = Callable[[dict[str, Any], Sequence[Array]], None]
"""Takes a message, in which `buffers` describes the arrays that come with it (name, dtype, shape)."""


class Outlet:
    """Sends messages one after the other from several threads; while nobody listens they are left unsaid."""

    def __init__(self, send: Send | None) -> None:
        self._send = send
        self._lock = threading.Lock()

    @property
    def open(self) -> bool:
        """Whether somebody listens."""
        return self._send is not None

    def send_by(self, send: Send | None) -> None:
        """Send by another way from now on."""
        with self._lock:
            self._send = send

    def tell(self, message: dict[str, Any], buffers: Mapping[str, Array] | None = None) -> None:
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
                self._say_so(self._send)

    def _say_so(self, send: Send) -> None:
        """The page waits for an answer: a short one, of which nothing comes from outside."""
        text = "Pellucid made a mistake here, which is worth a report: an answer could not be sent."
        try:
            send({"t": "error", "field": "message", "text": text, "buffers": []}, [])
        except Exception:
            _log.exception("nor that it could not")
