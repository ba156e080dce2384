"""The page in Chromium: it opens, goes away, comes back, and is alone with its session."""

import json
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pellucid.playground import session
from pellucid.playground.hosts import server
from pellucid.playground.session import Session

ROOT = ".pellucid-playground"

SOCKETS_SEEN = """
const Real = WebSocket;
window.sockets = [];
window.WebSocket = class extends Real {
  constructor(...words) { super(...words); window.sockets.push(this); }
};
"""

LOST_CONNECTION = "WebSocket connection to"


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """A busy machine may keep a page from answering for long; only one test is about that."""
    monkeypatch.setattr(session, "ACK_TIMEOUT_SECONDS", 1000)


def opened(page):
    """The page, once it has painted its first frame."""
    page.wait_for_selector(f"{ROOT}[data-ready=true][data-frames]")
    return page


def data(page, name):
    return page.get_attribute(ROOT, f"data-{name}")


def epoch(page):
    return float(data(page, "epoch"))


def press(page, action):
    page.click(f"[data-action={action}]")


def wait_for(page, condition):
    """Wait until a condition on the root's data holds, such as `Number(data.epoch) > 5`."""
    page.wait_for_function(f"() => {{ const data = document.querySelector('{ROOT}').dataset; return {condition}; }}")


def session_threads():
    return [one for one in threading.enumerate() if one.name.startswith("pellucid-playground")]


def test_it_opens_without_complaint_and_asks_no_other_machine(playground, tab, seen):
    command = playground()
    page = opened(tab(command.address))
    assert page.title() == "Pellucid playground"
    assert "token" not in page.url
    assert seen.hosts == {"127.0.0.1"}
    press(page, "play")
    wait_for(page, "Number(data.epoch) > 3")
    press(page, "play")
    wait_for(page, "data.playing === 'false'")


def test_it_needs_nothing_of_the_notebook_extra(tab):
    """What the command runs on is there after `pip install pellucid` alone."""
    code = (
        "import sys; sys.modules.update(dict.fromkeys(['anywidget', 'ipywidgets', 'IPython', 'traitlets']));"
        "from pellucid.cli import main; sys.argv[1:] = ['playground', '--no-browser', '--port', '0']; main()"
    )
    process = subprocess.Popen([sys.executable, "-u", "-c", code], stdout=subprocess.PIPE, text=True)
    try:
        opened(tab(process.stdout.readline().split()[-1])).context.close()  # before its server ends
    finally:
        process.terminate()
        process.communicate(timeout=60)


def test_a_reload_loses_nothing(host, tab):
    with host(Session) as hosted:
        page = opened(tab(hosted.address))
        for done in range(1, 4):
            press(page, "step")
            wait_for(page, f"data.epoch === '{done}'")
        points = data(page, "curve-points")
        page.reload()
        opened(page)
        assert (epoch(page), data(page, "curve-points")) == (3, points)
        press(page, "play")
        wait_for(page, "Number(data.epoch) > 9")
        was = epoch(page)
        page.reload()
        opened(page)
        wait_for(page, f"Number(data.epoch) >= {was}")
        assert data(page, "playing") == "false"  # nobody watched
        assert len(hosted.sessions) == 1


def test_two_tabs_are_independent(host, tab):
    with host(Session) as hosted:
        one, other = opened(tab(hosted.address)), opened(tab(hosted.address))
        press(one, "play")
        wait_for(one, "Number(data.epoch) > 3")
        assert data(other, "playing") == "false"
        assert epoch(other) == 0
        press(other, "step")
        wait_for(other, "data.epoch === '1'")
        assert data(one, "playing") == "true"
        assert len(hosted.sessions) == 2


def test_a_tab_that_is_closed_ends_its_threads(host, tab, until, monkeypatch):
    monkeypatch.setattr(server, "KEEP_SECONDS", 0.2)
    with host(Session) as hosted:
        other = opened(tab(hosted.address))
        before = len(session_threads())
        page = opened(tab(hosted.address))
        assert len(session_threads()) == 2 * before > 0
        press(page, "play")
        wait_for(page, "Number(data.epoch) > 3")
        page.close()
        until(lambda: len(session_threads()) == before)
        press(other, "step")
        wait_for(other, "data.epoch === '1'")
    assert session_threads() == []


def test_an_address_copied_into_a_new_tab_has_its_settings_and_a_session_of_its_own(host, tab):
    with host(Session) as hosted:
        first = opened(tab(hosted.address + "#hidden=(7)"))
        press(first, "step")
        wait_for(first, "data.epoch === '1'")
        assert "token" not in first.url
        second = first.context.new_page()
        second.goto(first.url)
        opened(second)
        assert epoch(second) == 0
        assert second.get_by_text("7 units").count()
        assert len(hosted.sessions) == 2


def test_the_same_tab_twice_takes_the_session_over(host, tab, seen):
    """A browser that duplicates a tab copies what it had stored."""
    with host(Session) as hosted:
        first = opened(tab(hosted.address))
        stored = first.evaluate("JSON.stringify({...sessionStorage})")
        second = first.context.new_page()
        second.add_init_script(f"Object.assign(sessionStorage, {stored})")
        second.goto(hosted.address)
        opened(second)
        first.get_by_role("alert").get_by_text("open in another tab").wait_for()
        press(second, "step")
        wait_for(second, "data.epoch === '1'")
        assert len(hosted.sessions) == 1


def test_a_slow_browser_slows_only_its_pictures(host, tab):
    """400 ms a frame: training goes on, pictures are left out, nothing piles up."""
    with host(Session) as hosted:
        page = tab()
        page.add_init_script("window.requestAnimationFrame = (paint) => setTimeout(paint, 400)")
        page.goto(hosted.address)
        opened(page)
        page.evaluate(
            f"""() => {{
              window.longest = 0;
              new MutationObserver(() => {{
                window.longest = Math.max(window.longest, Number(document.querySelector('{ROOT}').dataset.queue));
              }}).observe(document.querySelector('{ROOT}'), {{ attributes: true }});
            }}"""
        )
        press(page, "play")
        wait_for(page, "Number(data.frames) > 4")
        frames, epochs, began = int(data(page, "frames")), epoch(page), page.evaluate("performance.now()")
        wait_for(page, f"Number(data.frames) > {frames + 8}")
        taken = page.evaluate("performance.now()") - began
        assert taken > 8 * 400 * 0.9  # it was as slow as it was to be
        assert epoch(page) - epochs > 8 * 2  # several epochs a picture
        assert page.evaluate("window.longest") <= 2
        press(page, "play")
        wait_for(page, "data.playing === 'false'")


def test_a_page_that_does_not_answer_pauses_the_training(host, tab, monkeypatch):
    monkeypatch.setattr(session, "ACK_TIMEOUT_SECONDS", 2)
    with host(Session) as hosted:
        page = opened(tab(hosted.address))
        page.evaluate("window.requestAnimationFrame = () => 0")  # no more painting, so no more acknowledgements
        press(page, "play")
        page.get_by_role("status").get_by_text("has not answered for 2 seconds").wait_for()
        wait_for(page, "data.playing === 'false'")


def test_a_message_that_is_too_long_costs_the_socket_not_the_session(host, tab):
    with host(Session) as hosted:
        page = tab()
        page.add_init_script(SOCKETS_SEEN)
        page.goto(hosted.address)
        opened(page)
        press(page, "step")
        wait_for(page, "data.epoch === '1'")
        page.evaluate("window.sockets[0].send('x'.repeat(2_000_000))")
        page.wait_for_function("() => window.sockets.length === 2 && window.sockets[1].readyState === WebSocket.OPEN")
        wait_for(page, "data.connected === 'true'")
        press(page, "step")
        wait_for(page, "data.epoch === '2'")
        assert len(hosted.sessions) == 1


@pytest.mark.parametrize(
    ("text", "told"), [('{"t": "pl', "a message must be JSON"), (json.dumps({"t": "explode"}), "explode")]
)
def test_a_message_that_makes_no_sense_is_told_and_the_session_lives_on(host, tab, text, told):
    with host(Session) as hosted:
        page = tab()
        page.add_init_script(SOCKETS_SEEN)
        page.goto(hosted.address)
        opened(page)
        page.evaluate("(text) => window.sockets[0].send(text)", text)
        page.get_by_role("status").get_by_text(told).wait_for()
        press(page, "step")
        wait_for(page, "data.epoch === '1'")


def test_a_server_that_is_gone_is_told(playground, tab, seen):
    command = playground()
    page = opened(tab(command.address))
    command.process.kill()
    command.process.communicate(timeout=60)
    page.get_by_role("alert").get_by_text("No connection to Python").wait_for()
    page.context.close()
    assert all(LOST_CONNECTION in one for one in seen.complaints)
    seen.complaints.clear()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *words):
        """Not on the terminal."""


@pytest.fixture
def foreign_site(tmp_path):
    """A page of another origin on this machine."""
    (tmp_path / "index.html").write_text("<!DOCTYPE html><link rel='icon' href='data:,'><title>foreign</title>")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=tmp_path)) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{site.server_address[1]}/"
        site.shutdown()


def test_a_foreign_page_gets_no_socket_even_with_the_token(host, tab, seen, foreign_site):
    with host(Session) as hosted:
        ours = opened(tab(hosted.address))
        foreign = tab(foreign_site)
        ended = foreign.evaluate(
            """(address) => new Promise((told) => {
                 const socket = new WebSocket(address);
                 socket.onopen = () => told("open");
                 socket.onclose = () => told("refused");
               })""",
            f"ws://127.0.0.1:{hosted.port}/socket?token={hosted.token}&session=session-1",
        )
        assert ended == "refused"
        read = foreign.evaluate(
            "(address) => fetch(address).then(() => 'read', () => 'refused')", f"http://127.0.0.1:{hosted.port}/"
        )
        assert read == "refused"
        foreign.set_content(f"<iframe src='{hosted.address}'></iframe>")
        foreign.frame_locator("iframe").locator("body").wait_for(state="attached")
        assert foreign.frame_locator("iframe").locator(ROOT).count() == 0
        assert seen.complaints
        seen.complaints.clear()
        press(ours, "step")
        wait_for(ours, "data.epoch === '1'")


def test_a_page_without_the_token_stays_outside(host, tab, seen):
    with host(Session) as hosted:
        page = tab(f"http://127.0.0.1:{hosted.port}/")
        page.get_by_role("alert").get_by_text("open the address that it printed").wait_for()
        assert page.locator(f"{ROOT}[data-ready=true]").count() == 0
        # The page asks the socket's address for the reason, and the console notes that answer too.
        page.context.close()
        assert all(LOST_CONNECTION in one or "status of 403" in one for one in seen.complaints)
        seen.complaints.clear()
