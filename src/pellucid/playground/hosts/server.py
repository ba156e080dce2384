"""The playground as a page of this machine: files over HTTP, and for each tab a session over a WebSocket."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import threading
import webbrowser
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from websockets.asyncio.server import ServerConnection
from websockets.asyncio.server import serve as listen
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from pellucid.playground.hosts.access import AccessControl
from pellucid.playground.hosts.wire import Buffers, Message, from_text, to_bytes
from pellucid.playground.protocol import MAX_PIECE

if TYPE_CHECKING:
    from pellucid.playground.session import Session

HOST = "127.0.0.1"
PORT = 8470
"""The default port: a fixed address can be bookmarked."""

KEEP_SECONDS = 30.0
"""A session outlives its page for so long: through a reload, or a lost connection."""

MAX_SESSIONS = 8
MAX_MESSAGE_BYTES = 6 * MAX_PIECE + 64_000
"""A character of a table has up to six bytes in JSON; the rest of its message is short."""

TAKEN_OVER = 4001
TOO_MANY = 4002

_log = logging.getLogger("pellucid.playground")
# Browsers open connections in advance and never use them; each would be logged with a traceback.
_log.addFilter(lambda record: record.getMessage() != "opening handshake failed")


def serve(
    model: Any = None,
    data: Any = None,
    *,
    port: int | None = None,
    browser: bool = True,
    allow_hosts: Iterable[str] = (),
) -> None:
    """Show the playground in the browser, until Ctrl-C.

    Args:
        model: a Network or a fitted estimator to open in it; it is copied, and stays as it is.
        data: (X, y) to train on.
        port: where to listen on 127.0.0.1; 0 for any that is free. Left out: 8470, or any where that is taken.
        browser: whether to open the browser; the address is printed in any case.
        allow_hosts: further names by which the server may be called, such as that of a tunnel.

    Raises:
        PortError: `port` cannot be listened on.
        RuntimeError: within a running event loop, as in a notebook, where `Playground` is the way.

    Example, in a script::

        from pellucid.playground import serve

        serve(net, (X, y))
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        pass
    else:
        raise RuntimeError(
            "serve() runs until Ctrl-C and cannot run within an event loop; in a notebook, show "
            "pellucid.playground.Playground(model, data)"
        )

    from pellucid.playground.session import Session

    def open_session() -> Session:
        return Session(model=model, data=data)

    run(open_session, first=open_session(), port=port, browser=browser, allow_hosts=allow_hosts)


def run(
    open_session: Callable[[], Session],
    *,
    first: Session | None = None,
    port: int | None = None,
    browser: bool = True,
    allow_hosts: Iterable[str] = (),
) -> None:
    """Serve sessions made by `open_session`, beginning with `first` if there is one, until Ctrl-C."""

    where = listener(port)

    async def until_interrupted() -> None:
        async with Server(open_session, first).listening(where, allow_hosts) as address:
            print(f"The playground is at {address}\nCtrl-C ends it.", flush=True)
            if browser:
                threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
            await asyncio.Event().wait()

    with suppress(KeyboardInterrupt):
        asyncio.run(until_interrupted())
    print("\nThe playground has ended.", flush=True)


class PortError(OSError):
    """The requested port is not available."""


class Server:
    """The sessions of all pages, by the names that the pages gave them."""

    def __init__(self, open_session: Callable[[], Session], first: Session | None = None) -> None:
        self._open_session = open_session
        self._first = first
        self._spare: asyncio.Task[Session] | None = None
        self._seats: dict[str, _Seat] = {}
        self._lock = asyncio.Lock()
        self._closing_tasks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def listening(self, where: socket.socket, allow_hosts: Iterable[str] = ()) -> AsyncIterator[str]:
        """Serve while the block runs; yields the address of the page."""
        port = where.getsockname()[1]
        self._access = AccessControl(port, allow_hosts)
        try:
            async with listen(
                self._serve_page,
                sock=where,
                process_request=self._answer,
                compression=None,  # costs time; bandwidth within this machine is plenty
                max_size=MAX_MESSAGE_BYTES,
                close_timeout=2,
                server_header=None,
                logger=_log,
            ):
                # Importing the engine takes as long as starting a browser: do both at once.
                self._spare = asyncio.create_task(self._opened())
                yield f"http://{HOST}:{port}/?token={self._access.token}"
        finally:  # all sockets are closed, and their handlers have returned
            for seat in list(self._seats.values()):
                self._expire(seat)
            if self._spare is not None:
                self._in_background(asyncio.to_thread((await self._spare).close))
            await asyncio.gather(*self._closing_tasks)

    async def _opened(self) -> Session:
        first, self._first = self._first, None
        return await asyncio.to_thread(self._open_session) if first is None else first

    def _answer(self, _: ServerConnection, request: Request) -> Response | None:
        return self._access.answer(request)

    async def _serve_page(self, connection: ServerConnection) -> None:
        """Serve one page until its socket closes."""
        assert connection.request is not None
        page = _Page(connection)
        seat = await self._enter(self._access.session_id(connection.request), page)
        if seat is None:
            text = f"{MAX_SESSIONS} playgrounds are open already: close one of their tabs, then reload this page."
            await connection.send(to_bytes({"t": "error", "field": "hello", "text": text}, []))
            await connection.close(TOO_MANY, "too many pages")
            return
        writer = asyncio.create_task(page.write())
        with suppress(ConnectionClosed):
            async for said in connection:
                try:
                    message = from_text(said)
                except ValueError as mistake:
                    page.send({"t": "error", "field": "message", "text": str(mistake)}, [])
                else:
                    seat.session.receive(message)
        writer.cancel()
        if seat.page is page:
            seat.page = None
            seat.session.detach()
            seat.expiry = asyncio.get_running_loop().call_later(KEEP_SECONDS, self._expire, seat)

    async def _enter(self, name: str, page: _Page) -> _Seat | None:
        """The session of this name, or a new one; None if too many are open."""
        async with self._lock:
            seat = self._seats.get(name)
            if seat is None:
                if len(self._seats) >= MAX_SESSIONS and not self._evict_session():
                    return None
                spare, self._spare = self._spare, None
                seat = self._seats[name] = _Seat(name, await (spare or self._opened()))
            if seat.expiry is not None:
                seat.expiry.cancel()
            left, seat.page = seat.page, page
            seat.session.attach(page.send)
            if left is not None:
                self._in_background(left.connection.close(TAKEN_OVER, "opened elsewhere"))
            return seat

    def _evict_session(self) -> bool:
        """End the session that has been without a page for the longest time; returns whether there was one."""
        left = [(seat.expiry.when(), name) for name, seat in self._seats.items() if seat.expiry and not seat.page]
        if left:
            self._expire(self._seats[min(left)[1]])
        return bool(left)

    def _expire(self, seat: _Seat) -> None:
        if seat.expiry is not None:
            seat.expiry.cancel()
        del self._seats[seat.name]
        self._in_background(asyncio.to_thread(seat.session.close))

    def _in_background(self, ending: Coroutine[Any, Any, None]) -> None:
        """Run in the background; the server waits for it before it ends."""
        task = asyncio.create_task(ending)
        self._closing_tasks.add(task)
        task.add_done_callback(self._closing_tasks.discard)


class _Page:
    """A page with an open socket, to which a session's threads send."""

    def __init__(self, connection: ServerConnection) -> None:
        self.connection = connection
        self._loop = asyncio.get_running_loop()
        self._waiting: asyncio.Queue[bytes] = asyncio.Queue()

    def send(self, message: Message, buffers: Buffers) -> None:
        """Queue a message for the page; from any thread."""
        self._loop.call_soon_threadsafe(self._waiting.put_nowait, to_bytes(message, buffers))

    async def write(self) -> None:
        """Send queued messages in order until the socket closes."""
        with suppress(ConnectionClosed):
            while True:
                await self.connection.send(await self._waiting.get())


@dataclass
class _Seat:
    """A session with its page, or with the timer that ends it if no page comes."""

    name: str
    session: Session
    page: _Page | None = None
    expiry: asyncio.TimerHandle | None = None


def listener(port: int | None) -> socket.socket:
    """A listening socket on 127.0.0.1, which no other machine reaches."""
    try:
        return socket.create_server((HOST, PORT if port is None else port))
    except OSError as error:
        if error.errno == errno.EADDRINUSE and port is None:
            return socket.create_server((HOST, 0))
        why = "another program has it" if error.errno == errno.EADDRINUSE else error.strerror
        raise PortError(f"port must be one that is free, got {port}: {why}; 0 takes any free one") from error
