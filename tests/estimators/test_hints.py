"""What people type first is answered with what to write; arguments that are set after fit change no prediction."""

from __future__ import annotations

import joblib
import numpy as np
import pytest
from sklearn.utils._param_validation import InvalidParameterError

from pellucid import EarlyStopping, MLPClassifier, MLPRegressor, optimizers
from pellucid.estimators.constraints import table

from .data import iris, not_converged, numbers, two_classes


@pytest.mark.parametrize(
    ("kind", "argument", "value", "answer"),
    [
        (MLPClassifier, "activation", "rleu", "Did you mean 'relu'?"),
        (MLPClassifier, "solver", "rmsporp", "Did you mean 'rmsprop'?"),
        (MLPClassifier, "solver", "SGD", "Did you mean 'sgd'?"),
        (MLPClassifier, "learning_rate", "cosin", "Did you mean 'cosine'?"),
        (MLPClassifier, "class_weight", "balansed", "Did you mean 'balanced'?"),
        (MLPClassifier, "initializer", "he_norml", "Did you mean 'he_normal'"),
        (MLPClassifier, "engine", "complied", "Did you mean 'compiled'?"),
        (MLPClassifier, "batch_size", "atuo", "Did you mean 'auto'?"),
        (MLPRegressor, "loss", "mae", "Write 'absolute_error'"),
        (MLPRegressor, "loss", "hubber", "Did you mean 'huber'?"),
        (MLPRegressor, "loss", (8,), "Did you mean hidden_layer_sizes=(8,)?"),
        (MLPRegressor, "loss", 8, "Did you mean hidden_layer_sizes=8?"),
        (MLPRegressor, "scale", "minmax", "MinMaxScaler before the estimator in a pipeline"),
        (MLPRegressor, "scale", "standrad", "Did you mean 'standard'?"),
        (MLPClassifier, "callbacks", EarlyStopping(patience=3), "early_stopping=True, n_iter_no_change=3"),
    ],
)
def test_common_mistakes_get_a_hint(kind, argument, value, answer):
    with pytest.raises(InvalidParameterError) as error:
        kind(**{argument: value}).fit(*iris())
    assert answer in str(error.value)
    if isinstance(value, str) and "among" in str(error.value):
        listed = str(error.value).split("{")[1].split("}")[0].split(", ")
        assert listed == sorted(listed)


def test_early_stopping_in_a_list_of_callbacks():
    with pytest.raises(TypeError, match="early_stopping=True, n_iter_no_change=4"):
        MLPClassifier(callbacks=[print, EarlyStopping(patience=4)]).fit(*iris())


class Square:
    """An activation as the README asks for it."""

    def value(self, Z):
        return Z**2

    def derivative(self, Z):
        return 2 * Z


@pytest.mark.parametrize("given", [Square(), Square, [Square()]])
def test_an_activation_of_ones_own(given):
    options = {"engine": "reference", "learning_rate_init": 0.02, "max_iter": 60, "random_state": 0}
    with not_converged():
        model = MLPClassifier((5,), given, **options).fit(*iris())
    assert model.score(*iris()) > 0.8


@pytest.mark.parametrize("alias", ["swish", "SiLU"])
def test_names_of_other_libraries(alias):
    options = {"hidden_layer_sizes": (4,), "max_iter": 3, "random_state": 0}
    with not_converged():
        named, same = (MLPClassifier(activation=a, **options).fit(*iris()) for a in (alias, "silu"))
    np.testing.assert_array_equal(named.coefs_[0], same.coefs_[0])


OTHER = {
    "loss": "poisson", "hidden_layer_sizes": (3, 3), "activation": "tanh", "solver": "lbfgs", "alpha": 1.0,
    "batch_size": 7, "learning_rate": "cosine", "learning_rate_init": 0.5, "power_t": 0.1, "max_iter": 1,
    "shuffle": False, "random_state": 5, "tol": 1.0, "verbose": True, "warm_start": True, "momentum": 0.1,
    "nesterovs_momentum": False, "early_stopping": True, "validation_fraction": 0.5, "beta_1": 0.1, "beta_2": 0.1,
    "epsilon": 1.0, "n_iter_no_change": 1, "max_fun": 1, "class_weight": "balanced", "label_smoothing": 0.5,
    "dropout": 0.5, "l1": 1.0, "weight_decay": 0.5, "clip_norm": 0.1, "max_norm": 0.1, "initializer": "zeros",
    "scale": None, "scoring": "loss", "max_seconds": 1.0, "callbacks": print, "progress": True,
    "engine": "reference", "threads": 2,
}  # fmt: skip


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_arguments_set_after_fit_change_no_prediction(kind):
    classifies = kind is MLPClassifier
    X, y = two_classes() if classifies else numbers()
    with not_converged():
        model = kind(hidden_layer_sizes=(6,), scale="standard", max_iter=5, random_state=0).fit(X, y)
    answers = lambda: [  # noqa: E731
        *(method(X) for method in ([model.predict, model.predict_proba] if classifies else [model.predict])),
        model.to_network().outputs(X), model.encode_targets(y), np.array([model.score(X, y)]),
        np.array([model.to_network().loss_value(X, model.encode_targets(y))]),
    ]  # fmt: skip
    before = answers()
    names = table("classifier" if classifies else "regressor")
    assert set(names) <= set(OTHER)
    for name in names:
        kept = getattr(model, name)
        assert kept != OTHER[name], name
        model.set_params(**{name: OTHER[name]})
        for was, now in zip(before, answers(), strict=True):
            np.testing.assert_array_equal(was, now, err_msg=name)
        model.set_params(**{name: kept})


@pytest.mark.parametrize("solver", ["adam", "sgd", optimizers.RMSProp()], ids=str)
def test_a_memory_mapped_model_goes_on(solver, tmp_path):
    X, y = iris()
    model = MLPClassifier((4,), solver=solver, random_state=0)
    model.partial_fit(X, y, classes=[0, 1, 2])
    joblib.dump(model, tmp_path / "model.joblib")
    mapped = joblib.load(tmp_path / "model.joblib", mmap_mode="r")
    np.testing.assert_array_equal(mapped.predict_proba(X), model.predict_proba(X))
    for one in (model, mapped):
        one.partial_fit(X, y)
    np.testing.assert_array_equal(mapped.coefs_[0], model.coefs_[0])


def test_a_score_that_is_0_throughout_is_told():
    X, _ = iris()
    rare = (np.arange(150) % 15 == 0).astype(int)
    options = {"early_stopping": True, "n_iter_no_change": 2, "random_state": 0, "learning_rate_init": 1e-5}
    with pytest.warns(UserWarning, match="scoring='recall' was 0 after each of the .* epochs"):
        MLPClassifier(scoring="recall", **options).fit(X, rare)
