"""The same arguments and seed as scikit-learn's: the same start, batches, epochs and answers."""

from __future__ import annotations

import inspect
import re

import numpy as np
import pytest
from scipy.sparse import csc_array, csr_matrix
from sklearn import neural_network
from sklearn.exceptions import ConvergenceWarning

import pellucid
from pellucid.estimators.constraints import table

from .data import digits, iris, not_converged, numbers, two_classes, yes_or_no_labels

pytestmark = pytest.mark.slow

SGD = {"solver": "sgd", "learning_rate_init": 0.05, "random_state": 0, "max_iter": 25}


def pair(kind, X, y, sample_weight=None, **arguments):
    """Ours and theirs, fitted."""
    ours = getattr(pellucid, kind)(**arguments)
    theirs = getattr(neural_network, kind)(**arguments)
    with not_converged():
        return ours.fit(X, y, sample_weight), theirs.fit(X, y, sample_weight)


def same_run(ours, theirs, rtol):
    assert ours.n_iter_ == theirs.n_iter_
    np.testing.assert_allclose(ours.loss_curve_, theirs.loss_curve_, rtol=rtol)
    for a, b in zip([*ours.coefs_, *ours.intercepts_], [*theirs.coefs_, *theirs.intercepts_], strict=True):
        np.testing.assert_allclose(a, b, rtol=rtol, atol=rtol)


# The rows are a multiple of the batch size here: in a smaller last batch the two differ (docs/deviations.md).
@pytest.mark.parametrize(
    "extra",
    [
        {},
        {"momentum": 0.5, "nesterovs_momentum": False},
        {"momentum": 0, "batch_size": 50, "alpha": 0.1},
        {"learning_rate": "invscaling", "power_t": 0.3},
        {"learning_rate": "adaptive", "tol": 0.05, "n_iter_no_change": 2, "max_iter": 40},
        {"shuffle": False},
        {"activation": "logistic"},
        {"activation": "tanh", "hidden_layer_sizes": (20, 10)},
        {"hidden_layer_sizes": ()},
        {"activation": "identity", "hidden_layer_sizes": 7},
    ],
    ids=str,
)
def test_a_run_of_sgd_is_theirs_step_by_step(extra):
    X, y = digits()
    same_run(*pair("MLPClassifier", X, y, **SGD | extra), rtol=1e-9)


# Without penalty, so that a smaller last batch is no matter.
ADAM = {"hidden_layer_sizes": (15,), "alpha": 0.0, "max_iter": 120}


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(
    "extra",
    [
        {},
        {"batch_size": 17},
        {"early_stopping": True},
        {"early_stopping": True, "validation_fraction": 0.3, "n_iter_no_change": 3, "batch_size": 32},
        {"learning_rate_init": 0.02, "activation": "tanh", "tol": 1e-3},
        {"epsilon": 1e-2, "beta_1": 0.8, "beta_2": 0.9, "hidden_layer_sizes": (8, 8)},
    ],
    ids=str,
)
@pytest.mark.parametrize(
    ("kind", "data"), [("MLPClassifier", iris), ("MLPClassifier", two_classes), ("MLPRegressor", numbers)]
)
def test_a_run_of_adam_is_theirs_step_by_step(kind, data, extra, seed):
    ours, theirs = pair(kind, *data(), random_state=seed, **ADAM | extra)
    assert ours.n_iter_ == theirs.n_iter_
    np.testing.assert_allclose(ours.loss_curve_, theirs.loss_curve_, rtol=1e-9)
    if "early_stopping" in extra:
        np.testing.assert_allclose(ours.validation_scores_, theirs.validation_scores_, rtol=1e-9)


@pytest.mark.parametrize("data", [two_classes, yes_or_no_labels, iris])
def test_every_kind_of_labels_gives_their_run(data):
    X, y = data()
    ours, theirs = pair("MLPClassifier", X, y, **SGD)
    same_run(ours, theirs, rtol=1e-9)
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-9)
    np.testing.assert_array_equal(ours.classes_, theirs.classes_)
    assert ours.out_activation_ == theirs.out_activation_
    assert ours.predict(X).dtype == theirs.predict(X).dtype


def test_a_run_of_regression_is_theirs_step_by_step():
    X, y = numbers()
    same_run(*pair("MLPRegressor", X, y, **SGD), rtol=1e-9)


def test_the_poisson_loss_is_theirs_with_its_constant():
    X, y = numbers()
    counts = np.random.default_rng(0).poisson(np.exp(y)).astype(float)
    ours, theirs = pair("MLPRegressor", X, counts, loss="poisson", **SGD | {"learning_rate_init": 0.01})
    same_run(ours, theirs, rtol=1e-9)
    assert ours.out_activation_ == theirs.out_activation_ == "exp"
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-8)


def test_sample_weights_give_their_run_on_the_full_batch():
    X, y = iris()
    weight = np.random.default_rng(0).uniform(0.1, 3, len(y))
    same_run(*pair("MLPClassifier", X, y, weight, **SGD), rtol=1e-9)


@pytest.mark.parametrize(("kind", "data"), [("MLPClassifier", digits), ("MLPRegressor", numbers)])
@pytest.mark.parametrize("extra", [{}, {"early_stopping": True}], ids=str)
def test_adam_stays_in_the_band_of_theirs(kind, data, extra):
    ours, theirs = pair(kind, *data(), random_state=0, max_iter=60, **extra)
    shared = min(ours.n_iter_, theirs.n_iter_)
    assert max(ours.n_iter_, theirs.n_iter_) - shared <= 3
    np.testing.assert_allclose(ours.loss_curve_[:shared], theirs.loss_curve_[:shared], rtol=2e-2)


@pytest.mark.parametrize("data", [two_classes, iris, yes_or_no_labels])
def test_early_stopping_holds_the_same_rows_back_and_keeps_the_same_weights(data):
    X, y = data()
    ours, theirs = pair("MLPClassifier", X, y, early_stopping=True, validation_fraction=0.2, **SGD | {"max_iter": 200})
    assert ours.n_iter_ == theirs.n_iter_ < 200
    np.testing.assert_allclose(ours.validation_scores_, theirs.validation_scores_)
    assert ours.best_validation_score_ == pytest.approx(theirs.best_validation_score_)
    np.testing.assert_allclose(ours.coefs_[0], theirs.coefs_[0], rtol=1e-7)
    assert ours.best_loss_ is theirs.best_loss_ is None


@pytest.mark.parametrize("kind", ["MLPClassifier", "MLPRegressor"])
def test_lbfgs_finds_losses_as_low(kind):
    # Rounding sends two long runs to different minima, now one lower, now the other: on average they are equal.
    X, y = digits(200) if kind == "MLPClassifier" else numbers()
    ours, theirs = [], []
    for seed in range(10):
        a, b = pair(kind, X, y, solver="lbfgs", random_state=seed, max_iter=500, alpha=0.1)
        ours.append(a.loss_)
        theirs.append(b.loss_)
    assert np.mean(ours) <= np.mean(theirs) * 1.005
    np.testing.assert_allclose(ours, theirs, rtol=0.06)


@pytest.mark.parametrize("kind", ["MLPClassifier", "MLPRegressor"])
def test_lbfgs_begins_as_theirs(kind):
    """The same function, start and minimiser: apart by rounding only, until rounding has had time to grow."""
    X, y = digits(200) if kind == "MLPClassifier" else numbers()
    for iterations, tolerance in ((1, 1e-11), (3, 1e-10), (10, 1e-7)):
        ours, theirs = pair(kind, X, y, solver="lbfgs", random_state=1, max_iter=iterations)
        np.testing.assert_allclose(ours.loss_, theirs.loss_, rtol=tolerance)
        for a, b in zip(ours.coefs_, theirs.coefs_, strict=True):
            np.testing.assert_allclose(a, b, rtol=0, atol=100 * tolerance)


def test_max_fun_bounds_the_evaluations_of_lbfgs():
    X, y = digits(100)
    with pytest.warns(ConvergenceWarning, match="lbfgs failed to converge after"):
        model = pellucid.MLPClassifier(solver="lbfgs", max_fun=10, random_state=0).fit(X, y)
    assert model.n_iter_ <= 10


@pytest.mark.parametrize("extra", [{}, {"early_stopping": True}], ids=str)
def test_verbose_prints_their_words(capsys, extra):
    X, y = iris()
    arguments = SGD | {"verbose": True, "tol": 0.05, "n_iter_no_change": 3, "max_iter": 100} | extra
    with not_converged():
        pellucid.MLPClassifier(**arguments).fit(X, y)
        ours = capsys.readouterr().out
        neural_network.MLPClassifier(**arguments).fit(X, y)
        theirs = capsys.readouterr().out
    assert "consecutive epochs. Stopping." in ours
    assert ours == theirs


def test_verbose_says_when_adaptive_lowers_the_rate(capsys):
    X, y = iris()
    arguments = SGD | {"verbose": True, "tol": 0.5, "n_iter_no_change": 1, "learning_rate": "adaptive", "max_iter": 60}
    pellucid.MLPClassifier(**arguments).fit(X, y)
    ours = capsys.readouterr().out
    neural_network.MLPClassifier(**arguments).fit(X, y)
    assert ours == capsys.readouterr().out
    assert "Setting learning rate to 0.010000" in ours
    assert "Learning rate too small. Stopping." in ours


def test_convergence_warnings_are_theirs():
    X, y = iris()
    message = "Stochastic Optimizer: Maximum iterations (3) reached and the optimization hasn't converged yet."
    with pytest.warns(ConvergenceWarning, match=re.escape(message)):
        pellucid.MLPClassifier(max_iter=3).fit(X, y)
    with pytest.warns(ConvergenceWarning, match=r"Increase the number of iterations .*max_iter=2"):
        pellucid.MLPClassifier(max_iter=2, solver="lbfgs").fit(X, y)


@pytest.mark.parametrize("container", [csr_matrix, csc_array])
def test_sparse_inputs_give_what_dense_ones_do(container):
    X, y = digits(200)
    for extra in ({}, {"scale": "standard"}):
        with not_converged():
            dense = pellucid.MLPClassifier(random_state=0, max_iter=5, **extra).fit(X, y)
            sparse = pellucid.MLPClassifier(random_state=0, max_iter=5, **extra).fit(container(X), y)
        np.testing.assert_allclose(sparse.predict_proba(container(X)), dense.predict_proba(X), atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_inputs_dtype_is_kept(dtype):
    X, y = numbers()
    for extra in ({}, {"solver": "lbfgs"}, {"scale": "robust"}):
        with not_converged():
            model = pellucid.MLPRegressor(random_state=0, max_iter=5, **extra).fit(X.astype(dtype), y)
        assert {part.dtype for part in [*model.coefs_, *model.intercepts_]} == {np.dtype(dtype)}
        assert model.predict(X.astype(dtype)).dtype == dtype


@pytest.mark.parametrize("kind", ["MLPClassifier", "MLPRegressor"])
def test_arguments_order_and_defaults_are_theirs(kind):
    theirs = inspect.signature(getattr(neural_network, kind)).parameters
    ours = inspect.signature(getattr(pellucid, kind)).parameters
    assert [name for name in ours if name in theirs] == list(theirs)
    assert list(ours)[: len(theirs)] == list(theirs)
    for name, parameter in theirs.items():
        assert ours[name].default == parameter.default, name
        assert ours[name].kind == parameter.kind, name


@pytest.mark.parametrize("kind", ["MLPClassifier", "MLPRegressor"])
def test_every_fitted_attribute_of_theirs_is_there(kind):
    X, y = iris()
    for extra in ({}, {"early_stopping": True}, {"solver": "lbfgs"}):
        ours, theirs = pair(kind, X, y, random_state=0, max_iter=15, **extra)
        public = {name for name in vars(theirs) if name.endswith("_") and not name.startswith("_")}
        for name in public:
            a, b = getattr(ours, name), getattr(theirs, name)
            assert (a is None) == (b is None), (name, a, b)
            assert isinstance(b, np.floating) or isinstance(a, type(b)) or b is None, (name, a, b)
        for name in ("n_layers_", "n_outputs_", "n_features_in_", "out_activation_"):
            assert getattr(ours, name) == getattr(theirs, name)
        if not extra.get("solver"):
            assert ours.t_ == theirs.t_
            assert len(ours.loss_curve_) == ours.n_iter_


def test_weights_can_be_written():
    X, y = numbers()
    model = pellucid.MLPRegressor(random_state=0, solver="lbfgs").fit(X, y)
    model.coefs_[-1][:] = 0
    model.intercepts_[-1] = np.array([3.0])
    np.testing.assert_array_equal(model.predict(X), 3.0)
    model.coefs_ = [np.zeros_like(W) for W in model.coefs_]
    model.intercepts_[-1][:] = -1
    np.testing.assert_array_equal(model.predict(X), -1.0)


def test_weights_can_be_written_before_the_first_epoch():
    # The worked example of scikit-learn's own tests.
    X, y = np.array([[0.6, 0.8, 0.7]]), np.array([0])
    model = pellucid.MLPClassifier(
        2, "logistic", solver="sgd", learning_rate_init=0.1, alpha=0.1, momentum=0, max_iter=1, random_state=1
    )
    model.coefs_ = [np.array([[0.1, 0.2], [0.3, 0.1], [0.5, 0]]), np.array([[0.1], [0.2]])]
    model.intercepts_ = [np.array([0.1, 0.1]), np.array([1.0])]
    model.n_features_in_ = 3
    model.partial_fit(X, y, classes=[0, 1])
    np.testing.assert_allclose(
        model.coefs_[0], [[0.098, 0.195756], [0.2956664, 0.096008], [0.4939998, -0.002244]], atol=5e-4
    )
    assert model.predict_proba(X)[0, 1] == pytest.approx(0.739, abs=5e-4)


@pytest.mark.parametrize("kind", ["classifier", "regressor"])
def test_refused_values_are_refused_in_their_words(kind):
    name = f"MLP{kind.capitalize()}"
    X, y = iris()
    for argument in list(table(kind))[: list(table(kind)).index("max_fun") + 1]:
        if argument == "random_state":  # both name it, in their own order
            continue
        for value in (-1, "no such thing", 1.5j):
            errors = []
            for library in (pellucid, neural_network):
                try:
                    getattr(library, name)(**{argument: value}).fit(X, y)
                except ValueError as error:
                    errors.append(error)
            assert len(errors) in (0, 2), (argument, value, errors)
            if errors:
                ours, theirs = map(str, errors)
                assert type(errors[0]) is type(errors[1])
                assert ours.startswith(theirs.split(" must be ")[0]), (ours, theirs)


def test_messages_of_bad_data_are_theirs():
    X, y = iris()
    cases = [
        (lambda m: m.fit(X[:, 0], y), "Expected 2D array, got 1D array instead"),
        (lambda m: m.fit(np.where(X > 2, np.nan, X), y), "Input X contains NaN"),
        (lambda m: m.fit(X, y[:-1]), "Found input variables with inconsistent numbers of samples"),
        (lambda m: m.fit(X, y).predict(X[:, :2]), "X has 2 features, but MLPClassifier is expecting 4 features"),
        (lambda m: m.fit(X, y, sample_weight=np.zeros(len(y))), "Sample weights must contain at least one non-zero"),
        (lambda m: m.fit(X, X[:, 0]), "Unknown label type"),
        (lambda m: m.set_params(hidden_layer_sizes=(3, 0)).fit(X, y), r"hidden_layer_sizes must be > 0, got \[3, 0\]"),
        (lambda m: m.predict(X), "This MLPClassifier instance is not fitted yet"),
    ]  # fmt: skip
    for case, message in cases:
        for library in (neural_network, pellucid):
            with not_converged(), pytest.raises(ValueError, match=message):
                case(library.MLPClassifier(max_iter=2))


def test_a_batch_larger_than_the_data_is_clipped_with_their_warning():
    X, y = numbers(20)
    with not_converged(), pytest.warns(UserWarning, match="It is going to be clipped"):
        pellucid.MLPRegressor(batch_size=50, max_iter=2).fit(X, y)


def test_inputs_that_blow_up_give_their_error():
    rng = np.random.RandomState(0)
    X = np.finfo(np.float64).max * rng.uniform(size=(10, 2))
    message = "Solver produced non-finite parameter weights. The input data may contain large values and need to be"
    with pytest.raises(ValueError, match=re.escape(message)):
        pellucid.MLPRegressor().fit(X, rng.standard_normal(10))
