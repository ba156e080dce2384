"""A session answers every message, keeps every loss point, and lives on whatever it is sent."""

from __future__ import annotations

import json
import threading
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_iris

from pellucid import Dense, MLPClassifier, Network
from pellucid.playground import session as session_module
from pellucid.playground.contract import json_schema
from pellucid.playground.protocol import MESSAGES
from pellucid.playground.rows.rows import DataError
from pellucid.playground.session import HANDLERS, Session

from .strategies import messages
from .talk import Talk


@pytest.fixture
def talk():
    talk = Talk(settings={"samples": 60, "hidden": [3], "batch_size": 7})
    yield talk
    talk.close()
    threads = talk.session._thread, talk.session._renderer._thread
    assert not any(thread.is_alive() for thread in threads)


def test_hello_is_answered_by_all_that_a_page_needs(talk):
    kinds = [message["t"] for message, _ in talk.heard]
    assert kinds[:3] == ["catalog", "build", "state"]
    ((build, arrays),) = [(m, a) for m, a in talk.heard if m["t"] == "build"]
    assert build["layers"][-1] == {"units": 2, "activation": "softmax", "dropout": 0.0}
    assert arrays["train"].shape == (build["n_train"], 3)
    frame, arrays = talk.until(lambda message: message["t"] == "frame")
    g = build["grid"]
    assert arrays["maps"].shape == (3 + 2, g // 2, g // 2)
    assert arrays["boundary"].shape == (2, g, g)
    assert arrays["theta"].shape == (3 * 3 + 2 * 4,)
    assert frame["epoch"] == 0
    assert json.dumps([message for message, _ in talk.heard])  # plain JSON, all of it


def test_play_and_pause_and_step(talk):
    talk.say("set", values={"speed": 200})
    talk.say("play")
    talk.until(lambda message: message["t"] == "frame" and message["epoch"] >= 5)
    state, _ = talk.ask("pause", "state")
    assert state["playing"] is False
    frame, _ = talk.until(lambda message: message["t"] == "frame" and not message["playing"] and message["epoch"] >= 5)
    stepped, _ = talk.frame("step", unit="epoch")
    assert stepped["finished"] == frame["finished"] + 1
    batch, _ = talk.frame("step", unit="batch")
    assert batch["updates"] == stepped["updates"] + 1
    sample, _ = talk.frame("step", unit="sample")
    assert sample["samples"] == batch["samples"] + 1
    back, arrays = talk.frame("back", unit="sample")
    assert back["updates"] == batch["updates"]
    np.testing.assert_array_equal(
        arrays["theta"], next(a["theta"] for m, a in talk.heard if m["t"] == "frame" and m["seq"] == batch["seq"])
    )


def test_no_loss_point_is_lost_while_frames_are_left_out():
    talk = Talk(settings={"samples": 60, "hidden": [3], "batch_size": 7, "speed": 1000}, acknowledges=False)
    talk.say("play")
    time.sleep(0.5)
    talk.say("pause")
    talk.until(lambda message: message["t"] == "state" and not message["playing"] and message["can_go_back"])
    assert len(talk.of("frame")) <= session_module.MAX_UNACKNOWLEDGED + 1  # hello's counted anew
    talk.acknowledges = True
    talk.say("ack", seq=talk.of("frame")[-1]["seq"])
    talk.until(lambda message: message["t"] == "frame" and not message["playing"] and message["finished"] > 100)
    rows = np.empty((0, 3))
    for message, arrays in talk.heard:
        if message["t"] == "frame":
            rows = np.concatenate([rows[: message["curve"]["start"]], arrays["curve"]])
            last = message
    assert rows[:, 0].tolist() == list(range(1, last["finished"] + 1))
    assert last["curve"]["total"] == len(rows)
    talk.close()


def test_training_on_the_page_is_fit_to_the_bit(talk):
    frame, arrays = None, None
    for _ in range(5):
        frame, arrays = talk.frame("step", unit="epoch")
    text = talk.ask("export", "export", kind="code")[0]["text"]
    names = {}
    exec(compile(text, "playground.py", "exec"), names)
    np.testing.assert_array_equal(names["net"].theta, arrays["theta"])
    weights = json.loads(talk.ask("export", "export", kind="weights")[0]["text"])
    np.testing.assert_array_equal(weights["layers"][0]["W"], names["net"].layers[0].W)
    assert frame["train"]["loss"] == pytest.approx(names["net"].loss_value(names["X_train"], names["y_train"]))
    assert frame["test"]["loss"] == pytest.approx(names["net"].loss_value(names["X_test"], names["y_test"]))
    assert sum(map(sum, frame["confusion"])) == 30


def test_live_settings_keep_the_weights_others_build_anew(talk):
    before, arrays = talk.frame("step", unit="epoch")
    state, _ = talk.ask("set", "state", values={"learning_rate": 0.3, "penalty": "l2"})
    assert state["settings"]["learning_rate"] == 0.3
    assert len(talk.of("build")) == 1
    build, _ = talk.ask("set", "build", values={"activations": ["relu"]})
    frame, after = talk.until(lambda m: m["t"] == "frame" and m["generation"] == build["generation"])
    np.testing.assert_array_equal(after["theta"], arrays["theta"])
    assert frame["updates"] == before["updates"]
    build, _ = talk.ask("set", "build", values={"hidden": [4, 2]})
    assert [layer["units"] for layer in build["layers"]] == [4, 2, 2]
    assert [layer["activation"] for layer in build["layers"]] == ["relu", "relu", "softmax"]
    frame, _ = talk.until(lambda m: m["t"] == "frame" and m["generation"] == build["generation"])
    assert frame["updates"] == 0


@pytest.mark.parametrize(
    ("message", "field", "text"),
    [
        ({"t": "nonsense"}, "nonsense", "unknown message 'nonsense'"),
        ({}, "message", "unknown message"),
        ({"t": "set"}, "set", "values must be an object, got None"),
        ({"t": "set", "values": {"learning_rate": "fast"}}, "learning_rate", "learning_rate must be a number"),
        ({"t": "set", "values": {"learning_rate": float("nan")}}, "learning_rate", "must be a number from 1e-05 to 10"),
        ({"t": "set", "values": {"batch_size": 2.5}}, "batch_size", "batch_size must be a whole number"),
        ({"t": "set", "values": {"hidden": [4, 17]}}, "hidden", "each of hidden must be a whole number from 1 to 16"),
        ({"t": "set", "values": {"hidden": [1] * 9}}, "hidden", "hidden must be at most 8 layers, got 9"),
        ({"t": "set", "values": {"activations": ["tanhh"]}}, "activations", "did you mean 'tanh'"),
        ({"t": "set", "values": {"data": "own"}}, "data", "there is no own data yet"),
        ({"t": "set", "values": {"features": []}}, "features", "switch a feature on"),
        ({"t": "set", "values": {"optimizer": "lbfgs", "dropout": 0.5}}, "dropout", "dropout must be 0 for optimizer"),
        ({"t": "set", "values": {"wings": 2}}, "wings", "unknown setting 'wings'"),
        ({"t": "step", "unit": "year"}, "step", "unit must be one of sample, batch, epoch, got 'year'"),
        ({"t": "goto", "epoch": "soon"}, "goto", "epoch must be a finite number, got 'soon'"),
        ({"t": "pick", "what": "unit", "layer": 7, "unit": 0, "of": "batch"}, "pick", "layer must be a whole number"),
        ({"t": "pick", "what": "weight", "layer": 0, "unit": 0, "of": "batch"}, "pick", "input must be a whole number"),
        ({"t": "edit", "layer": 0, "unit": 0, "input": 0, "value": "big"}, "edit", "value must be a finite number"),
        ({"t": "draw", "points": "many"}, "draw", "points must be a list"),
        ({"t": "draw", "points": [[0, 0, 99]]}, "draw", "class of a point must be"),
        ({"t": "table", "name": "a.csv", "part": 1, "parts": 2, "text": "x"}, "table", "came after 0"),
        ({"t": "table", "name": "a.csv", "part": 0, "parts": 1, "text": "x"}, "table", ""),
        ({"t": "columns", "target": "y"}, "columns", "There is no table"),
        ({"t": "lesson", "name": "flying"}, "lesson", "unknown lesson 'flying'"),
        ({"t": "export", "kind": "gold"}, "export", "kind must be one of code, weights"),
        ({"t": "hello", "protocol": 99}, "hello", "protocol"),
        ({"t": "ack", "seq": -1}, "ack", "seq must be a whole number"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_and_the_session_lives_on(talk, message, field, text):
    since = len(talk.heard)
    talk.session.receive(message)
    error, _ = talk.until(lambda m: m["t"] == "error", since)
    assert error["field"] == field
    assert text in error["text"]
    assert talk.frame("step", unit="epoch")[0]["finished"] == 1


EXTREMES = [
    10**400,
    -(10**400),
    2**63,
    10**4000,
    1e308,
    5e-324,
    "1e400",
    "9" * 5000,
    "\ud800",
    "\0",
    "\x1b[31m",
    [[]] * 9,
]
TEXT = st.text(st.characters(exclude_categories=()), max_size=5)  # halves of pairs of surrogates among them
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT | st.sampled_from(EXTREMES),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
SCHEMAS = json_schema()["$defs"]


@settings(max_examples=100, deadline=None)
@given(st.lists(messages(SCHEMAS, ANYTHING), max_size=6))
def test_any_message_leaves_a_session_that_answers(messages):
    talk = Talk(settings={"samples": 20, "hidden": [1]})
    for message in messages:
        talk.session.receive(message)
    talk.say("pause")
    assert talk.ask("export", "export", kind="weights")
    assert not [e for e in talk.of("error") if "made a mistake" in e["text"]]
    talk.close()


@pytest.mark.parametrize("epoch", [1e308, -1e308])
def test_no_epoch_is_too_far(talk, epoch):
    talk.frame("step", unit="epoch")
    assert talk.frame("goto", epoch=epoch)[0]["finished"] == (epoch > 0)


@pytest.mark.parametrize("message", [None, [], "play", 1, {"t": None}, {"t": ["play"]}, {1: 2}], ids=repr)
def test_what_is_no_message_is_refused(talk, message):
    since = len(talk.heard)
    talk.session.receive(message)
    error, _ = talk.until(lambda m: m["t"] == "error", since)
    assert error["field"] == "message"


def test_every_message_has_a_handler():
    assert set(HANDLERS) == set(MESSAGES.values())


@pytest.mark.parametrize(
    "value", [10**400, -(10**400), 10**4000, "\ud800", "9" * 2_000_000], ids=["+", "-", "long", "half", "text"]
)
def test_no_value_of_any_field_is_too_much(talk, value):
    """What is no float, has more digits than Python writes, or cannot be encoded is refused by its name."""
    layer = {"layer": 0, "unit": 0, "input": 0}
    messages = [
        {"t": "goto", "epoch": value}, {"t": "hello", "protocol": value}, {"t": value}, {"t": "step", "unit": value},
        {"t": "edit", **layer, "value": value}, {"t": "edit", **layer, "unit": value, "value": 1.0},
        {"t": "pick", "what": "unit", "of": "batch", **layer, "layer": value}, {"t": "lesson", "name": value},
        {"t": "pick", "what": "weight", "of": "sample", **layer, "sample": value}, {"t": "ack", "seq": value},
        {"t": "table", "name": "t", "part": value, "parts": value, "text": "a"}, {"t": "columns", "target": value},
        {"t": "draw", "points": [[value, 0.0, 0.0]]}, {"t": "draw", "points": [[0.0, 0.0, value]]},
        *({"t": "set", "values": {name: value}} for name in talk.session._state.settings),
        {"t": "set", "values": {"\ud800" if value == "\ud800" else "more": value}},
    ]  # fmt: skip
    since = len(talk.heard)
    for message in messages:
        talk.session.receive(message)
    assert talk.ask("export", "export", kind="weights")
    errors = [message["text"] for message, _ in talk.heard[since:] if message["t"] == "error"]
    assert len(errors) >= len(messages) - 2
    assert not [text for text in errors if "made a mistake" in text]
    assert max(map(len, errors)) <= 1000


def test_a_message_that_cannot_be_sent_is_said_to_be_so(talk, caplog):
    since = len(talk.heard)
    talk.session._sink.send({"t": "state", "settings": object()})
    assert "could not be sent" in talk.until(lambda m: m["t"] == "error", since)[0]["text"]
    assert "could not send 'state'" in caplog.text
    assert talk.frame("step", unit="epoch")[0]["finished"] == 1


def test_a_failure_of_ours_while_playing_pauses_and_is_answered(talk, monkeypatch, caplog):
    monkeypatch.setattr(type(talk.session._state.run), "go", lambda *_: 1 / 0)
    since = len(talk.heard)
    talk.say("play")
    assert "ZeroDivisionError" in talk.until(lambda m: m["t"] == "error", since)[0]["text"]
    assert talk.ask("export", "export", kind="weights")


def test_a_picture_that_fails_is_not_the_last_one(talk, monkeypatch, caplog):
    renderer = type(talk.session._renderer)
    frame = renderer._frame
    monkeypatch.setattr(renderer, "_frame", lambda *_: 1 / 0)
    error, _ = talk.ask("step", "error", unit="epoch")
    assert error["field"] == "frame"
    monkeypatch.setattr(renderer, "_frame", frame)
    talk.session._outstanding = 0  # as after the patience for an acknowledgement
    assert talk.frame("step", unit="epoch")[0]["finished"] == 2


def test_a_blow_up_pauses_and_says_why():
    talk = Talk(settings={"data": "waves", "hidden": [8], "activations": ["relu"], "learning_rate": 10, "speed": 0})
    talk.say("play")
    error, _ = talk.until(lambda message: message["t"] == "error")
    assert "diverged" in error["text"]
    assert "smaller learning rate" in error["text"]
    state, _ = talk.until(lambda message: message["t"] == "state" and "blew up" in message["why"])
    assert not state["playing"]
    _, arrays = talk.frame("set", values={"learning_rate": 0.001})
    assert np.isfinite(arrays["theta"]).all()
    talk.close()


def test_a_page_that_falls_silent_pauses_the_training(monkeypatch):
    monkeypatch.setattr(session_module, "ACK_TIMEOUT_SECONDS", 0.2)
    talk = Talk()
    talk.acknowledges = False
    talk.say("play")
    state, _ = talk.until(lambda message: message["t"] == "state" and "has not answered" in message["why"])
    assert not state["playing"]
    talk.close()


def test_a_page_that_comes_back_finds_everything():
    talk = Talk(settings={"samples": 60, "hidden": [3]})
    for _ in range(3):
        _, arrays = talk.frame("step", unit="epoch")
    talk.session.detach()
    again = Talk.__new__(Talk)
    again.__dict__.update(heard=[], acknowledges=True, _changed=threading.Condition(), session=talk.session)
    talk.session.attach(again._hear)
    frame, after = again.frame("hello", protocol=1, binary=True, settings={"hidden": [7]})
    assert frame["finished"] == 3
    np.testing.assert_array_equal(after["theta"], arrays["theta"])
    assert after["curve"][:, 0].tolist() == [1, 2, 3]
    assert again.of("build")[0]["settings"]["hidden"] == [3]
    talk.close()


def test_the_address_sets_a_fresh_session_and_says_what_it_cannot():
    talk = Talk(hello=False)
    talk.frame("hello", protocol=1, settings={"data": "spirals", "classes": "3", "hidden": "6,4"})
    build = talk.of("build")[0]
    assert build["settings"]["classes"] == 3
    assert [layer["units"] for layer in build["layers"]] == [6, 4, 3]
    talk.close()
    talk = Talk(hello=False)
    talk.say("hello", protocol=1, settings={"hidden": "many"})
    error, _ = talk.until(lambda message: message["t"] == "error")
    assert error["field"] == "hidden"
    assert talk.of("build")
    talk.close()


def test_own_table_in_pieces_and_its_columns(talk):
    X, y = load_iris(return_X_y=True)
    names = ["setosa", "versicolor", "virginica"]
    lines = ["a,b,c,d,kind", *(",".join([*map(str, row), names[k]]) for row, k in zip(X, y, strict=True))]
    text = "\n".join(lines)
    cut = len(text) // 2
    talk.say("table", name="iris.csv", part=0, parts=2, text=text[:cut])
    build, arrays = talk.ask("table", "build", name="iris.csv", part=1, parts=2, text=text[cut:])
    assert build["table"]["target"] == "kind"
    assert build["classes"] == names
    assert build["settings"]["data"] == "own"
    assert [feature["name"] for feature in build["features"]] == ["a", "b", "c", "d"]
    assert len(arrays["train"]) == build["n_train"]
    build, _ = talk.ask("columns", "build", target="d", shown=["c", "b"])
    assert build["task"] == "regression"
    assert build["axes"] == ["c", "b"]
    frame, _ = talk.frame("step", unit="epoch")
    assert frame["metric_name"] == "r2"
    assert frame["confusion"] is None
    build, _ = talk.ask("set", "build", values={"data": "moons"})
    assert build["settings"]["features"] == ["x1", "x2"]
    build, _ = talk.ask("set", "build", values={"data": "own"})
    assert build["table"]["name"] == "iris.csv"


def test_points_drawn_by_hand_keep_the_weights(talk):
    build, _ = talk.ask("draw", "build", points=[[0.5, 0.5, 0]], replace=True)
    assert "draw at least 2 points" in build["note"]
    error, _ = talk.ask("play", "error")
    assert "draw at least 2 points" in error["text"]
    talk.ask("draw", "build", points=[[-0.5, -0.5, 1], [0.4, -0.2, 1]])
    for _ in range(3):
        _, arrays = talk.frame("step", unit="epoch")
    build, _ = talk.ask("draw", "build", points=[[0.1, 0.9, 0]])
    _, after = talk.until(lambda m: m["t"] == "frame" and m["generation"] == build["generation"])
    np.testing.assert_array_equal(after["theta"], arrays["theta"])
    assert build["n_train"] == 4


def test_a_model_is_opened_with_its_weights():
    X, y = load_iris(return_X_y=True)
    net = Network([Dense(4, 5, "elu"), Dense(5, 3, "softmax")])
    net.fit(X, y, epochs=20, random_state=0)
    talk = Talk(model=net, data=(X, y))
    frame, arrays = talk.until(lambda message: message["t"] == "frame")
    np.testing.assert_array_equal(arrays["theta"], net.theta)
    talk.frame("step", unit="epoch")
    _, after = talk.frame("reset")
    np.testing.assert_array_equal(after["theta"], net.theta)
    talk.close()
    model = MLPClassifier((6,), scale="standard", solver="lbfgs", alpha=0.1, max_iter=2000, random_state=0).fit(X, y)
    talk = Talk(model=model, data=(X, y))
    frame, arrays = talk.until(lambda message: message["t"] == "frame")
    build = talk.of("build")[0]
    assert build["classes"] == ["0", "1", "2"]
    hits = frame["train"]["metric"] * build["n_train"] + frame["test"]["metric"] * build["n_test"]
    assert hits / len(y) == pytest.approx(model.score(X, y))
    talk.close()


@pytest.mark.parametrize(
    ("layers", "options", "text"),
    [
        ([Dense(4, 50), Dense(50, 3, "softmax")], {}, "at most 8 hidden layers of 16 units"),
        ([Dense(4, 2)], {"loss": "squared_error"}, "what the playground can set"),
        ([Dense(4, 1, "exponential")], {"loss": "poisson"}, "model cannot be shown"),
    ],
)
def test_a_model_that_cannot_be_shown_is_refused(layers, options, text):
    net = Network(layers, **options).initialize(random_state=0)
    X = np.zeros((10, 4))
    with pytest.raises(DataError, match=text):
        Session(model=net, data=(X, np.arange(10) % 2))


def test_speeds_and_seconds(talk):
    talk.say("set", values={"speed": 200})
    talk.say("play")
    frame, _ = talk.until(lambda m: m["t"] == "frame" and m["epoch"] > 100 and m["epochs_per_second"] > 0)
    assert frame["seconds"] > 0
    assert frame["samples_per_second"] == pytest.approx(frame["epochs_per_second"] * 30, rel=0.2)
