"""The way out of a session: one at a time, to whoever listens."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pellucid.maths.typing import Array

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
            if self._send is not None:
                self._send(message | {"buffers": described}, list(buffers.values()))
