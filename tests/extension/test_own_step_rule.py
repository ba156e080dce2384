"""An optimizer that is defined outside the package is as good as one inside: nothing has to be registered."""

import json
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from pellucid import Dense, DivergenceError, Network, Trainer, explain, fit_many
from pellucid.optimizers import LBFGS, FirstOrder, SecondOrder
from pellucid.penalties import L2
from pellucid.training.state import TrainingState

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 3))
Y = X[:, 0] - 0.5 * X[:, 1] * X[:, 2]
ENGINES = ("reference", "compiled")


@dataclass(frozen=True)
class SteepestDescent(SecondOrder):
    """θ ← θ − α g, with α halved until Armijo's condition holds; each step begins with twice the last α.

    Its state has a J too, but one that does not belong to θ: that before the step.
    """

    first: float = 1.0
    slope_share: float = 1e-4

    def init(self, theta):
        return {"alpha": np.full(1, self.first), "value": np.full(1, np.nan)}

    def step(self, problem, theta, state):
        value, gradient = problem(theta)
        steepness = float(gradient @ gradient)
        if steepness < 1e-12:
            return "converged"
        alpha = 2 * float(state["alpha"][0])
        while problem(theta - alpha * gradient)[0] > value - self.slope_share * alpha * steepness:
            alpha /= 2
            if alpha < 1e-12:
                return "no step lowers J"
        theta -= alpha * gradient
        state["alpha"][0], state["value"][0] = alpha, value
        return ""


class BarzilaiBorwein(SecondOrder):
    """θ ← θ − (sᵀs / sᵀy) g from the last step s and change y of g. It evaluates J before it moves, and never after.

    It keeps the arrays that it is given, and returns nothing.
    """

    def init(self, theta):
        return {"point": np.zeros(theta.size), "gradient": np.zeros(theta.size), "steps": np.zeros(1, dtype=int)}

    def step(self, problem, theta, state):
        _, gradient = problem(theta)
        alpha = 0.05
        if state["steps"][0]:
            s, y = theta - state["point"], gradient - state["gradient"]
            alpha = min(0.5, float(s @ s) / max(abs(float(s @ y)), 1e-300))
        state["point"], state["gradient"] = theta.astype(float), gradient
        state["steps"] += 1
        theta -= alpha * gradient


class GoesBack(SecondOrder):
    """Tries a step after the one that it takes, so that the last point that it evaluates is not the one it ends at."""

    def init(self, theta):
        return None

    def step(self, problem, theta, state):
        _, gradient = problem(theta)
        problem(theta - 0.1 * gradient)
        problem(theta - 1e3 * gradient)
        theta -= 0.1 * gradient
        return ""


@dataclass(frozen=True)
class Averaged(FirstOrder):
    """θ ← θ − η m, with m ← β m + (1 − β) g. With a kernel formula, so that both engines run it."""

    beta: float = 0.9

    kernel_vectors: ClassVar[tuple[str, ...]] = ("m",)
    kernel_numbers: ClassVar[tuple[str, ...]] = ("beta",)

    @staticmethod
    def kernel_step(theta, g, m, rate, beta):
        m = beta * m + (1 - beta) * g
        return theta - rate * m, m

    def init(self, theta, decayed=None):
        return {"m": np.zeros_like(theta)}

    def step(self, theta, gradient, state, rate):
        state["m"][...] = self.beta * state["m"] + (1 - self.beta) * gradient
        theta -= rate * state["m"]


SEARCHING = (SteepestDescent(), BarzilaiBorwein(), GoesBack())
by_rule = pytest.mark.parametrize("rule", SEARCHING, ids=lambda rule: type(rule).__name__)
by_engine = pytest.mark.parametrize("engine", ENGINES)


def network(dtype="float64", dropout=0.0):
    layers = [Dense(3, 4, "tanh", dropout=dropout), Dense(4, 1)]
    return Network(layers, dtype=dtype).initialize(random_state=0)


def saved(state, folder):
    """The state as a text and a file of arrays, read again."""
    text = json.dumps(state.as_json())
    np.savez(folder / "arrays.npz", **state.arrays())
    with np.load(folder / "arrays.npz", allow_pickle=False) as arrays:
        return TrainingState.from_parts(json.loads(text), arrays)


@by_rule
def test_both_engines_give_the_same(rule):
    nets, histories = [network(), network()], []
    for net, engine in zip(nets, ENGINES, strict=True):
        histories.append(net.fit(X, Y, optimizer=rule, epochs=30, penalty=L2(1e-3), engine=engine))
    np.testing.assert_allclose(nets[0].theta, nets[1].theta, rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(histories[0]["loss"], histories[1]["loss"], rtol=1e-8)
    assert [history.state.engine for history in histories] == list(ENGINES)
    assert nets[0].loss_value(X, Y) < 0.5 * network().loss_value(X, Y)


@by_rule
@by_engine
def test_each_row_of_the_history_is_of_the_point_that_its_epoch_ended_at(rule, engine):
    losses = []
    history = network().fit(
        X,
        Y,
        optimizer=rule,
        epochs=6,
        engine=engine,
        callbacks=[lambda run: losses.append(run.network.loss_value(X, Y))],
    )
    np.testing.assert_allclose(history["loss"], losses, rtol=1e-12)


@pytest.mark.parametrize("rule", SEARCHING[:2], ids=lambda rule: type(rule).__name__)
def test_it_finds_the_minimum_of_a_line(rule):
    net = Network([3, 1])
    line = X @ [1.0, -2.0, 0.5] + 3
    net.fit(X, line, optimizer=rule, epochs=500)
    np.testing.assert_allclose(net.theta, [1.0, -2.0, 0.5, 3.0], atol=1e-4)


def test_it_ends_with_its_own_words():
    @dataclass(frozen=True)
    class Tired(SteepestDescent):
        def step(self, problem, theta, state):
            super().step(problem, theta, state)
            return "tired" if problem(theta)[0] < 0.3 else ""

    history = network().fit(X, Y, optimizer=Tired(), epochs=500)
    assert (history.stopped, history.ending) == ("tired", "gave up")
    assert len(history) < 500
    line = Network([3, 1]).fit(X, X @ [1.0, -2.0, 0.5], optimizer=SteepestDescent(), epochs=500)
    assert (line.stopped, line.ending) == ("converged", "converged")


@pytest.mark.parametrize(
    ("options", "dropout", "words"),
    [
        ({"batch_size": 8}, 0, "batch_size must be None for optimizer 'own', which needs the full batch, got 8"),
        (
            {"schedule": "cosine"},
            0,
            "schedule must be None for optimizer 'own', which has no learning rate, got Cosine",
        ),
        ({"clip_norm": 1.0}, 0, "clip_norm and max_norm must be None for optimizer 'own', which searches freely"),
        (
            {"max_updates": 3},
            0,
            "max_updates must be None for optimizer 'own', which makes one update per epoch, got 3",
        ),
        ({}, 0.5, "dropout must be 0 for optimizer 'own', which needs a deterministic objective, got 0.5"),
    ],
)
def test_what_it_cannot_be_combined_with_is_refused(options, dropout, words):
    with pytest.raises(ValueError, match=words):
        network(dropout=dropout).fit(X, Y, optimizer=SteepestDescent(), **options)


@by_rule
def test_it_is_explained(rule):
    explanation = explain(network(), X[:4], Y[:4], optimizer=rule)
    step = explanation.step
    trained = network()
    trained.fit(X[:4], Y[:4], optimizer=rule, epochs=1, engine="reference")
    np.testing.assert_allclose(step.after.theta, trained.theta, rtol=1e-12)
    assert step.value_after == pytest.approx(trained.loss_value(X[:4], Y[:4]))
    text = explanation.to_text(width=200)
    assert "They agree." in text
    assert "L-BFGS" not in text
    for written in (explanation.to_html(), explanation.to_latex(), explanation.to_markdown()):
        assert len(written) > 1000


@pytest.mark.parametrize("rule", [*SEARCHING, Averaged(0.01)], ids=lambda rule: type(rule).__name__)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@by_engine
def test_two_parts_give_the_bits_of_the_whole(rule, dtype, engine, tmp_path):
    options = {"optimizer": rule, "penalty": L2(1e-3), "engine": engine}
    options |= {"batch_size": 7, "random_state": 1} if isinstance(rule, Averaged) else {}
    whole, part = network(dtype), network(dtype)
    history = whole.fit(X, Y, epochs=10, **options)
    state = part.fit(X, Y, epochs=5, **options).state
    options.pop("random_state", None)
    for resume in (state, saved(state, tmp_path)):
        fresh = network(dtype)
        continued = fresh.fit(X, Y, epochs=10, resume=resume, **options)
        np.testing.assert_array_equal(fresh.theta, whole.theta)
        assert continued["loss"] == history["loss"]
        for name, array in continued.state.optimizer.items():
            np.testing.assert_array_equal(array, history.state.optimizer[name])


@pytest.mark.parametrize("rule", [*SEARCHING, Averaged(0.01)], ids=lambda rule: type(rule).__name__)
def test_fit_many_and_trainer_give_the_same_bits_as_fit(rule):
    expected = network()
    expected.fit(X, Y, optimizer=rule, epochs=10)
    networks = [network() for _ in range(4)]
    fit_many(networks, X, Y, optimizer=rule, epochs=10, threads=2)
    in_parts = network()
    trainer = Trainer(in_parts, X, Y, optimizer=rule, epochs=10)
    trainer.run(4)
    state = trainer.state
    trainer.run()
    trainer.state = state  # back, and once more
    trainer.run()
    for net in (*networks, in_parts):
        np.testing.assert_array_equal(net.theta, expected.theta)


@pytest.mark.parametrize("rule", [*SEARCHING, Averaged(0.01), LBFGS()], ids=lambda rule: type(rule).__name__)
def test_two_fits_with_one_optimizer_state_are_one_fit(rule):
    whole, parts, memory = network(), network(), {}
    whole.fit(X, Y, optimizer=rule, epochs=10)
    histories = [parts.fit(X, Y, optimizer=rule, epochs=5, optimizer_state=memory) for _ in range(2)]
    np.testing.assert_array_equal(parts.theta, whole.theta)
    if memory:
        assert all(history.state.optimizer is not memory for history in histories)
        assert all(array is not memory[name] for h in histories for name, array in h.state.optimizer.items())


def test_a_trainer_without_data_refuses_it():
    with pytest.raises(ValueError, match="needs the full batch: give X and y"):
        Trainer(network(), optimizer=SteepestDescent())


def test_a_state_with_numbers_of_j_says_so_and_is_begun_anew_with_another_objective():
    class Remembers(SteepestDescent):
        def value_of(self, state):
            return float(state["now"][0])

        def init(self, theta):
            return super().init(theta) | {"now": np.full(1, np.nan)}

        def step(self, problem, theta, state):
            reason = super().step(problem, theta, state)
            state["now"][0] = problem(theta)[0]
            return reason

    state = network().fit(X, Y, optimizer=Remembers(), epochs=5).state
    begun = []
    for penalty in (None, L2(0.5)):
        history = network().fit(X, Y, optimizer=Remembers(), epochs=5, resume=state, penalty=penalty)
        begun.append(bool(np.isnan(history.state.optimizer["now"][0])))
    assert begun == [False, True]


class Own(SecondOrder):
    def init(self, theta):
        return {}


class ReturnsTheta(Own):
    def step(self, problem, theta, state):
        return theta - 0.1 * problem(theta)[1]


class Rebinds(Own):
    def step(self, problem, theta, state):
        theta = theta - 0.1 * problem(theta)[1]  # the fault itself


class PutsANumber(SteepestDescent):
    def step(self, problem, theta, state):
        state["alpha"] = 0.5


class PutsANumberAtOnce(ReturnsTheta):
    def init(self, theta):
        return {"alpha": 0.5}


class Listed(ReturnsTheta):
    def init(self, theta):
        return [theta]


class NoStep(Own):
    pass


@pytest.mark.parametrize(
    ("rule", "error", "words"),
    [
        (ReturnsTheta(), TypeError, r"ReturnsTheta.step must return .* got ndarray"),
        (Rebinds(), TypeError, r"Rebinds.step moved no parameter in 20 steps .*`theta -= "),
        (PutsANumber(), TypeError, r"PutsANumber.step left a float as state\['alpha'\].*state\['alpha'\]\[\.\.\.\] = "),
        (PutsANumberAtOnce(), TypeError, r"PutsANumberAtOnce.init must return .*arrays.* got float for 'alpha'"),
        (Listed(), TypeError, r"Listed.init must return a dictionary of arrays.*got list"),
        (NoStep(), NotImplementedError, r"NoStep must define step\(problem, theta, state\)"),
    ],
)
def test_a_mistake_in_it_is_named(rule, error, words):
    with pytest.raises(error, match=words):
        network().fit(X, Y, optimizer=rule, epochs=30)


def test_a_number_in_place_of_an_array_of_a_first_order_rule_is_named():
    class Counts(Averaged):
        def step(self, theta, gradient, state, rate):
            super().step(theta, gradient, state, rate)
            state["m"] = 1.0

    words = r"Counts.step left a float as state\['m'\], which must stay an array: write state\['m'\]\[\.\.\.\] = value"
    with pytest.raises(TypeError, match=words):
        network().fit(X, Y, optimizer=Counts(), epochs=1, engine="reference")


def test_numpys_numbers_count_as_arrays():
    class Counted(Own):
        def init(self, theta):
            return {"t": np.float64(0)}

        def step(self, problem, theta, state):
            state["t"] = state["t"] + 1
            theta -= 0.1 / state["t"] * problem(theta)[1]

    whole, part = network(), network()
    whole.fit(X, Y, optimizer=Counted(), epochs=4)
    state = part.fit(X, Y, optimizer=Counted(), epochs=2).state
    part.fit(X, Y, optimizer=Counted(), epochs=4, resume=state)
    np.testing.assert_array_equal(part.theta, whole.theta)


def test_a_short_run_that_moved_nothing_is_warned_of():
    with pytest.warns(UserWarning, match="Rebinds.step moved no parameter in 3 steps"):
        network().fit(X, Y, optimizer=Rebinds(), epochs=3)


def test_one_that_blows_up_is_named():
    class Wild(Own):
        def step(self, problem, theta, state):
            theta -= 1e200 * problem(theta)[1]

    with pytest.raises(DivergenceError):
        network().fit(X, Y, optimizer=Wild(), epochs=10)
