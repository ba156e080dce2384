"""A server with a session that only listens and speaks; a server as a process; a browser that notes what it sees."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from websockets.sync.client import ClientConnection, connect

from pellucid.playground.hosts import server

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
        async with server.Server(opened).listening(server.listener(port), allow_hosts) as address:
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
def contexts() -> list[BrowserContext]:
    """The browsers that are open."""
    return []


@pytest.fixture
def host(contexts: list[BrowserContext]) -> Callable[..., Any]:
    """`with host(…) as hosted:` a server. Its pages are closed before it ends, or they would complain of that."""

    @contextmanager
    def hosting(*words: Any, **options: Any) -> Iterator[Hosted]:
        with running(*words, **options) as hosted:
            yield hosted
            while contexts:
                contexts.pop().close()

    return hosting


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


# The real thing: the command as a process, and a browser -------------------------------------------------------------


@dataclass
class Command:
    """`pellucid playground`, running."""

    process: subprocess.Popen[str]
    address: str

    def interrupt(self) -> str:
        """Ctrl-C; gives what was printed after the address."""
        self.process.send_signal(signal.SIGINT)
        printed, _ = self.process.communicate(timeout=PATIENCE)
        return printed


@pytest.fixture
def playground() -> Iterator[Callable[..., Command]]:
    """`playground(*words)` starts the command; what is still running at the end is told to end, as Ctrl-C does."""
    started: list[Command] = []

    def start(*words: object) -> Command:
        process = subprocess.Popen(
            [sys.executable, "-m", "pellucid", "playground", "--no-browser", *map(str, words)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        said = process.stdout.readline() + process.stdout.readline()
        found = re.search(r"http://\S+", said)
        if not found:
            process.kill()
            pytest.fail(said + process.communicate()[0])
        started.append(Command(process, found[0]))
        return started[-1]

    yield start
    for command in started:
        if command.process.poll() is None:
            command.interrupt()
            assert command.process.returncode == 0


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """Chromium, without a screen."""
    quiet = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=quiet)
        yield browser
        browser.close()


@dataclass
class Seen:
    """What a tab asked for, and what its console complained of."""

    hosts: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture
def seen() -> Seen:
    """What all tabs of a test have seen; a test that expects complaints clears them."""
    return Seen()


@pytest.fixture
def tab(browser: Browser, seen: Seen, contexts: list[BrowserContext]) -> Iterator[Callable[..., Page]]:
    """`tab()` opens a tab of a browser of its own; it may complain of nothing, and ask nobody elsewhere."""

    def host_of(url: str) -> set[str]:
        """The machine that is asked; none where the page itself holds what is asked for."""
        return set() if url.startswith(("data:", "blob:")) else {urlsplit(url).hostname or url}

    def watched(page: Page) -> None:
        page.set_default_timeout(PATIENCE * 1000)
        page.on("request", lambda request: seen.hosts.update(host_of(request.url)))
        page.on("websocket", lambda line: seen.hosts.update(host_of(line.url)))
        page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        page.on("console", lambda said: said.type in ("error", "warning") and seen.complaints.append(said.text))

    def open_tab(address: str | None = None, **options: Any) -> Page:
        contexts.append(browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options}))
        contexts[-1].on("page", watched)
        page = contexts[-1].new_page()
        if address is not None:
            page.goto(address)
        return page

    yield open_tab
    for context in contexts:
        context.close()
    assert seen.complaints == []
    assert seen.hosts <= {"127.0.0.1"}
