"""The widget in JupyterLab: one server, one notebook, one kernel; each part of the test runs cells of its own."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page

PATIENCE = 120  # seconds: on a busy machine a kernel takes long to start
GRACE = 20  # seconds to end the server, which then ends its kernels

KERNEL_SPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}
NOTEBOOK = {"cells": [], "metadata": {"kernelspec": KERNEL_SPEC}, "nbformat": 4, "nbformat_minor": 5}
CONNECTION = "window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel"
KERNEL = f"{CONNECTION}?.status"


@pytest.fixture
def lab(tmp_path) -> Iterator[tuple[str, Path]]:
    """JupyterLab with settings of its own; its address and its folder."""
    folder = tmp_path
    work = folder / "work"
    settings = folder / "settings" / "@jupyterlab" / "apputils-extension"
    for one in (work, settings):
        one.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text('{"fetchNews": "false", "checkForUpdates": false}')
    # A subshell of ipykernel 7.4 may stop hearing on a busy machine, and everything after it in the notebook with it.
    (settings / "kernels-settings.jupyterlab-settings").write_text('{"commsOverSubshells": "disabled"}')
    (work / "widget.ipynb").write_text(json.dumps(NOTEBOOK))
    own = {"CONFIG": "config", "DATA": "data", "RUNTIME": "runtime"}
    environment = {
        **os.environ,
        **{f"JUPYTER_{name}_DIR": str(folder / place) for name, place in own.items()},
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "IPYTHONDIR": str(folder / "ipython"),
    }
    options = ["--no-browser", "--allow-root", "--ServerApp.port=0", f"--ServerApp.root_dir={work}"]
    options += ["--IdentityProvider.token=key", "--LabApp.expose_app_in_browser=True"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options], env=environment, stdout=log, stderr=log
        )
        try:
            yield address(process, folder), work
        finally:
            process.terminate()
            try:
                process.wait(GRACE)
            except subprocess.TimeoutExpired:  # it waits for a kernel that is busy
                process.kill()
                process.wait()


def address(process: subprocess.Popen, folder: Path) -> str:
    """Where the server listens, once it answers."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        for file in (folder / "runtime").glob("jpserver-*.json"):
            try:
                found = json.loads(file.read_text())["url"]
                urllib.request.urlopen(f"{found}api?token=key", timeout=5).close()
            except (json.JSONDecodeError, urllib.error.URLError):  # written in part; not listening yet
                break
            return found
        time.sleep(0.1)
    pytest.fail((folder / "log").read_text())


@dataclass
class Notebook:
    page: Page
    folder: Path
    hosts: set[str]
    mistakes: list[str]

    def run(self, source: str) -> Locator:
        """Put a cell at the end and run it; its output."""
        index = self.page.evaluate(
            """async (source) => {
                 const app = window.jupyterapp, notebook = app.shell.currentWidget.content;
                 notebook.activeCellIndex = notebook.widgets.length - 1;
                 await app.commands.execute("notebook:insert-cell-below");
                 notebook.activeCell.model.sharedModel.setSource(source);
                 app.commands.execute("notebook:run-cell"); // ends when the cell has run
                 return notebook.activeCellIndex;
               }""",
            source,
        )
        return self.page.locator(".jp-Notebook .jp-Cell").nth(index).locator(".jp-Cell-outputArea")

    def do(self, command: str) -> None:
        self.page.evaluate("(command) => { window.jupyterapp.commands.execute(command); }", command)

    def show(self, source: str) -> "View":
        view = View(self.run(source).locator(".pellucid-playground"))
        view.until(lambda: view.data("ready") == "true" and view.data("frames"))
        return view

    def wait_for_kernel(self, *states: str) -> None:
        self.page.wait_for_function(f"() => {json.dumps(states)}.includes({KERNEL})")


@dataclass
class View:
    root: Locator

    def data(self, name: str) -> str | None:
        return self.root.get_attribute(f"data-{name}")

    @property
    def epoch(self) -> float:
        return float(self.data("epoch"))

    def press(self, action: str) -> None:
        self.root.locator(f"[data-action={action}]").click()

    def until(self, condition) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end:
                pytest.fail(
                    self.root.evaluate("(root) => JSON.stringify(root.dataset) + root.innerText.slice(0, 2000)")
                )
            self.root.page.wait_for_timeout(50)


@pytest.fixture
def notebook(lab, browser) -> Iterator[Notebook]:
    """The notebook, open; at the end nothing may have gone wrong on its page, or been asked of other machines."""
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    one = Notebook(page, lab[1], set(), [])
    page.set_default_timeout(PATIENCE * 1000)
    page.on("request", lambda request: one.hosts.add(urlsplit(request.url).hostname))
    page.on("pageerror", lambda error: one.mistakes.append(str(error)))
    page.goto(f"{lab[0]}doc/tree/widget.ipynb?token=key")
    one.wait_for_kernel("idle")
    # A busy machine may keep the page from answering for long; that is not what is tested here.
    one.run("from pellucid.playground import Playground, session\nsession.ACK_TIMEOUT_SECONDS = 1000")
    yield one
    page.close()
    assert one.mistakes == []
    assert one.hosts <= {"127.0.0.1", "localhost", None}  # None: what the page itself holds


def a_cell_shows_it_and_it_trains(notebook):
    view = notebook.show("Playground()")
    view.press("play")
    view.until(lambda: view.epoch > 3)
    view.press("play")
    view.until(lambda: view.data("playing") == "false")
    assert view.root.bounding_box()["height"] > 300


def it_continues_after_a_busy_cell(notebook):
    view = notebook.show("Playground()")
    view.press("play")
    view.until(lambda: view.epoch > 3)
    busy = notebook.run(
        "import os, time\nprint('begun')\nwhile not os.path.exists('go'):\n    time.sleep(0.05)\nprint('ended')"
    )
    busy.get_by_text("begun").wait_for()
    was = view.epoch
    (notebook.folder / "go").touch()
    busy.get_by_text("ended").wait_for()
    view.until(lambda: view.epoch > was + 3)
    view.press("play")
    view.until(lambda: view.data("playing") == "false")


def two_views_show_one_session_and_without_a_view_it_rests(notebook):
    one = notebook.show("both = Playground()\nboth")
    other = notebook.show("both")
    one.press("step")
    other.until(lambda: other.epoch == 1)
    other.press("step")
    one.until(lambda: one.epoch == 2)
    other.press("play")
    one.until(lambda: one.epoch > 5 and one.data("playing") == "true")
    notebook.run("session.ACK_TIMEOUT_SECONDS = 1")
    notebook.do("notebook:clear-all-cell-outputs")
    one.root.wait_for(state="detached")
    other.root.wait_for(state="detached")
    # Nobody acknowledges pictures any more.
    rest = notebook.run("import time\nwhile both._session._playing:\n    time.sleep(0.05)\nprint('at rest')")
    rest.get_by_text("at rest").wait_for()
    notebook.run("session.ACK_TIMEOUT_SECONDS = 1000")
    again = notebook.show("both")
    assert again.data("playing") == "false"
    assert again.epoch > 5


def a_closed_widget_ends_its_threads(notebook):
    notebook.show("closed = Playground()\nclosed")
    ended = notebook.run("thread = closed._session._thread\nclosed.close()\nprint('alive:', thread.is_alive())")
    ended.get_by_text("alive: False").wait_for()


def where_buffers_get_lost_it_asks_for_text(notebook):
    """As in Colab, whose widgets may come without their binary buffers."""
    view = notebook.show(
        "class Colab(Playground):\n"
        "    def send(self, content, buffers=None):\n"
        "        super().send(content, [])\n"
        "colab = Colab()\n"
        "colab"
    )
    view.press("play")
    view.until(lambda: view.epoch > 3)
    told = notebook.run("print('text:', colab._inline)")
    told.get_by_text("text: True").wait_for()
    view.press("play")


def a_reload_finds_it_training(notebook):
    """Training goes on meanwhile, for as long as the session has patience."""
    view = notebook.show("kept = Playground()\nkept")
    view.press("play")
    view.until(lambda: view.epoch > 3)
    was, points = view.epoch, int(view.data("curve-points"))
    notebook.page.evaluate("() => window.jupyterapp.shell.currentWidget.context.save()")
    notebook.page.reload()
    notebook.wait_for_kernel("idle", "busy")
    again = View(notebook.page.locator(".jp-Cell-outputArea .pellucid-playground").last)
    again.until(lambda: again.data("ready") == "true" and again.data("frames"))
    assert again.epoch >= was
    assert int(again.data("curve-points")) >= points


# One test: were it many, each process of a parallel run would start a JupyterLab of its own.
PARTS = (
    a_cell_shows_it_and_it_trains,
    it_continues_after_a_busy_cell,
    two_views_show_one_session_and_without_a_view_it_rests,
    a_closed_widget_ends_its_threads,
    where_buffers_get_lost_it_asks_for_text,
    a_reload_finds_it_training,
)


def test_in_one_notebook(notebook, subtests):
    for part in PARTS:
        with subtests.test(part.__name__):
            part(notebook)
