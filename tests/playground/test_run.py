"""A run goes on as `fit` would, goes back to the bit, and is written down as a program that ends where it ends."""

from __future__ import annotations

import contextlib
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pellucid.optimizers import OPTIMIZERS
from pellucid.playground.rows.data import toy
from pellucid.playground.runs.code import program
from pellucid.playground.runs.run import Edit
from pellucid.playground.settings import Settings
from pellucid.playground.state import new_run
from pellucid.training.divergence import DivergenceError

SMALL = {"samples": 60, "hidden": [3], "batch_size": 7, "learning_rate": 0.05}


def begun(**changes):
    chosen = Settings().changed(SMALL | changes)
    rows = toy(
        chosen["data"], samples=chosen["samples"], noise=chosen["noise"], classes=chosen["classes"],
        test_share=chosen["test_share"], seed=chosen["seed"], features=chosen["features"],
    )  # fmt: skip
    return new_run(chosen, rows), rows


def theta_of_program(run, rows):
    """θ after the exported program has run, in a namespace of its own."""
    names = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(program(run, rows), "playground.py", "exec"), names)
    return names["net"].theta


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"data": "spirals", "classes": 3, "hidden": [8, 6], "activations": ["relu", "tanh"], "optimizer": "adam",
         "schedule": "cosine", "epochs": 50, "dropout": 0.2},
        {"data": "waves", "optimizer": "nadam", "loss": "huber", "batch_size": 0, "penalty": "l2"},
        {"data": "moons", "output": "sigmoid", "optimizer": "lbfgs", "hidden": [5]},
        {"data": "xor", "features": ["x1", "x2", "x1*x2"], "hidden": [], "optimizer": "momentum", "batch_size": 1,
         "penalty": "elastic_net", "initializer": "normal"},
        {"data": "clouds", "classes": 8, "hidden": [4] * 8, "activations": ["mish"] * 8, "optimizer": "rmsprop",
         "schedule": "reduce_on_plateau", "initializer": "he_normal"},
    ],
)  # fmt: skip
def test_the_exported_program_ends_at_the_same_theta(changes):
    run, rows = begun(**changes)
    run.go(20, 60.0)
    while run.clock.finished < 20 and not run.ended:
        run.go(20 - run.clock.finished, 60.0)
    np.testing.assert_array_equal(theta_of_program(run, rows), run.network.theta)
    run.step("batch")
    run.step("sample")
    np.testing.assert_array_equal(theta_of_program(run, rows), run.network.theta)


ACTIONS = st.one_of(
    st.tuples(st.just("step"), st.sampled_from(["sample", "batch", "epoch"])),
    st.tuples(st.just("go"), st.integers(1, 4)),
    st.tuples(st.just("back"), st.sampled_from(["sample", "batch", "epoch"])),
    st.tuples(st.just("goto"), st.floats(0, 6)),
    st.tuples(st.just("edit"), st.floats(-2, 2)),
    st.tuples(st.just("look"), st.booleans()),
    st.tuples(
        st.just("change"),
        st.sampled_from([
            {"learning_rate": 0.2}, {"optimizer": "adam"}, {"optimizer": "gradient_descent"}, {"optimizer": "lbfgs"},
            {"activations": ["relu"]}, {"dropout": 0.3, "optimizer": "nadam"}, {"dropout": 0.0}, {"batch_size": 0},
            {"batch_size": 4}, {"penalty": "l1"}, {"schedule": "step"}, {"epochs": 3},
        ]),
    ),
)  # fmt: skip


def act(run, action, what):
    match action:
        case "step":
            run.step(what)
        case "go":
            run.go(what, 60.0)
        case "back":
            run.back(what)
        case "goto":
            run.go_back_to_epoch(what)
        case "edit":
            run.edit(Edit(0, 1, 0 if what > 0 else None, what))
        case "look":
            run.coming(what)
        case "change":
            # The two that cannot be together: the later one is refused.
            if run.settings["optimizer"] == "lbfgs" and what.get("optimizer") is None:
                what = {"dropout": 0.0} | what if "dropout" not in what else {"dropout": 0.0}
            if what.get("optimizer") == "lbfgs":
                what = what | {"dropout": 0.0}
            run.change(run.settings.changed(what))


@settings(max_examples=60, deadline=None)
@given(st.lists(ACTIONS, min_size=1, max_size=12), st.integers(0, 3))
def test_whatever_was_done_the_program_ends_at_the_same_theta(actions, seed):
    run, rows = begun(seed=seed)
    for action in actions:
        act(run, *action)
    np.testing.assert_array_equal(theta_of_program(run, rows), run.network.theta)
    finished = run.curve.rows
    assert len(finished) == run.clock.finished
    assert np.isfinite(finished[:, 1]).all()


@settings(max_examples=40, deadline=None)
@given(st.lists(ACTIONS.filter(lambda a: a[0] not in ("back", "goto")), min_size=1, max_size=8), st.data())
def test_going_back_gives_the_bits_that_were_there(actions, data):
    run, _ = begun()
    seen = {}
    for action in actions:
        act(run, *action)
        # A weight set by hand, or an activation, at rest: the state of this update is the last of several.
        seen[run.clock.updates] = (run.network.theta.copy(), run.clock, bool(run.pending_edits), run.settings)
    turn = data.draw(st.sampled_from(sorted(seen)))
    theta, clock, edited, _ = seen[turn]
    run.go_back_to(turn)
    assert run.clock.updates == turn
    if not edited or turn == max(seen):
        assert run.clock == clock
    if not edited:
        np.testing.assert_array_equal(run.network.theta, theta)


def test_back_by_an_epoch_a_batch_and_a_sample():
    run, _ = begun(batch_size=7)  # 30 training rows: five batches, the last of two rows
    states = [run.network.theta.copy()]
    for _ in range(13):
        run.step("batch")
        states.append(run.network.theta.copy())
    run.back("batch")
    np.testing.assert_array_equal(run.network.theta, states[12])
    run.back("epoch")
    np.testing.assert_array_equal(run.network.theta, states[7])
    assert run.epoch == pytest.approx(1 + 14 / 30)
    run.step("epoch")  # the rest of it
    np.testing.assert_array_equal(run.network.theta, states[10])
    run.step("sample")
    run.back("sample")
    np.testing.assert_array_equal(run.network.theta, states[10])
    run.go_back_to_epoch(0)
    np.testing.assert_array_equal(run.network.theta, states[0])
    assert len(run.curve.rows) == 0
    run.back("epoch")  # there is nothing before the beginning
    np.testing.assert_array_equal(run.network.theta, states[0])


@pytest.mark.parametrize("optimizer", sorted(OPTIMIZERS))
def test_losses_are_those_of_fit(optimizer):
    run, rows = begun(optimizer=optimizer, batch_size=0 if optimizer == "lbfgs" else 7)
    while run.clock.finished < 12 and not run.ended:
        run.go(12 - run.clock.finished, 60.0)
    twin, _ = begun(optimizer=optimizer)
    history = twin.network.fit(
        rows.X_train, rows.y_train, optimizer=twin.settings.optimizer, epochs=12,
        batch_size=None if optimizer == "lbfgs" else 7, random_state=twin.random, engine="compiled",
    )  # fmt: skip
    np.testing.assert_array_equal(run.curve.rows[:, 1], history["loss"])
    assert run.curve.rows[:, 0].tolist() == list(range(1, len(history) + 1))
    np.testing.assert_array_equal(run.network.theta, twin.network.theta)


def test_a_blow_up_leaves_the_last_finite_state_and_the_settings():
    run, _ = begun(data="waves", hidden=[4], activations=["relu"])
    run.go(3, 60.0)
    before = run.network.theta.copy()
    run.change(run.settings.changed({"learning_rate": 10.0, "loss": "squared_error"}))

    def go_on():
        for _ in range(200):
            run.go(50, 60.0)

    with pytest.raises(DivergenceError, match="diverged"):
        go_on()
    assert np.isfinite(run.network.theta).all()
    assert run.settings["learning_rate"] == 10.0
    assert run.clock.finished >= 3
    run.go_back_to_epoch(3)
    np.testing.assert_array_equal(run.network.theta, before)
    run.change(run.settings.changed({"learning_rate": 0.01}))
    run.go(2, 60.0)
    assert np.isfinite(run.curve.rows[:, 1]).all()


def test_a_planned_end_and_another_call():
    run, rows = begun(epochs=4, schedule="cosine")
    run.go(100, 60.0)
    assert run.clock.finished == 4
    assert run.ended == "the planned 4 epochs are done"
    assert run.go(100, 60.0) == 0
    run.begin_again()
    run.go(2, 60.0)
    assert run.clock.finished == 6
    np.testing.assert_array_equal(theta_of_program(run, rows), run.network.theta)


def test_many_snapshots_are_thinned_and_still_lead_back(monkeypatch):
    monkeypatch.setattr("pellucid.playground.runs.run.SECONDS_PER_SNAPSHOT", 0.0)
    monkeypatch.setattr("pellucid.playground.runs.run.MAX_SNAPSHOTS", 10)
    run, _ = begun()
    states = []
    for i in range(80):
        if i == 33:
            run.change(run.settings.changed({"learning_rate": 0.07}))
        states.append(run.network.theta.copy())
        run.step("batch")
    assert len(run._snapshots) <= 12
    for i in (79, 50, 33, 20, 4):
        run.go_back_to(i)
        np.testing.assert_array_equal(run.network.theta, states[i])
