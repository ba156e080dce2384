"""Own data as a person uses it: files dropped, columns chosen, points drawn, there and back; the program each time."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_wine
from sklearn.preprocessing import scale

from pellucid import Dense, Network

from .talk import Talk
from .test_data import birds


@pytest.fixture
def talk():
    talk = Talk(settings={"samples": 60, "hidden": [3], "batch_size": 7})
    yield talk
    talk.close()


def built(talk, kind, /, **fields):
    """What is built after a message, and the first frame of it."""
    build, arrays = talk.ask(kind, "build", **fields)
    return build, arrays, *talk.until(lambda m: m["t"] == "frame" and m["generation"] == build["generation"])


def program_is_the_run(talk):
    """An epoch more, and the exported program: it ends at the same weights and losses."""
    frame, arrays = talk.frame("step", unit="epoch")
    made = {}
    exec(compile(talk.ask("export", "export", kind="code")[0]["text"], "playground.py", "exec"), made)
    np.testing.assert_array_equal(made["net"].theta, arrays["theta"])
    for part in ("train", "test"):
        loss = made["net"].loss_value(made[f"X_{part}"], made[f"y_{part}"])
        assert frame[part]["loss"] == pytest.approx(loss, rel=1e-12)
    return frame, arrays


def drop(talk, text, name="birds.csv"):
    return built(talk, "table", name=name, part=0, parts=1, text=text)


def test_points_drawn_into_a_toy_set_join_it(talk):
    before, points, *_ = built(talk, "set", values={"data": "moons"})
    _, trained = program_is_the_run(talk)
    build, arrays, frame, after = built(talk, "draw", points=[[0.5, 0.25, 1], [-1, 0.5, 0]])
    assert build["settings"]["data"] == "own"
    assert (build["n_train"], build["n_test"]) == (before["n_train"] + 2, before["n_test"])
    np.testing.assert_array_equal(arrays["train"][:-2], points["train"])
    np.testing.assert_array_equal(arrays["test"], points["test"])
    assert arrays["train"][-2:].tolist() == [[0.5, 0.25, 1], [-1, 0.5, 0]]
    assert frame["updates"] == 0
    np.testing.assert_array_equal(after["theta"], trained["theta"])
    program_is_the_run(talk)
    build, *_ = built(talk, "set", values={"features": ["x1", "x1*x2"]})
    assert build["n_train"] == before["n_train"] + 2
    program_is_the_run(talk)
    built(talk, "set", values={"data": "hills"})
    build, *_ = built(talk, "set", values={"data": "own"})
    assert build["n_train"] == before["n_train"] + 2
    assert "2 drawn by hand" in build["note"]
    build, arrays, *_ = built(talk, "draw", points=[[0.5, 0.25, 1]], replace=True)
    assert arrays["train"].tolist() == [[0.5, 0.25, 1]]


def test_a_new_start_after_drawing_begins_from_new_weights(talk):
    _, _, _, start = built(talk, "reset")
    program_is_the_run(talk)
    _, _, _, kept = built(talk, "draw", points=[[0.5, 0.25, 1]])
    assert not np.array_equal(kept["theta"], start["theta"])
    _, _, _, again = built(talk, "reset")
    np.testing.assert_array_equal(again["theta"], start["theta"])


def test_drawing_an_empty_picture_while_it_trains_pauses(talk):
    talk.say("play")
    talk.until(lambda m: m["t"] == "frame" and m["epoch"] >= 1)
    since = len(talk.heard)
    talk.say("draw", points=[[0.5, 0.5, 0]], replace=True)
    state, _ = talk.until(lambda m: m["t"] == "state" and "too little to learn from" in m["why"], since)
    assert not state["playing"]
    frame, _ = talk.until(lambda m: m["t"] == "frame" and not m["playing"], since)
    assert frame["updates"] == 0


def test_points_drawn_into_a_table_join_it(talk):
    before, *_ = drop(talk, birds())
    _, trained = program_is_the_run(talk)
    build, arrays, _, after = built(talk, "draw", points=[[30, 60, 1]])
    assert build["table"]["target"] == "kind"
    assert build["table"]["notes"][-1] == "1 drawn by hand, to train on."
    assert (build["n_train"], build["n_test"]) == (before["n_train"] + 1, before["n_test"])
    assert arrays["train"][-1].tolist() == [30, 60, 1]
    np.testing.assert_array_equal(after["theta"], trained["theta"])
    program_is_the_run(talk)
    build, *_ = built(talk, "draw", points=[[20, 40, 3]])
    assert build["classes"] == ["kite", "owl", "wren", "class 4"]
    program_is_the_run(talk)
    build, *_ = built(talk, "columns", target="kind", shown=["wing", "colour"])
    assert "drawn by hand (2) are gone" in build["note"]
    assert build["classes"] == ["kite", "owl", "wren"]
    program_is_the_run(talk)


def test_other_axes_leave_the_training_as_it_is(talk):
    drop(talk, birds())
    built(talk, "set", values={"features": ["size", "wing"]})
    done, trained = program_is_the_run(talk)
    build, arrays, frame, after = built(talk, "columns", target="kind", shown=["wing", "colour"])
    assert build["axes"] == ["wing", "colour = green"]
    assert build["settings"]["features"] == ["size", "wing"]
    assert set(arrays["train"][:, 1]) == {0, 1}
    assert frame["updates"] == done["updates"]
    assert frame["train"] == done["train"]
    np.testing.assert_array_equal(after["theta"], trained["theta"])
    program_is_the_run(talk)
    build, *_ = built(talk, "columns", target="kind", shown=["colour", "colour"])
    assert build["axes"] == ["colour = green", "size"]


def test_a_column_that_was_an_axis_can_be_learned(talk):
    drop(talk, birds())
    # The page sends what is chosen and the axes as they are.
    build, _, frame, _ = built(talk, "columns", target="size", shown=["size", "wing"])
    assert build["task"] == "regression"
    assert build["table"]["shown"] == ["wing", "colour"]
    assert [feature["name"] for feature in build["features"]][:1] == ["wing"]
    assert frame["updates"] == 0
    program_is_the_run(talk)
    error, _ = talk.ask("columns", "error", target="size", shown=["size", "wing"])
    assert "other columns than the target" in error["text"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"target": 5}, "target must be a text, got 5"),
        ({"shown": 5}, "shown must be a list of names, got 5"),
        ({"shown": [["size"]]}, "each of shown must be a text, got ['size']"),
        ({"target": "king"}, 'no column "king"'),
        ({"shown": ["king"]}, 'no column "king"'),
    ],
)
def test_columns_that_cannot_be(talk, fields, words):
    drop(talk, birds())
    error, _ = talk.ask("columns", "error", **fields)
    assert words in error["text"]
    program_is_the_run(talk)


def test_the_last_feature_cannot_be_switched_off(talk):
    drop(talk, birds())
    built(talk, "set", values={"features": ["size"]})
    error, _ = talk.ask("set", "error", values={"features": []})
    assert (error["field"], "switch a feature on" in error["text"]) == ("features", True)
    error, _ = talk.ask("set", "error", values={"features": ["tail"]})
    assert "unknown feature 'tail'" in error["text"]
    state, _ = talk.ask("set", "state", values={"speed": 1})
    assert state["settings"]["features"] == ["size"]


def test_arrays_and_a_model_seen_from_other_sides():
    X, y = load_wine(return_X_y=True)
    X = scale(X)
    net = Network([Dense(13, 4, "tanh"), Dense(4, 3, "softmax")])
    net.fit(X, y, epochs=20, random_state=0)
    talk = Talk(model=net, data=(X, y))
    done, _ = program_is_the_run(talk)
    build, _, frame, _ = built(talk, "columns", target="y", shown=["x13", "x7"])
    assert build["axes"] == ["x13", "x7"]
    assert build["table"]["columns"][-1] == build["table"]["target"] == "y"
    assert frame["updates"] == done["updates"]
    error, _ = talk.ask("columns", "error", target="x1", shown=["x13", "x7"])
    assert "only the axes can be chosen" in error["text"]
    build, *_ = built(talk, "draw", points=[[0.5, 0.5, 2]])
    assert build["n_train"] + build["n_test"] == len(X) + 1
    program_is_the_run(talk)
    _, _, _, again = built(talk, "reset")
    np.testing.assert_array_equal(again["theta"], net.theta)
    program_is_the_run(talk)
    built(talk, "set", values={"data": "circles"})
    build, *_ = built(talk, "set", values={"data": "own"})
    assert build["axes"] == ["x13", "x7"]
    program_is_the_run(talk)
    talk.close()


def test_a_file_that_cannot_be_used_leaves_what_was_there(talk):
    drop(talk, birds())
    built(talk, "draw", points=[[30, 60, 1]])
    error, _ = talk.ask("table", "error", name="no.csv", part=0, parts=1, text="a,b\n1,2\n")
    assert "at least 10 rows" in error["text"]
    build, *_ = built(talk, "set", values={"seed": 3})
    assert build["table"]["name"] == "birds.csv"
    assert build["table"]["notes"][-1] == "1 drawn by hand, to train on."
    program_is_the_run(talk)
    build, *_ = drop(talk, birds(40), "points")
    assert build["table"]["name"] == "points"
    build, *_ = built(talk, "draw", points=[[30, 60, 1]])
    assert build["n_train"] + build["n_test"] == 41
