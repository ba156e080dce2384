"""What scikit-learn's users asked for."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
from scipy.special import expit
from sklearn.exceptions import ConvergenceWarning

from pellucid import MLPClassifier, MLPRegressor, activations, check_gradients, losses, optimizers, penalties, schedules
from pellucid.estimators.multi_output import GroupedCrossEntropy, GroupedSoftmax
from pellucid.maths.activations import ACTIVATIONS, Activation
from pellucid.maths.initializers import INITIALIZERS
from pellucid.maths.losses import LOSSES
from pellucid.maths.schedules import SCHEDULES
from pellucid.optimizers import OPTIMIZERS, FirstOrder

from .data import columns_of_labels, digits, iris, not_converged, numbers, two_classes, yes_or_no_labels

HIDDEN = sorted(name for name, kind in ACTIVATIONS.items() if kind.elementwise)
FIRST_ORDER = sorted(name for name, kind in OPTIMIZERS.items() if issubclass(kind, FirstOrder))
REGRESSION_LOSSES = sorted(name for name, kind in LOSSES.items() if kind.task == "regression")


def fit(model, *data, **more):
    with not_converged():
        return model.fit(*data, **more)


@pytest.mark.parametrize("name", HIDDEN)
def test_every_activation_learns(name):
    X, y = iris()
    model = fit(MLPClassifier((8,), name, learning_rate_init=0.02, max_iter=60, random_state=0), X, y)
    assert model.score(X, y) > 0.9


def test_activations_by_layer():
    X, y = iris()
    model = fit(MLPClassifier((6, 5, 4), ("tanh", activations.ELU(alpha=0.5), "relu"), max_iter=2), X, y)
    assert [spec.activation for spec in model.to_network().specs] == [
        activations.Tanh(), activations.ELU(alpha=0.5), activations.ReLU(), activations.Softmax()
    ]  # fmt: skip
    with pytest.raises(ValueError, match=r"activation must be one for all hidden layers, or 3, one for each"):
        MLPClassifier((6, 5, 4), ("tanh", "relu")).fit(X, y)
    with pytest.raises(ValueError, match="unknown activation 'tanhh': did you mean 'tanh'"):
        MLPClassifier((6, 5), ("tanhh", "relu")).fit(X, y)


@dataclass(frozen=True)
class Squared(Activation):
    """z², and a derivative that can be got wrong."""

    slope: float = 2.0
    name: ClassVar[str] = "squared"

    def value(self, Z):
        return Z * Z

    def derivative(self, Z, A):
        return self.slope * Z


def test_an_own_activation_is_checked_on_its_first_use():
    X, y = numbers()
    model = fit(MLPRegressor(activation=Squared(), engine="reference", max_iter=3), X, y)
    np.testing.assert_allclose(model.predict(X), model.to_network().predict(X))
    with pytest.raises(ValueError, match=r"Squared\(slope=3.0\): derivative\(.*\) is .* but its value has slope"):
        MLPRegressor(activation=Squared(slope=3.0)).fit(X, y)


@dataclass(frozen=True)
class Ramp(Activation):
    """min(max(z, 0), 1), with both corners named, or not."""

    name: ClassVar[str] = "ramp"
    kinks: ClassVar[tuple[float, ...]] = (0.0, 1.0)

    def value(self, Z):
        return np.clip(Z, 0, 1)

    def derivative(self, Z, A):
        return ((Z > 0) & (Z < 1)).astype(Z.dtype)


def test_auto_says_that_an_own_activation_has_no_kernel(monkeypatch):
    monkeypatch.setattr("pellucid.engines.choice._told", set())  # it says so once
    X, y = numbers()
    with pytest.warns(
        UserWarning, match="activation Squared has no compiled kernel: this runs on the reference engine"
    ):
        fit(MLPRegressor(activation=Squared(), max_iter=3), X, y)


@pytest.mark.parametrize(("kind", "data"), [(MLPClassifier, digits), (MLPRegressor, numbers)])
def test_the_engines_agree(kind, data):
    X, y = data()
    arguments = {"max_iter": 10, "dropout": 0.2, "clip_norm": 1.0, "max_norm": 2.0, "random_state": 0}
    runs = [
        fit(kind(engine="reference", **arguments), X, y),
        fit(kind(engine="compiled", **arguments), X, y),
        fit(kind(engine="compiled", threads=2, **arguments), X, y),
    ]
    for run in runs[1:]:
        np.testing.assert_allclose(run.loss_curve_, runs[0].loss_curve_, rtol=1e-9)
        np.testing.assert_allclose(run.coefs_[0], runs[0].coefs_[0], rtol=1e-6, atol=1e-9)


def test_corners_of_an_own_activation_are_no_errors():
    X, y = numbers()
    assert fit(MLPRegressor(activation=Ramp(), engine="reference", max_iter=2), X, y).n_iter_ == 2


@pytest.mark.parametrize("loss", REGRESSION_LOSSES)
def test_every_loss_learns(loss):
    X, y = numbers()
    targets = np.exp(0.5 * y) if loss == "poisson" else y
    model = fit(MLPRegressor(loss, (20,), "tanh", learning_rate_init=0.01, max_iter=150, random_state=0), X, targets)
    assert model.score(X, targets) > 0.9


def test_quantiles_bound_shares_of_the_targets():
    rng = np.random.default_rng(0)
    X = rng.uniform(-1, 1, (600, 1))
    y = X[:, 0] + rng.normal(scale=0.3, size=600)
    for level in (0.1, 0.9):
        model = MLPRegressor(losses.Quantile(level=level), (10,), "tanh", learning_rate_init=0.02, max_iter=150)
        share = np.mean(y <= fit(model.set_params(random_state=0), X, y).predict(X))
        assert share == pytest.approx(level, abs=0.06)


def test_absolute_and_huber_losses_are_not_ruled_by_outliers():
    rng = np.random.default_rng(0)
    X = rng.uniform(-1, 1, (200, 1))
    y = X[:, 0].copy()
    y[:20] += 30
    errors = {}
    for loss in ("squared_error", "absolute_error", "huber"):
        model = fit(MLPRegressor(loss, (), learning_rate_init=0.05, max_iter=300, random_state=0), X, y)
        errors[loss] = np.abs(model.predict(X) - X[:, 0]).mean()
    assert max(errors["absolute_error"], errors["huber"]) < 0.3 < 2 < errors["squared_error"]


def test_label_smoothing_bounds_confidence():
    for data, k in ((iris, 3), (two_classes, 2)):
        X, y = data()
        model = fit(MLPClassifier(label_smoothing=0.3, solver="lbfgs", alpha=0.0, max_iter=500, random_state=0), X, y)
        assert model.predict_proba(X).max() == pytest.approx(1 - 0.3 + 0.3 / k, abs=0.05)


@pytest.mark.parametrize("solver", FIRST_ORDER)
@pytest.mark.parametrize("schedule", sorted(SCHEDULES))
def test_every_schedule_moves_every_optimizer(solver, schedule):
    X, y = iris()
    model = MLPClassifier((6,), solver=solver, learning_rate=schedule, learning_rate_init=0.02, random_state=0)
    model.set_params(max_iter=40, tol=0.0, n_iter_no_change=np.inf)
    rates = fit(model, X, y).history_["rate"]
    assert model.loss_ < model.loss_curve_[0]
    if schedule not in ("constant", "reduce_on_plateau", "step"):  # the last two wait for longer than this run
        assert len(set(rates)) > 1


@pytest.mark.parametrize("schedule", ["cosine", "warmup_cosine", "one_cycle"])
def test_a_schedule_made_for_all_epochs_needs_no_convergence_warning(schedule):
    X, y = numbers()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert MLPRegressor(learning_rate=schedule, max_iter=4).fit(X, y).n_iter_ == 4
    with pytest.warns(ConvergenceWarning):
        MLPRegressor(learning_rate="exponential", max_iter=4).fit(X, y)


def test_schedules_and_optimizers_as_objects():
    X, y = iris()
    model = MLPClassifier(
        solver=optimizers.RMSProp(learning_rate=0.02), learning_rate=schedules.Step(step_size=2, gamma=0.5)
    )
    rates = fit(model.set_params(max_iter=6, random_state=0), X, y).history_["rate"]
    np.testing.assert_allclose(rates, [0.02, 0.02, 0.01, 0.01, 0.005, 0.005])


@pytest.mark.parametrize("name", sorted(INITIALIZERS))
def test_every_initializer_starts_where_it_says(name):
    X, y = numbers()
    model = fit(MLPRegressor(initializer=name, learning_rate_init=1e-300, max_iter=1, random_state=0), X, y)
    random = np.random.RandomState(0)
    W = INITIALIZERS[name]().sample(random, (5, 100), n_inputs=5, n_units=100)
    np.testing.assert_array_equal(model.coefs_[0], W)
    np.testing.assert_allclose(model.intercepts_[0], 0, atol=1e-299)


def test_dropout_by_layer():
    X, y = digits(200)
    plain, one, two = (
        fit(MLPClassifier((30, 20), dropout=rate, max_iter=30, random_state=0), X, y) for rate in (0.0, 0.5, (0.5, 0.0))
    )
    assert plain.loss_ < two.loss_ < one.loss_  # measured under the masks
    np.testing.assert_allclose(one.predict_proba(X), one.predict_proba(X))  # none in predictions
    with pytest.raises(ValueError, match=r"dropout must be one for all hidden layers, or 2, one for each"):
        MLPClassifier((30, 20), dropout=(0.5,)).fit(X, y)
    with pytest.raises(ValueError, match="dropout must be 0 for optimizer 'lbfgs'"):
        MLPClassifier(solver="lbfgs", dropout=0.5).fit(X, y)


def test_l1_and_alpha_pull_as_they_say():
    X, y = numbers()
    model = fit(
        MLPRegressor("squared_error", (6,), l1=3.0, alpha=2.0, solver="lbfgs", max_iter=5, random_state=0), X, y
    )
    W = np.concatenate([W.ravel() for W in model.coefs_])
    loss = model.to_network().loss_value(X, y)
    assert model.loss_ == pytest.approx(loss + (3.0 * np.abs(W).sum() + 1.0 * (W @ W)) / len(X))
    sparse = fit(
        MLPRegressor("squared_error", (20,), l1=20.0, max_iter=300, learning_rate_init=0.01, random_state=0), X, y
    )
    dense = fit(MLPRegressor("squared_error", (20,), max_iter=300, learning_rate_init=0.01), X, y)
    assert np.abs(sparse.coefs_[0]).sum() < 0.5 * np.abs(dense.coefs_[0]).sum()


def test_weight_decay_is_decoupled():
    X, y = numbers()
    arguments = {"max_iter": 3, "random_state": 0, "alpha": 0.0}
    by_name = fit(MLPRegressor(solver="adamw", weight_decay=0.1, **arguments), X, y)
    by_argument = fit(MLPRegressor(solver="adam", weight_decay=0.1, **arguments), X, y)
    by_object = fit(MLPRegressor(solver=optimizers.AdamW(weight_decay=0.1, epsilon_hat=True), **arguments), X, y)
    np.testing.assert_array_equal(by_name.coefs_[0], by_argument.coefs_[0])
    np.testing.assert_array_equal(by_name.coefs_[0], by_object.coefs_[0])
    with pytest.raises(ValueError, match=r"weight_decay=0.1 is for solver='adam' or 'adamw', .*alpha"):
        MLPRegressor(solver="sgd", weight_decay=0.1).fit(X, y)


def test_clip_norm_bounds_the_step():
    X, y = numbers()
    arguments = {"solver": "gradient_descent", "learning_rate_init": 1.0, "max_iter": 1, "random_state": 0}
    start = fit(MLPRegressor(**arguments | {"learning_rate_init": 1e-300}), X, y)
    moved = fit(MLPRegressor(clip_norm=0.01, **arguments), X, y)
    step = moved.to_network().theta - start.to_network().theta
    assert np.linalg.norm(step) == pytest.approx(0.01)


def test_max_norm_bounds_every_unit():
    X, y = numbers()
    model = fit(
        MLPRegressor("squared_error", (20, 10), max_norm=0.4, max_iter=20, learning_rate_init=0.05, random_state=0),
        X,
        y,
    )
    for W in model.coefs_:
        assert np.linalg.norm(W, axis=0).max() <= 0.4 + 1e-12
    assert np.linalg.norm(model.coefs_[0], axis=0).max() == pytest.approx(0.4)
    with pytest.raises(ValueError, match="clip_norm and max_norm must be None for optimizer 'lbfgs'"):
        MLPRegressor(solver="lbfgs", max_norm=1.0).fit(X, y)


@pytest.mark.parametrize("scale", ["standard", "robust"])
def test_scaling_is_inside_and_undone(scale):
    X, y = numbers()
    wild_X, wild_y = X * [1, 1e3, 1e-3, 50, 7] + 300, y * 1e4 - 5e5
    model = fit(
        MLPRegressor("squared_error", (20,), "tanh", scale=scale, learning_rate_init=0.01, random_state=0),
        wild_X,
        wild_y,
    )
    assert model.score(wild_X, wild_y) > 0.95
    calm = fit(
        MLPRegressor("squared_error", (20,), "tanh", scale=scale, learning_rate_init=0.01, random_state=0),
        X,
        y,
    )
    np.testing.assert_allclose(model.predict(wild_X), calm.predict(X) * 1e4 - 5e5, rtol=1e-4)
    assert model.get_params()["scale"] == scale


def test_scaling_of_constant_and_one_hot_columns():
    X, y = numbers()
    X = np.column_stack([X, np.full(len(X), 7.0), np.arange(len(X)) % 5 == 0])
    for scale in ("standard", "robust"):
        model = fit(MLPRegressor(scale=scale, max_iter=20, random_state=0), X, y)
        assert np.isfinite(model.predict(X)).all()
        assert np.abs(model._input_scaling.apply(X)).max() < 20


def test_columns_of_labels_have_a_softmax_each():
    X, Y = columns_of_labels()
    names = np.array(["a", "b", "c"])[Y]
    model = fit(MLPClassifier((10,), solver="lbfgs", random_state=0, label_smoothing=0.1), X, names)
    assert [list(c) for c in model.classes_] == [["a", "b", "c"], ["a", "b"]]
    assert (model.predict(X) == names).all(axis=1).mean() == model.score(X, names) > 0.95
    for probability, log_probability, decision, column in zip(
        model.predict_proba(X), model.predict_log_proba(X), model.decision_function(X), model.predict(X).T, strict=True
    ):
        np.testing.assert_allclose(probability.sum(axis=1), 1)
        np.testing.assert_allclose(np.log(probability), log_probability)
        np.testing.assert_array_equal(np.array(["a", "b", "c"])[decision.argmax(axis=1)], column)
    parts = MLPClassifier(random_state=0)
    for _ in range(3):
        parts.partial_fit(X, names, classes=[["a", "b", "c"], ["a", "b"]])
    assert parts.n_outputs_ == 5
    early = fit(MLPClassifier(early_stopping=True, max_iter=5, random_state=0), X, names)
    assert len(early.validation_scores_) == early.n_iter_


def test_the_gradient_of_grouped_softmaxes():
    X, Y = columns_of_labels()
    model = fit(MLPClassifier((4,), "tanh", max_iter=2, random_state=0, label_smoothing=0.2), X[:20], Y[:20])
    assert check_gradients(model.to_network(), X[:20], model._targets.encode(Y[:20]), penalty=penalties.L2(0.1)).passed
    Z = np.random.default_rng(0).normal(size=(5, 5))
    T = np.hstack([np.eye(3)[[0, 2, 1, 1, 0]], np.eye(2)[[1, 0, 0, 1, 1]]])
    loss, output = GroupedCrossEntropy((3, 2)), GroupedSoftmax((3, 2))
    A = output.value(Z)
    np.testing.assert_allclose(loss.value(T, A), loss.value_from_logits(T, Z))
    np.testing.assert_allclose(output.backward(loss.gradient(T, A), Z, A), A - T)  # canonical
    np.testing.assert_allclose(output.derivative(Z, A), A * (1 - A))


def test_decision_functions():
    for data in (iris, two_classes, yes_or_no_labels):
        X, y = data()
        model = fit(MLPClassifier(max_iter=5, random_state=0), X, y)
        Z = model.decision_function(X)
        if data is iris:
            np.testing.assert_array_equal(model.classes_[Z.argmax(axis=1)], model.predict(X))
        elif data is two_classes:
            assert Z.shape == (len(X),)
            np.testing.assert_allclose(expit(Z), model.predict_proba(X)[:, 1])
        else:
            np.testing.assert_array_equal((Z > 0).astype(int), model.predict(X))


def test_max_seconds_ends_the_run():
    X, y = numbers()
    for solver in ("adam", "lbfgs"):
        model = MLPRegressor(solver=solver, max_seconds=1e-9, max_iter=500, tol=0.0).fit(X, y)
        assert model.n_iter_ == 1
        assert model.history_.stopped.startswith("max_seconds")


def test_callbacks_see_and_end_the_run():
    X, y = numbers()
    losses_seen = []

    def watch(run):
        losses_seen.append(run.history["objective"][-1])
        if run.epoch == 3:
            run.stop("seen enough")

    model = MLPRegressor(callbacks=[watch], random_state=0).fit(X, y)
    assert model.n_iter_ == 4
    assert losses_seen == model.loss_curve_
    assert model.history_.stopped == "seen enough"
    assert MLPRegressor(callbacks=lambda run: run.stop()).fit(X, y).n_iter_ == 1


def test_progress_shows_a_bar(monkeypatch):
    from pellucid.training import progress

    shown = []
    monkeypatch.setattr(progress.ProgressBar, "on_fit_end", lambda bar, run: shown.append(len(run.history)))
    X, y = numbers()
    fit(MLPRegressor(max_iter=3), X, y)
    fit(MLPRegressor(max_iter=4, progress=True), X, y)
    assert shown == [4]
