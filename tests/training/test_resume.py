"""A training that is stopped and continued is the training that was not stopped, bit for bit."""

import io
import json
import pickle
import signal

import numpy as np
import pytest

from pellucid import (
    Dense,
    EarlyStopping,
    Network,
    Trainer,
    TrainingInterruptedWarning,
    fit_many,
    optimizers,
    penalties,
    schedules,
)
from pellucid.optimizers import OPTIMIZERS
from pellucid.training.state import TrainingState

EPOCHS, BATCHES = 10, 6
FIRST_ORDER = sorted(name for name in OPTIMIZERS if OPTIMIZERS[name].needs == "gradient")
SCHEDULES = {
    "constant": None,
    "cosine": "cosine",
    "step": schedules.Step(),
    "plateau": schedules.ReduceOnPlateau(patience=1, min_delta=0.05),
}


@pytest.fixture(scope="module")
def data():
    random = np.random.default_rng(5)
    X = random.normal(size=(40, 3))
    return X, (X[:, 0] * X[:, 1] + 0.3 * random.normal(size=40) > 0).astype(int)


def network(dropout=0.0, dtype="float64", activation="tanh"):
    layers = [Dense(3, 5, activation, dropout=dropout), Dense(5, 2, "softmax")]
    return Network(layers, dtype=dtype).initialize(random_state=0)


def saved(state):
    """Through JSON and .npz, as a file would hold it."""
    text, file = json.dumps(state.as_json()), io.BytesIO()
    np.savez(file, **state.arrays())
    file.seek(0)
    with np.load(file) as arrays:
        return TrainingState.from_parts(json.loads(text), dict(arrays))


def pickled(state):
    return pickle.loads(pickle.dumps(state))


def in_one_go(data, make, random_state, **options):
    net = make()
    history = net.fit(*data, epochs=EPOCHS, random_state=random_state, **options)
    return net, history


def in_parts(data, make, random_state, stops, through=saved, **options):
    """The same with pauses after so many updates."""
    net = make()
    history = net.fit(*data, epochs=EPOCHS, random_state=random_state, max_updates=stops[0], **options)
    for stop in (*stops[1:], None):
        net = make()  # nothing of the earlier network is left
        history = net.fit(*data, epochs=EPOCHS, resume=through(history.state), max_updates=stop, **options)
    return net, history


def assert_same(whole, parts, exact=True):
    (net, history), (other, continued) = whole, parts
    np.testing.assert_array_equal(other.theta, net.theta)
    assert len(continued) == len(history)
    assert continued.stopped == history.stopped
    assert continued.best_epoch == history.best_epoch
    for column in ("loss", "objective", "metric", "rate", "validation_loss", "validation_metric"):
        if exact or column not in ("loss", "objective", "metric"):
            assert continued[column] == history[column], column
        else:
            np.testing.assert_allclose(continued[column], history[column], rtol=1e-12)
    now, before = continued.state, history.state
    assert now.as_json() == {**before.as_json(), "history": now.as_json()["history"]}
    assert now.arrays().keys() == before.arrays().keys()
    for name, array in before.arrays().items():
        np.testing.assert_array_equal(now.arrays()[name], array, err_msg=name)


@pytest.mark.parametrize("engine", ["reference", "compiled"])
@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("optimizer", FIRST_ORDER)
def test_every_optimizer_with_every_schedule(data, optimizer, schedule, engine):
    options = {
        "optimizer": optimizer, "schedule": SCHEDULES[schedule], "engine": engine, "batch_size": 7,
        "penalty": penalties.L2(0.01), "random_state": 3,
    }  # fmt: skip
    make = lambda: network(0.2)  # noqa: E731
    assert_same(in_one_go(data, make, **options), in_parts(data, make, stops=[5 * BATCHES], **options))


@pytest.mark.parametrize("engine", ["reference", "compiled"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("dropout", [0.0, 0.4])
@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("stops", [[3], [5 * BATCHES + 4], [1, 2, 13, 14, 40], [BATCHES, 2 * BATCHES]], ids=str)
def test_any_split_also_in_the_midst_of_an_epoch(data, stops, shuffle, dropout, dtype, engine):
    options = {
        "optimizer": "nadam", "batch_size": 7, "shuffle": shuffle, "engine": engine, "random_state": 1,
        "schedule": "cosine", "penalty": penalties.ElasticNet(0.01), "clip_norm": 0.5, "max_norm": 1.5,
    }  # fmt: skip
    make = lambda: network(dropout, dtype)  # noqa: E731
    whole = in_one_go(data, make, **options)
    exact = all(stop % BATCHES == 0 for stop in stops)
    assert_same(whole, in_parts(data, make, stops=stops, **options), exact=exact)


@pytest.mark.parametrize("engine", ["reference", "compiled"])
@pytest.mark.parametrize("batch_size", [None, 7])
@pytest.mark.parametrize("monitor", ["loss", "validation_loss", "validation_metric"])
@pytest.mark.parametrize("patience", [1, 3, 50])
def test_early_stopping_and_held_out_rows(data, patience, monitor, batch_size, engine):
    options = {
        "optimizer": optimizers.Adam(0.05), "batch_size": batch_size, "engine": engine, "validation": 0.25,
        "early_stopping": EarlyStopping(monitor, patience=patience), "random_state": 2,
    }  # fmt: skip
    n_batches = 1 if batch_size is None else 5
    whole = in_one_go(data, network, **options)
    for stops in ([2 * n_batches], [n_batches, 4 * n_batches]):
        assert_same(whole, in_parts(data, network, stops=stops, **options))


@pytest.mark.parametrize("engine", ["reference", "compiled"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("pauses", [[1], [5], [2, 3, 9], [0, 4]], ids=str)
def test_lbfgs(data, pauses, dtype, engine):
    def pause(at):
        return lambda run: run.stop("a pause") if run.epoch == at else None

    options = {"optimizer": optimizers.LBFGS(history_size=3), "penalty": penalties.L2(0.01), "engine": engine}
    whole, history = in_one_go(data, lambda: network(0.0, dtype), None, **options)
    state = None
    for at in (*pauses, None):
        net = network(0.0, dtype)
        part = net.fit(*data, epochs=EPOCHS, resume=state, callbacks=[pause(at)], **options)
        state = saved(part.state)
    np.testing.assert_array_equal(net.theta, whole.theta)
    assert part["loss"] == history["loss"]
    assert part.stopped == history.stopped
    for name, array in history.state.optimizer.items():
        np.testing.assert_array_equal(part.state.optimizer[name], array)


@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_lbfgs_begins_anew_with_another_penalty_or_other_targets(data, engine):
    X, y = data
    for other in ({"penalty": penalties.L2(0.3)}, {"y": 1 - y}):
        net, fresh = network(), network()
        part = net.fit(X, y, optimizer="lbfgs", epochs=4, engine=engine)
        fresh.theta = net.theta
        targets, penalty = other.get("y", y), other.get("penalty")
        net.fit(X, targets, optimizer="lbfgs", epochs=9, penalty=penalty, engine=engine, resume=part.state)
        fresh.fit(X, targets, optimizer="lbfgs", epochs=5, penalty=penalty, engine=engine)
        np.testing.assert_array_equal(net.theta, fresh.theta)


def test_what_converged_or_ran_out_of_patience_stays_so(data):
    net = network()
    options = {"optimizer": "lbfgs", "penalty": penalties.L2(0.1), "epochs": 500}
    history = net.fit(*data, **options)
    assert history.stopped == "converged"
    theta = net.theta.copy()
    again = net.fit(*data, resume=history.state, **options)
    assert (again.stopped, len(again)) == ("converged", len(history))
    np.testing.assert_array_equal(net.theta, theta)


def test_more_patience_goes_further(data):
    options = {"optimizer": optimizers.Adam(0.1), "validation": 0.3, "epochs": 100}
    net = network()
    short = net.fit(*data, early_stopping=EarlyStopping(patience=2), random_state=0, **options)
    assert len(short) < 100
    longer = net.fit(*data, early_stopping=EarlyStopping(patience=6), resume=short.state, **options)
    whole = network().fit(*data, early_stopping=EarlyStopping(patience=6), random_state=0, **options)
    assert longer["validation_loss"] == whole["validation_loss"]
    assert longer.best_epoch == whole.best_epoch


@pytest.mark.parametrize(
    "make_random",
    [lambda: 7, lambda: np.random.RandomState(7), lambda: np.random.default_rng(7),
     lambda: np.random.Generator(np.random.MT19937(7)), lambda: np.random.Generator(np.random.Philox(7)),
     lambda: np.random.Generator(np.random.SFC64(7))],
    ids=["seed", "RandomState", "PCG64", "MT19937", "Philox", "SFC64"],
)  # fmt: skip
@pytest.mark.parametrize("through", [saved, pickled, TrainingState.copy, lambda state: state])
def test_every_source_of_random_numbers_and_every_way_to_keep_a_state(data, make_random, through):
    options = {"batch_size": 7, "engine": "reference"}
    whole = in_one_go(data, lambda: network(0.3), random_state=make_random(), **options)
    parts = in_parts(data, lambda: network(0.3), make_random(), [12, 30], through, **options)
    assert_same(whole, parts)


def test_the_state_that_a_callback_sees(data):
    states = []

    def keep(run):
        states.append(run.state)

    options = {"batch_size": 7, "schedule": schedules.ReduceOnPlateau(patience=1), "validation": 0.2, "epochs": EPOCHS}
    whole = network(0.2)
    history = whole.fit(*data, random_state=4, callbacks=[keep], **options)
    assert [state.epochs for state in states] == list(range(1, EPOCHS + 1))
    for state in states:
        net = network(0.2)
        assert net.fit(*data, resume=saved(state), **options)["validation_loss"] == history["validation_loss"]
        np.testing.assert_array_equal(net.theta, whole.theta)


def test_a_changed_rate_of_a_callback_is_kept(data):
    def halve(run):
        run.rate_factor *= 0.8

    options = {"batch_size": 7, "callbacks": [halve], "random_state": 0}
    assert_same(in_one_go(data, network, **options), in_parts(data, network, stops=[24], **options))


def test_epochs_count_from_the_first_fit_on(data):
    net = network()
    history = net.fit(*data, epochs=5, batch_size=7, random_state=0)
    theta = net.theta.copy()
    assert len(net.fit(*data, epochs=5, batch_size=7, resume=history.state)) == 5
    np.testing.assert_array_equal(net.theta, theta)
    with pytest.raises(ValueError, match=r"epochs counts all epochs, and resume has done 5: .* got 4"):
        net.fit(*data, epochs=4, batch_size=7, resume=history.state)


@pytest.mark.parametrize("engine", ["reference", "compiled"])
@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_after_ctrl_c_between_epochs(data, optimizer, engine):
    def interrupt(run):
        if run.epoch == 3:
            signal.raise_signal(signal.SIGINT)

    options = {"optimizer": optimizer, "epochs": EPOCHS, "engine": engine}
    if optimizer == "adam":
        options |= {"batch_size": 7}
    whole, net = network(), network()
    history = whole.fit(*data, random_state=0, **options)
    with pytest.warns(TrainingInterruptedWarning):
        part = net.fit(*data, random_state=0, callbacks=[interrupt], **options)
    assert (len(part), part.ending) == (4, "interrupted")
    continued = net.fit(*data, resume=saved(part.state), **options)
    assert continued["loss"] == history["loss"]
    np.testing.assert_array_equal(net.theta, whole.theta)


def test_engine_auto_stays_where_it_was(data):
    history = network().fit(*data, epochs=5, batch_size=7, random_state=0)
    assert history.state.engine == "reference"
    later = network().fit(*data, epochs=2000, max_updates=60, batch_size=7, resume=history.state)
    assert later.state.engine == "reference"
    history = network().fit(*data, epochs=2, batch_size=7, random_state=0, engine="compiled")
    assert network().fit(*data, epochs=3, batch_size=7, resume=history.state).state.engine == "compiled"


OTHER = [
    (lambda: Network([3, 4, 2], "tanh"), {}, 40, r"network was Dense\(3, 5, Tanh\(\)\), .* and is Dense\(3, 4, Tanh"),
    (lambda: network(activation="relu"), {}, 40, "network was .*Tanh.* and is .*ReLU"),
    (lambda: network(dropout=0.1), {}, 40, "network was "),
    (lambda: network(dtype="float32"), {}, 40, "dtype was float64 and is float32"),
    (network, {"optimizer": "momentum"}, 40, "optimizer was Adam and is Momentum"),
    (network, {}, 39, "number of rows was 40 and is 39"),
    (network, {"batch_size": 8}, 40, "batch_size was 7 and is 8"),
    (network, {"shuffle": False}, 40, "shuffle was True and is False"),
    (network, {"validation": 0.5}, 40, "share for validation was None and is 0.5"),
]


@pytest.mark.parametrize(("make", "options", "rows", "words"), OTHER)
def test_a_state_of_something_else_is_refused(data, make, options, rows, words):
    X, y = data
    state = network().fit(X, y, epochs=2, batch_size=7, random_state=0).state
    net = make()
    theta = net.theta.copy() if net.initialized else None
    with pytest.raises(ValueError, match=f"resume does not fit: {words}"):
        net.fit(X[:rows], y[:rows], **({"epochs": 4, "batch_size": 7, "resume": state} | options))
    if theta is not None:
        np.testing.assert_array_equal(net.theta, theta)


def test_other_wrong_states(data):
    X, y = data
    history = network().fit(X, y, epochs=2, random_state=0)
    with pytest.raises(TypeError, match=r"resume must be a TrainingState, such as history\.state, got History"):
        network().fit(X, y, resume=history)
    for extra in ({"random_state": 0}, {"optimizer_state": {}}):
        with pytest.raises(ValueError, match="must be None with resume"):
            network().fit(X, y, resume=history.state, **extra)
    parts = history.state.as_json()
    del parts["random"]
    with pytest.raises(ValueError, match="not the parts of a TrainingState: random missing"):
        TrainingState.from_parts(parts, history.state.arrays())
    lbfgs = network().fit(X, y, epochs=2, optimizer="lbfgs").state
    with pytest.raises(ValueError, match=r"(s|y|rho) of the optimizer had shape \(10.* and has \(3"):
        network().fit(X, y, optimizer=optimizers.LBFGS(history_size=3), resume=lbfgs)


def test_a_state_is_not_changed_by_what_continues_from_it(data):
    state = network(0.2).fit(*data, epochs=3, batch_size=7, random_state=0).state
    text, arrays = json.dumps(state.as_json()), {name: a.copy() for name, a in state.arrays().items()}
    for _ in range(2):
        network(0.2).fit(*data, epochs=6, batch_size=7, resume=state)
    assert json.dumps(state.as_json()) == text
    for name, array in state.arrays().items():
        np.testing.assert_array_equal(array, arrays[name])


@pytest.mark.parametrize("engine", ["reference", "compiled"])
@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_a_state_is_not_changed_by_later_fits(data, optimizer, engine):
    """Nor is the optimizer state that a user gave, and owns."""
    net, owned = network(), {}
    given = {} if optimizer == "lbfgs" else {"optimizer_state": owned}
    history = net.fit(*data, optimizer=optimizer, epochs=3, random_state=1, engine=engine, **given)
    parts = history.state.as_json(), {name: array.copy() for name, array in history.state.arrays().items()}
    assert parts[0]["history"]["columns"]["loss"] == history["loss"]
    net.fit(*data, optimizer=optimizer, epochs=3, random_state=2, engine=engine, **given)
    assert history.state.as_json() == parts[0]
    for name, array in history.state.arrays().items():
        np.testing.assert_array_equal(array, parts[1][name])


def test_many_networks_continue_each_from_its_own_state(data):
    options = {"batch_size": 7, "progress": False}
    whole, parts = [network(0.2) for _ in range(3)], [network(0.2) for _ in range(3)]
    fit_many(whole, *data, epochs=6, random_state=0, **options)
    histories = fit_many(parts, *data, epochs=6, random_state=0, max_updates=20, **options)
    fit_many(parts, *data, epochs=6, resume=[history.state for history in histories], **options)
    for a, b in zip(whole, parts, strict=True):
        np.testing.assert_array_equal(a.theta, b.theta)


# ---------------------------------------------------------------- the Trainer


@pytest.mark.parametrize("engine", ["reference", "compiled"])
@pytest.mark.parametrize("optimizer", ["adamw", "momentum", "lbfgs"])
def test_a_trainer_in_parts_is_fit(data, optimizer, engine):
    options = {"optimizer": optimizer, "engine": engine}
    if optimizer != "lbfgs":
        options |= {"batch_size": 7, "schedule": "cosine", "random_state": 0}
    whole = network()
    history = whole.fit(*data, epochs=EPOCHS, **options)
    net = network()
    trainer = Trainer(net, *data, epochs=EPOCHS, **options)
    assert len(trainer.run(3)) == 3
    saved_state = trainer.state
    assert len(trainer.run(1)) == 4
    assert trainer.run()["loss"] == history["loss"]
    np.testing.assert_array_equal(net.theta, whole.theta)
    trainer.state = saved(saved_state)
    assert len(trainer.history) == 3
    assert trainer.run()["loss"] == history["loss"]
    np.testing.assert_array_equal(net.theta, whole.theta)


def test_a_trainer_continues_from_the_last_parameters_not_the_best(data):
    options = {"optimizer": optimizers.Adam(0.1), "validation": 0.3, "random_state": 0}
    options["early_stopping"] = EarlyStopping(patience=30)
    whole, net = network(), network()
    history = whole.fit(*data, epochs=20, **options)
    trainer = Trainer(net, *data, epochs=20, **options)
    for _ in range(4):
        trainer.run(5)
    assert trainer.history["loss"] == history["loss"]
    np.testing.assert_array_equal(net.theta, whole.theta)


@pytest.mark.parametrize("optimizer", FIRST_ORDER)
def test_steps_on_batches_of_ones_own_are_those_of_fit(data, optimizer):
    X, y = data
    weight = np.linspace(0.5, 2, 40)
    whole, net = network(), network()
    history = whole.fit(X, y, sample_weight=weight, optimizer=optimizer, batch_size=8, shuffle=False, epochs=2,
                        engine="reference", penalty=penalties.L2(0.1))  # fmt: skip
    trainer = Trainer(net, optimizer=optimizer, penalty=penalties.L2(0.1))
    losses = []
    for _ in range(2):
        for first in range(0, 40, 8):
            rows = slice(first, first + 8)
            loss = trainer.step(X[rows], y[rows], weight[rows])
            losses.append(loss * weight[rows].sum() / weight.sum())
    np.testing.assert_allclose(net.theta, whole.theta, rtol=1e-12)
    assert sum(losses[:5]) == pytest.approx(history["loss"][0])


def test_steps_continue_from_a_state(data):
    X, y = data
    batches = [slice(first, first + 8) for first in range(0, 40, 8)]
    net = network(0.3)
    trainer = Trainer(net, optimizer="nadam", random_state=0)
    for rows in batches[:2]:
        trainer.step(X[rows], y[rows])
    state = saved(trainer.state)
    for rows in batches[2:]:
        trainer.step(X[rows], y[rows])
    other = network(0.3)
    again = Trainer(other, optimizer="nadam", resume=state)
    for rows in batches[2:]:
        again.step(X[rows], y[rows])
    np.testing.assert_array_equal(other.theta, net.theta)
    trainer.state = state
    for rows in batches[2:]:
        trainer.step(X[rows], y[rows])
    np.testing.assert_array_equal(net.theta, other.theta)


def test_a_trainer_says_what_it_cannot_do(data):
    X, y = data
    with pytest.raises(ValueError, match="run needs data: give X and y to the Trainer, or use step"):
        Trainer(network()).run()
    with pytest.raises(ValueError, match="step is for batches of your own: use run"):
        Trainer(network(), X, y).step(X, y)
    with pytest.raises(ValueError, match="optimizer 'lbfgs' needs the full batch: give X and y"):
        Trainer(network(), optimizer="lbfgs")
    with pytest.raises(ValueError, match="schedule must be None without data"):
        Trainer(network(), schedule="cosine")
    net = network()
    trainer = Trainer(net, optimizer=optimizers.GradientDescent(1e308), reduction="sum")
    theta = net.theta.copy()
    with pytest.raises(ArithmeticError, match="training diverged"):
        trainer.step(X * 1e200, y)
    np.testing.assert_array_equal(net.theta, theta)
