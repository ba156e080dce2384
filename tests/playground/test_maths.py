"""What the page says of a unit or a weight is what `explain` says, and what is announced happens."""

from __future__ import annotations

import numpy as np
import pytest

from pellucid import explain, penalties
from pellucid.optimizers import OPTIMIZERS
from pellucid.playground.views.maths import NextStep, Selection, story, walk

from .talk import Talk
from .test_run import begun

PENALTIES = {"none": None, "l1": penalties.L1(0.01), "l2": penalties.L2(0.01)}


@pytest.mark.parametrize("penalty", PENALTIES)
@pytest.mark.parametrize("optimizer", sorted(OPTIMIZERS))
def test_the_announced_weight_is_the_one_after_the_step(optimizer, penalty):
    dropout = 0.0 if optimizer == "lbfgs" else 0.25
    run, _ = begun(
        optimizer=optimizer, penalty=penalty, penalty_rate=0.01, hidden=[4, 3], dropout=dropout, schedule="cosine",
        epochs=30,
    )  # fmt: skip
    for _ in range(8):  # within an epoch, at its end, in the next
        step = NextStep.of(run).compute()
        announced = {}
        for pick in (Selection("weight", 0, 1, 0), Selection("weight", 2, 0, 2), Selection("bias", 1, 2)):
            _, _, numbers = story(step, pick, 0)
            announced[pick] = numbers
            assert numbers["gradient"] == pytest.approx(
                np.dot(numbers["input"], numbers["delta"]) + _pull(penalty, pick, numbers["value"]), abs=1e-14
            )
        run.step("batch")
        for pick, numbers in announced.items():
            layer = run.network.layers[pick.layer]
            now = layer.b[pick.unit] if pick.input is None else layer.W[pick.input, pick.unit]
            assert now == pytest.approx(numbers["after"], rel=1e-9, abs=1e-13), pick


def _pull(penalty, pick, value):
    if pick.input is None or penalty == "none":
        return 0.0
    return 0.01 * (value if penalty == "l2" else np.sign(value))


def test_numbers_and_words_are_those_of_explain():
    run, rows = begun(hidden=[4, 3], optimizer="adam", penalty="l2", penalty_rate=0.01)
    run.step("epoch")
    next_step = NextStep.of(run)
    told = explain(
        run.network, rows.X_train[next_step.rows], rows.y_train[next_step.rows], optimizer=run.settings.optimizer,
        learning_rate=next_step.rate, state=next_step.state, penalty=penalties.L2(0.01),
    )  # fmt: skip
    step = next_step.compute()
    title, html, numbers = story(step, Selection("unit", 1, 2), 3)
    node = told.node(2, 3, sample=4)
    assert title in node.text
    assert _formulas(html) == _formulas(node.to_html())
    assert numbers["z"] == pytest.approx(np.dot(numbers["inputs"], numbers["weights"]) + numbers["bias"])
    assert numbers["a"] == pytest.approx(np.tanh(numbers["z"]))
    assert numbers["delta"] == told.step.gradient.deltas[1][3, 2]
    for pick, twin in ((Selection("weight", 1, 2, 0), told.edge(2, 1, 3)), (Selection("bias", 1, 2), told.bias(2, 3))):
        title, html, _ = story(step, pick, 0)
        assert title in twin.text
        assert _formulas(html) == _formulas(twin.to_html())


def _formulas(html):
    return [part.split("</math>")[0] for part in html.split("<math")[1:]]


def test_a_gradient_is_the_slope_of_the_loss():
    run, rows = begun(hidden=[3], data="spirals", classes=3)
    run.step("epoch")
    next_step = NextStep.of(run)
    numbers = story(next_step.compute(), Selection("weight", 0, 2, 1), 0)[2]
    X, y, h = rows.X_train[next_step.rows], rows.y_train[next_step.rows], 1e-5
    losses = []
    for shift in (-h, h):
        moved = run.network.copy()
        moved.layers[0].W[1, 2] += shift
        losses.append(moved.loss_value(X, y))
    assert numbers["gradient"] == pytest.approx((losses[1] - losses[0]) / (2 * h), rel=1e-6)


def test_a_sample_alone_makes_the_step_of_that_sample():
    run, _ = begun()
    run.step("epoch")
    next_step = NextStep.of(run, one_by_one=True)
    assert len(next_step.rows) == 1
    numbers = story(next_step.compute(), Selection("weight", 0, 1, 0), 0)[2]
    run.step("sample")
    assert run.network.layers[0].W[0, 1] == pytest.approx(numbers["after"], rel=1e-12)


def test_the_walk_goes_forwards_and_back_and_ends_in_the_step():
    run, _ = begun(hidden=[4, 3])
    step = NextStep.of(run).compute()
    stages = walk(step, 2)
    assert [(stage["kind"], stage["layer"]) for stage in stages] == [
        ("forward", 0), ("forward", 1), ("forward", 2), ("loss", 2), ("backward", 2), ("backward", 1), ("backward", 0),
        ("update", 0),
    ]  # fmt: skip
    np.testing.assert_array_equal(stages[1]["values"], step.forward_pass.A[1][2])
    np.testing.assert_array_equal(stages[5]["values"], step.gradient.deltas[1][2])
    assert all("<math" in stage["html"] for stage in stages)


def test_the_session_answers_a_pick_and_again_when_numbers_change():
    talk = Talk(settings={"samples": 60, "hidden": [3], "batch_size": 7})
    asked = {"what": "weight", "layer": 0, "unit": 2, "input": 1, "of": "batch", "sample": None}
    maths, _ = talk.ask("pick", "maths", **asked)
    assert maths["pick"] == {"t": "pick", **asked}
    since = len(talk.heard)
    frame, arrays = talk.frame("step", unit="batch")
    assert arrays["theta"][3 + 2] == pytest.approx(maths["numbers"]["after"])  # W (2, 3), row by row
    again, _ = talk.until(lambda message: message["t"] == "maths", since)
    assert again["numbers"]["value"] == arrays["theta"][5]
    since = len(talk.heard)
    walk_message, _ = talk.ask("step", "walk", unit="batch", animate=True)
    assert walk_message["generation"] == frame["generation"]
    talk.until(lambda message: message["t"] == "maths" and message["numbers"]["value"] != arrays["theta"][5], since)
    since = len(talk.heard)
    talk.say("pick", what=None)
    talk.frame("step", unit="batch")
    talk.ask("export", "export", kind="code")
    assert not [message for message, _ in talk.heard[since:] if message["t"] == "maths"]
    talk.close()


def test_an_edit_is_seen_and_written_down():
    talk = Talk(settings={"samples": 60, "hidden": [3]})
    _, arrays = talk.frame("edit", layer=0, unit=2, input=1, value=0.625)
    assert arrays["theta"][5] == 0.625
    _, arrays = talk.frame("edit", layer=1, unit=1, input=None, value=-1.5)
    assert arrays["theta"][-1] == -1.5
    text = talk.ask("export", "export", kind="code")[0]["text"]
    assert "net.layers[0].W[1, 2] = 0.625\nnet.layers[1].b[1] = -1.5\n" in text
    talk.close()
