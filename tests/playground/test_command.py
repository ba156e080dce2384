"""`pellucid playground`, as a process of its own and by its words."""

import os
import re
import signal
import socket
import subprocess
import sys

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from pellucid.cli.app import app
from pellucid.playground.settings import Settings

pytestmark = pytest.mark.slow


@pytest.fixture
def birds(tmp_path):
    random = np.random.default_rng(0)
    size, weight = random.normal(size=(2, 80))
    path = tmp_path / "birds.csv"
    species = np.where(size > 0, "owl", "wren")
    pl.DataFrame({"size": size, "weight": weight, "species": species}).write_csv(path)
    return path


def told(*words):
    """What a wrong command line is answered: one line, exit code 2."""
    result = CliRunner().invoke(app, ["playground", "--no-browser", *map(str, words)], prog_name="pellucid")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    return result.stderr


def opened(page):
    page.wait_for_selector(".pellucid-playground[data-ready=true][data-frames]")
    return page


def test_ctrl_c_ends_it(playground, tab, seen):
    command = playground("--port", 0)
    page = opened(tab(command.address))
    page.click("[data-action=play]")
    page.wait_for_selector(".pellucid-playground[data-playing=true]")
    printed = command.interrupt()
    assert printed == "\nThe playground has ended.\n"
    assert command.process.returncode == 0
    page.get_by_role("alert").get_by_text("No connection to Python").wait_for()
    page.context.close()
    seen.complaints.clear()  # of connections that were refused


def test_ctrl_c_at_once(playground):
    command = playground("--port", 0)
    assert "The playground has ended." in command.interrupt()
    assert command.process.returncode == 0


def test_an_own_table(playground, tab, birds):
    page = opened(tab(playground("--port", 0, "--data", birds, "--target", "species").address))
    assert page.get_by_text("birds.csv").count()
    assert page.get_by_text("owl").count()


def test_a_lesson(playground, tab):
    page = opened(tab(playground("--port", 0, "--lesson", "symmetry").address))
    assert page.get_by_text(re.compile("zero", re.IGNORECASE)).count()


def test_the_browser_is_opened(tmp_path):
    """By whatever program `BROWSER` names."""
    note = tmp_path / "note"
    script = tmp_path / "browser"
    script.write_text(f'#!/bin/sh\necho "$1" > {note}.part && mv {note}.part {note}\n')
    script.chmod(0o755)
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "pellucid", "playground", "--port", "0"],
        stdout=subprocess.PIPE, text=True, env={**os.environ, "BROWSER": f"{script} %s &"},
    )  # fmt: skip
    address = process.stdout.readline().split()[-1]
    while not note.exists():
        assert process.poll() is None
    assert note.read_text().strip() == address
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 0


def test_a_network_from_a_script(tab, seen, tmp_path):
    """`serve` shows it as it is, and leaves it as it is."""
    script = tmp_path / "script.py"
    script.write_text(
        "import numpy as np\n"
        "from pellucid import Dense, Network\n"
        "from pellucid.playground import serve\n"
        "X = np.random.default_rng(0).normal(size=(60, 2)); y = (X[:, 0] > 0).astype(int)\n"
        "net = Network([Dense(2, 5, 'tanh'), Dense(5, 2, 'softmax')]).initialize(random_state=0)\n"
        "before = net.theta.copy()\n"
        "serve(net, (X, y), port=0, browser=False)\n"
        "print('the same:', (net.theta == before).all())\n"
    )
    process = subprocess.Popen([sys.executable, "-u", script], stdout=subprocess.PIPE, text=True)
    page = opened(tab(process.stdout.readline().split()[-1]))
    assert page.get_by_text("5 units").count()
    page.click("[data-action=step]")
    page.wait_for_selector(".pellucid-playground[data-epoch='1']")
    process.send_signal(signal.SIGINT)
    printed, _ = process.communicate(timeout=60)
    assert printed.endswith("The playground has ended.\nthe same: True\n")
    assert process.returncode == 0
    page.context.close()
    seen.complaints.clear()  # of connections that were refused


def test_nothing_heavy_is_loaded_before_there_is_a_page():
    code = (
        "import sys, pellucid.cli.playground, pellucid.playground.hosts.server as server\n"
        "print('loaded:', {'numpy', 'polars', 'sklearn', 'matplotlib', 'rich'} & set(sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert result.stdout == "loaded: set()\n"


def test_help_shows_an_example():
    result = CliRunner().invoke(app, ["playground", "--help"], prog_name="pellucid")
    assert result.exit_code == 0
    assert "Example: pellucid playground --data table.csv --target species" in result.stdout


def test_a_port_that_is_taken():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert told("--port", port) == (
            f"pellucid: --port must be one that is free, got {port}: another program has it; 0 takes any free one\n"
        )


@pytest.mark.parametrize("port", ["eighty", "-1", "65536", "1.5"])
def test_what_is_no_port(port):
    assert told(f"--port={port}") == f'pellucid: --port must be a whole number from 0 to 65535, got "{port}"\n'


def test_wrong_words(birds, tmp_path):
    assert "--target must name a column of --data FILE, got species and no --data" in told("--target", "species")
    assert 'got simmetry; did you mean "symmetry"?' in told("--lesson", "simmetry")
    assert "does not exist" in told("--data", tmp_path / "none.csv")
    assert 'did you mean "species"?' in told("--data", birds, "--target", "specie")
    empty = tmp_path / "empty.csv"
    empty.touch()
    assert "which is empty" in told("--data", empty)


def test_a_model_that_cannot_be_shown_is_refused_before_there_is_a_page():
    code = (
        "from pellucid import Dense, Network; from pellucid.playground import serve\n"
        "net = Network([Dense(2, 500, 'tanh'), Dense(500, 2, 'softmax')]).initialize(random_state=0)\n"
        "serve(net, ([[0.0, 1.0]] * 4, [0, 1, 0, 1]), port=0, browser=False)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "model must have at most 8 hidden layers of 16 units to be shown, got [500]" in done.stderr


def test_a_pipe_is_read_once_for_all_pages(monkeypatch, birds):
    from pellucid.playground import session
    from pellucid.playground.hosts import server

    rows = []

    class Session:
        def __init__(self, *, data):
            rows.append(data.rows(Settings()).table["rows"])

    monkeypatch.setattr(session, "Session", Session)
    monkeypatch.setattr(server, "run", lambda make, **_: [make(), make()])
    result = CliRunner().invoke(app, ["playground", "--no-browser", "--data", "-"], input=birds.read_bytes())
    assert result.exit_code == 0, result.output
    assert rows == [80, 80, 80]
