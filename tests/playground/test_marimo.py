"""The widget in marimo: as `marimo run` serves it, and as an ASGI app."""

import socket
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

APP = """
import marimo

app = marimo.App()


@app.cell
def _():
    from pellucid.playground import Playground
    playground = Playground()
    playground
    return


if __name__ == "__main__":
    app.run()
"""

ASGI = """
import sys
import marimo
import uvicorn

app = marimo.create_asgi_app().with_app(path="/", root="app.py").build()
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
"""


@pytest.fixture(params=["marimo run", "ASGI"])
def site(request, tmp_path, until):
    """The app, served; its address."""
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "asgi.py").write_text(ASGI)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = {
        "marimo run": [
            "-m",
            "marimo",
            "run",
            "app.py",
            "--headless",
            "--no-token",
            "--host=127.0.0.1",
            f"--port={port}",
        ],
        "ASGI": ["asgi.py", str(port)],
    }[request.param]
    address = f"http://127.0.0.1:{port}/"

    def answers():
        assert process.poll() is None, log.name
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except urllib.error.URLError:
            return False
        return True

    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen([sys.executable, *words], cwd=tmp_path, stdout=log, stderr=log)
        try:
            until(answers)
            yield address
        finally:
            process.terminate()
            process.wait(60)


def test_it_trains(site, tab, seen, until):
    page = tab(site)
    root = page.locator(".pellucid-playground")  # within a shadow root
    root.wait_for()
    until(lambda: root.get_attribute("data-frames"))
    root.locator("[data-action=play]").click()
    until(lambda: float(root.get_attribute("data-epoch")) > 3)
    root.locator("[data-action=play]").click()
    until(lambda: root.get_attribute("data-playing") == "false")
    assert seen.hosts == {"127.0.0.1"}
    page.context.close()
    seen.complaints.clear()  # marimo's own
