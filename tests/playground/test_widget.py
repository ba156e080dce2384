"""The widget without a notebook: what it sends and takes."""

import base64
import re
import subprocess
import sys
import threading

import numpy as np
import pytest

from pellucid import Dense, Network
from pellucid.playground import Playground
from pellucid.playground.hosts import bundle


class Heard(Playground):
    """A widget that keeps what it would send to its views."""

    def __init__(self, *words, **named):
        self.sent = []
        self.changed = threading.Condition()
        super().__init__(*words, **named)

    def send(self, content, buffers=None):
        with self.changed:
            self.sent.append((content, buffers))
            self.changed.notify_all()

    def next(self, t, since=0):
        """The first message of a kind after some that were sent before."""

        def found():
            return next((one for one in self.sent[since:] if one[0]["t"] == t), None)

        with self.changed:
            assert self.changed.wait_for(found, timeout=60), [one[0]["t"] for one in self.sent]
            return found()

    def hear(self, **message):
        """As a view's message comes in."""
        self._handle_custom_msg(message, [])


@pytest.fixture
def widget():
    made = []

    def make(*words):
        made.append(Heard(*words))
        return made[-1]

    yield make
    for one in made:
        one.close()


def hello(widget, *, binary=True):
    since = len(widget.sent)
    widget.hear(t="hello", protocol=1, binary=binary)
    return widget.next("frame", since)


def test_it_says_what_the_page_asks_for(widget):
    frame, buffers = hello(widget())
    entry = next(one for one in frame["buffers"] if one["name"] == "theta")
    theta = np.frombuffer(buffers[frame["buffers"].index(entry)], "<f8")
    assert list(theta.shape) == entry["shape"]
    assert np.isfinite(theta).all()


def test_views_that_lose_buffers_get_base64(widget):
    one = widget()
    (frame, buffers), (again, none) = hello(one), hello(one, binary=False)
    assert none == []
    for entry, content, repeated in zip(frame["buffers"], buffers, again["buffers"], strict=True):
        if entry["name"] == "theta":
            assert base64.b64decode(repeated["data"]) == content
        assert repeated == entry | {"data": repeated["data"]}


def test_a_network_is_opened_and_left_as_it_is(widget, rng):
    X = rng.normal(size=(40, 2))
    net = Network([Dense(2, 3, "tanh"), Dense(3, 2, "softmax")]).initialize(random_state=0)
    before = net.theta.copy()
    one = widget(net, (X, (X[:, 0] > 0).astype(int)))
    frame, buffers = hello(one)
    names = [entry["name"] for entry in frame["buffers"]]
    assert buffers[names.index("theta")] == before.tobytes()
    since = len(one.sent)
    one.hear(t="step", unit="epoch")
    stepped, buffers = one.next("frame", since)
    assert stepped["epoch"] == 1
    assert buffers[names.index("theta")] != before.tobytes()
    assert (net.theta == before).all()


@pytest.mark.parametrize("message", [{"t": "explode"}, {}, {"t": None}, {"t": "set", "values": 3}, {"t": "ack"}])
def test_nonsense_is_told_and_the_session_lives_on(widget, message):
    one = widget()
    one.hear(**message)
    one.next("error")
    assert hello(one)[0]["t"] == "frame"


def test_closing_ends_the_threads(widget):
    before = set(threading.enumerate())
    one = widget()
    hello(one)
    ours = set(threading.enumerate()) - before
    assert ours
    one.close()
    assert not any(thread.is_alive() for thread in ours)


def test_two_widgets_have_two_sessions(widget):
    one, other = widget(), widget()
    hello(one)
    hello(other)
    since = len(other.sent)
    one.hear(t="step", unit="epoch")
    one.next("frame", 4)
    assert hello(other)[0]["epoch"] == 0
    assert all(content["t"] != "maths" for content, _ in other.sent[since:])


def test_what_cannot_be_shown_leaves_nothing_behind():
    before = threading.active_count()
    with pytest.raises(ValueError, match="at most 8 hidden layers of 16 units"):
        Playground(Network([Dense(2, 500), Dense(500, 1)], "squared_error").initialize(random_state=0), ([[1, 2]], [3]))
    assert threading.active_count() == before


def test_its_front_end_is_the_page(widget):
    one = widget()
    assert one._esm == bundle.script()
    assert one._css == bundle.style()
    assert not re.search(r"https?://(?!www\.w3\.org/)", one._esm + one._css)


def test_without_the_extra_it_says_what_to_install():
    code = (
        "import sys; sys.modules['anywidget'] = None\n"
        "import pellucid.playground\n"
        "try: pellucid.playground.Playground\n"
        "except ImportError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert "pip install anywidget" in done.stdout
