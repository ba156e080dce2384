"""The playground in a notebook cell: Jupyter, marimo, Colab, or another host of anywidgets."""

from __future__ import annotations

from typing import Any

try:
    import anywidget
except ImportError as error:
    raise ImportError(
        "Playground needs anywidget, which is not installed: pip install anywidget. "
        "Without a notebook, `pellucid playground` shows the same page in the browser."
    ) from error

from pellucid.playground.hosts import bundle
from pellucid.playground.hosts.wire import Buffers, Message, envelope
from pellucid.playground.session import FRAME_SECONDS, Session

MAX_BYTES_PER_SECOND = 500_000
"""A Jupyter server drops what a kernel sends beyond 1 MB per second, unless it is configured otherwise."""


class Playground(anywidget.AnyWidget):
    """The playground as a widget; it trains as long as its kernel lives.

    All views of one widget show the same session; each widget has its own.

    Args:
        model: a `Network` or a fitted estimator to open in it; it is copied, and stays as it is.
        data: `(X, y)` to train on.

    Raises:
        ImportError: anywidget is not installed; the extra `notebook` brings it.

    >>> playground = Playground()
    >>> playground.close()  # also ends its training; so does the end of the kernel
    """

    _esm = bundle.script()
    _css = bundle.style()

    _session: Session | None = None
    _inline = False

    def __init__(self, model: Any = None, data: Any = None) -> None:
        self._session = Session(self._deliver, model=model, data=data)  # first: on an error there must be no widget
        super().__init__()
        self.on_msg(self._receive)

    def close(self) -> None:
        """End the session and remove all views of the widget."""
        if self._session is not None:
            self._session.close()
        super().close()

    def _deliver(self, message: Message, buffers: Buffers) -> None:
        """Send to all views, from the session's threads."""
        content, contents = envelope(message, buffers, inline=self._inline)
        if self._session is not None and message.get("t") == "frame":
            size = sum(block.nbytes for block in buffers)
            self._session.frame_seconds = max(FRAME_SECONDS, size / MAX_BYTES_PER_SECOND)
        self.send(content, contents)

    def _receive(self, _: Any, message: Any, buffers: Any) -> None:
        # Some hosts lose binary buffers; a page that misses them asks for text, and then all views get text.
        if isinstance(message, dict) and message.get("binary") is False:
            self._inline = True
        assert self._session is not None
        self._session.receive(message)
