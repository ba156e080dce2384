"""Pages come, go and come back; each finds its own session."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed

from pellucid.playground.hosts import server


def heard(connection, read, t="play"):
    """The answer of a session that tells what it hears."""
    connection.send(json.dumps({"t": t}))
    message, _ = read(connection.recv(60))
    return message


def test_a_message_reaches_the_session_and_its_answer_the_page(hosted, read):
    with hosted.connect() as page:
        assert heard(page, read) == {"t": "heard", "message": {"t": "play"}, "buffers": []}
    assert hosted.sessions[0].heard == [{"t": "play"}]


def test_what_a_sessions_threads_send_arrives_in_order(hosted, read):
    with hosted.connect() as page:
        heard(page, read)
        send = hosted.sessions[0].send

        entry = {"name": "theta", "dtype": "<f8", "shape": [50]}

        def count():
            for seq in range(200):
                send({"t": "frame", "seq": seq, "buffers": [entry]}, [np.full(50, float(seq))])

        threading.Thread(target=count).start()
        for seq in range(200):
            message, (content,) = read(page.recv(60))
            assert message["seq"] == seq
            assert content == np.full(50, float(seq)).tobytes()


def test_a_page_that_comes_back_finds_its_session(hosted, read, until):
    with hosted.connect("session-a") as page:
        heard(page, read)
    until(lambda: hosted.sessions[0].calls == ["attach", "detach"])
    with hosted.connect("session-a") as page:
        heard(page, read)
    until(lambda: hosted.sessions[0].calls == ["attach", "detach"] * 2)
    assert len(hosted.sessions) == 1


def test_two_pages_have_two_sessions(hosted, read):
    with hosted.connect("session-a") as a, hosted.connect("session-b") as b:
        heard(a, read, "play")
        heard(b, read, "pause")
        assert [one.heard for one in hosted.sessions] == [[{"t": "play"}], [{"t": "pause"}]]


def test_a_second_page_of_one_session_takes_it_over(hosted, read, until):
    with hosted.connect() as old:
        heard(old, read)
        with hosted.connect() as new:
            heard(new, read)
            with pytest.raises(ConnectionClosed):
                old.recv(60)
            assert old.close_code == server.TAKEN_OVER
            assert heard(new, read)["t"] == "heard"
            assert hosted.sessions[0].calls == ["attach", "attach"]
        until(lambda: hosted.sessions[0].calls[-1] == "detach")
    assert len(hosted.sessions) == 1


def test_a_session_left_alone_ends(hosted, read, monkeypatch):
    monkeypatch.setattr(server, "KEEP_SECONDS", 0.05)
    with hosted.connect() as page:
        heard(page, read)
    assert hosted.sessions[0].closed.wait(60)
    with hosted.connect() as page:
        heard(page, read)
    assert len(hosted.sessions) == 2


def test_sessions_are_counted(hosted, read, until):
    with ExitStack() as stack:
        pages = [stack.enter_context(hosted.connect(f"session-{k}")) for k in range(server.MAX_SESSIONS)]
        for page in pages:
            heard(page, read)
        with hosted.connect("one-too-many") as page:
            message, _ = read(page.recv(60))
            assert message["t"] == "error"
            assert message["text"].startswith("8 playgrounds are open already")
            with pytest.raises(ConnectionClosed):
                page.recv(60)
            assert page.close_code == server.TOO_MANY
        # One whose page is gone makes room; of several the one that has been alone for the longest time.
        for k in (3, 5):
            pages[k].close()
            until(lambda k=k: hosted.sessions[k].calls[-1] == "detach")
        with hosted.connect("one-more") as page:
            heard(page, read)
        assert hosted.sessions[3].closed.wait(60)
        assert not hosted.sessions[5].closed.is_set()


def test_all_sessions_end_with_the_server(host, read):
    with ExitStack() as stack:
        with host() as hosted:
            page = stack.enter_context(hosted.connect("session-a"))
            other = stack.enter_context(hosted.connect("session-b"))
            heard(page, read)
            heard(other, read)
        assert all(one.closed.is_set() for one in hosted.sessions)
        with pytest.raises(ConnectionClosed):
            page.recv(60)
        assert page.close_code == 1001  # going away


def test_ctrl_c_ends_them_too():
    code = (
        "from pellucid.playground.hosts.server import run\n"
        "class Session:\n"
        "    def close(self):\n"
        "        print('closed')\n"
        "run(Session, port=0, browser=False)"
    )
    process = subprocess.Popen([sys.executable, "-u", "-c", code], stdout=subprocess.PIPE, text=True)
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    printed, _ = process.communicate(timeout=60)
    assert printed.splitlines()[-3:] == ["closed", "", "The playground has ended."]
    assert process.returncode == 0


def test_a_session_that_nobody_came_for_ends_too(host):
    with host() as hosted:
        pass
    assert [one.calls for one in hosted.sessions] == [["close"]]


def test_a_message_that_is_too_long_ends_its_socket_but_not_the_session(hosted, read, until):
    with hosted.connect() as page:
        heard(page, read)
        page.send('{"t": "table", "text": "' + "x" * server.MAX_MESSAGE_BYTES + '"}')
        with pytest.raises(ConnectionClosed):
            page.recv(60)
        assert page.close_code == 1009
    until(lambda: hosted.sessions[0].calls[-1] == "detach")
    with hosted.connect() as page:
        assert heard(page, read)["t"] == "heard"
    assert len(hosted.sessions) == 1
    assert not hosted.sessions[0].closed.is_set()


@pytest.mark.parametrize(
    "text", ['{"t": "play"', "[1]", '{"t": 5}', "[" * 100_000, b"\x00\xff"], ids=lambda one: str(one)[:10]
)
def test_what_is_no_message_is_answered_and_the_session_lives_on(hosted, read, text):
    with hosted.connect() as page:
        page.send(text)
        message, _ = read(page.recv(60))
        assert message["t"] == "error"
        assert message["text"].startswith("a message must be")
        assert heard(page, read)["t"] == "heard"


def test_a_port_that_is_taken(host):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(
            server.PortError, match=f"port must be one that is free, got {port}: another program has it"
        ):
            server.listener(port)


def test_the_usual_port_is_left_to_another_program(host, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as other:
        monkeypatch.setattr(server, "PORT", other.getsockname()[1])
        with host(port=None) as hosted:
            assert hosted.port != other.getsockname()[1]


def test_no_other_machine_reaches_it(hosted):
    """Of all addresses of this machine, only 127.0.0.1 is listened on."""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", hosted.port), timeout=60)


def test_within_an_event_loop_serve_says_where_to_go():
    async def notebook():
        server.serve()

    with ThreadPoolExecutor() as elsewhere:  # in this thread, a browser's loop may be running
        mistake = elsewhere.submit(asyncio.run, notebook()).exception(60)
    assert isinstance(mistake, RuntimeError)
    assert "in a notebook, show pellucid.playground.Playground" in str(mistake)
