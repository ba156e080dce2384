"""A server with a session that only listens and speaks; a server as a process; a browser that notes what it sees."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from websockets.sync.client import ClientConnection, connect

from pellucid.playground import server

PATIENCE = 60
"""Seconds that a test waits for what is to happen; far more than it takes, so that a busy machine fails nothing."""


@dataclass
class Listener:
    """In a session's place, where only the server is looked at: keeps what comes, and says what it is told to."""

    send: Any = None
    heard: list[dict[str, Any]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    closed: threading.Event = field(default_factory=threading.Event)

    def attach(self, send):
        self.send = send
        self.calls.append("attach")

    def detach(self):
        self.calls.append("detach")

    def receive(self, message):
        self.heard.append(message)
        self.send({"t": "heard", "message": message}, [])

    def close(self):
        self.calls.append("close")
        self.closed.set()


@dataclass
class Hosted:
    """A running server, and its sessions in the order in which they were opened."""

    address: str
    sessions: list[Any]

    @property
    def port(self) -> int:
        return urlsplit(self.address).port

    @property
    def token(self) -> str:
        return parse_qs(urlsplit(self.address).query)["token"][0]

    def connect(self, session: str = "session-1", **options: Any) -> ClientConnection:
        return connect(
            f"ws://127.0.0.1:{self.port}/socket?token={self.token}&session={session}",
            origin=f"http://127.0.0.1:{self.port}",
            **{"open_timeout": PATIENCE, "close_timeout": PATIENCE, "max_size": None, **options},
        )


@contextmanager
def running(open_session: Callable[[], Any] = Listener, *, port: int | None = 0, allow_hosts=()) -> Iterator[Hosted]:
    """A server in a thread of this process."""
    sessions: list[Any] = []
    here: dict[str, Any] = {}
    ready = threading.Event()

    def opened():
        sessions.append(open_session())
        return sessions[-1]

    async def host() -> None:
        here["loop"], here["end"] = asyncio.get_running_loop(), asyncio.Event()
        async with server.Server(opened).listening(port, allow_hosts) as address:
            here["address"] = address
            ready.set()
            await here["end"].wait()

    thread = threading.Thread(target=lambda: asyncio.run(host()), daemon=True)
    thread.start()
    assert ready.wait(PATIENCE)
    try:
        yield Hosted(here["address"], sessions)
    finally:
        here["loop"].call_soon_threadsafe(here["end"].set)
        thread.join(PATIENCE)
        assert not thread.is_alive()


@pytest.fixture
def hosted() -> Iterator[Hosted]:
    with running() as one:
        yield one


@pytest.fixture
def host() -> Callable[..., Any]:
    return running


@pytest.fixture(scope="session")
def read() -> Callable[[bytes], tuple[dict[str, Any], list[bytes]]]:
    """A reader of envelopes, written from `docs/playground.md` alone."""
    sizes = {"<f8": 8, "<f4": 4, "i1": 1, "u1": 1}

    def envelope(block: bytes) -> tuple[dict[str, Any], list[bytes]]:
        at = 4 + int.from_bytes(block[:4], "little")
        message = json.loads(block[4:at])
        contents = []
        for entry in message["buffers"]:
            assert at % 8 == 0
            size = sizes[entry["dtype"]]
            for side in entry["shape"]:
                size *= side
            contents.append(block[at : at + size])
            at += -(-size // 8) * 8
        assert at == len(block) or not message["buffers"]
        return message, contents

    return envelope


@pytest.fixture
def until() -> Callable[..., None]:
    """`until(lambda: …)` waits for a condition."""

    def wait(condition: Callable[[], Any]) -> None:
        pause = threading.Event()
        for _ in range(PATIENCE * 50):
            if condition():
                return
            pause.wait(0.02)
        pytest.fail(f"did not happen within {PATIENCE} s")

    return wait
