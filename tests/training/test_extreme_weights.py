"""Sample weights of every size train as their ratios do, or are named."""

from __future__ import annotations

import numpy as np
import pytest

from pellucid import Dense, MLPClassifier, MLPRegressor, Network
from pellucid.optimizers import GradientDescent
from pellucid.training.divergence import DivergenceError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
y = X[:, 0]
RATIOS = RNG.integers(1, 5, 60).astype(float)


def trained(weight, dtype="float64", engine="reference", **options):
    net = Network([Dense(3, 1)], "squared_error", dtype).initialize(random_state=0)
    history = net.fit(X, y, sample_weight=weight, optimizer=GradientDescent(0.1), epochs=5, batch_size=16,
                      random_state=0, engine=engine, **options)  # fmt: skip
    return net, history


@pytest.mark.parametrize("engine", ["reference", "compiled"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("power", [-1070, -200, 200, 1020])
def test_only_the_ratios_of_weights_count(power, dtype, engine):
    expected, history = trained(RATIOS, dtype, engine)
    net, same = trained(np.ldexp(RATIOS, power), dtype, engine)
    np.testing.assert_array_equal(net.theta, expected.theta)
    np.testing.assert_allclose(same["loss"], history["loss"], rtol=1e-12)
    np.testing.assert_allclose(same["metric"], history["metric"], rtol=1e-12)


@pytest.mark.parametrize("kind", [int, np.uint8, np.int64, bool, "object"])
def test_weights_of_whole_numbers(kind):
    weight = np.maximum(RATIOS, 1).astype(kind)
    np.testing.assert_array_equal(trained(weight)[0].theta, trained(weight.astype(float))[0].theta)


@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_rows_that_weigh_nothing_beside_others_are_rows_of_weight_0(engine):
    weight = np.where(np.arange(60) < 30, 1.0, 1e-320)
    none = np.where(weight == 1, 1.0, 0.0)
    np.testing.assert_array_equal(trained(weight, engine=engine)[0].theta, trained(none, engine=engine)[0].theta)


def test_one_loss_of_a_network_has_ratios_too():
    net, _ = trained(None)
    exact = net.loss_value(X, y, RATIOS)
    for factor in (1e307, 1e-310):
        assert net.loss_value(X, y, RATIOS * factor) == pytest.approx(exact, rel=1e-5)


def test_sums_are_left_as_they_are_and_name_the_weights():
    with pytest.raises(ValueError, match=r"sample_weight reaches 1e\+300, too large .* float32 .*reduction='mean'"):
        trained(np.full(60, 1e300), "float32", reduction="sum")
    with pytest.raises(DivergenceError, match=r"smaller sample_weight \(it reaches 1e\+30 and multiplies each step"):
        trained(np.full(60, 1e30), reduction="sum")


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        (np.zeros(60), "sample_weight must not be all 0"),
        (np.full(60, -1.0), r">= 0, got -1.0 in row 1"),
        (np.r_[np.ones(59), np.inf], r"finite and >= 0, got inf in row 60"),
        (["a"] * 60, "sample_weight must hold numbers, one per row of X"),
    ],
)
def test_what_is_no_weight_is_named(weight, message):
    with pytest.raises(ValueError, match=message):
        trained(weight)


@pytest.mark.parametrize("train", [True, False])
def test_a_split_that_leaves_only_rows_of_weight_0(train):
    weight = np.r_[np.ones(2), np.zeros(58)] if train else np.r_[np.zeros(2), np.ones(58)]
    share = 0.9 if train else 0.05
    purpose = "train" if train else "validate"
    order = lambda seed: np.random.default_rng(seed).permutation(60)  # noqa: E731
    part = (lambda seed: order(seed)[54:]) if train else (lambda seed: order(seed)[:3])
    if not train:
        weight = np.r_[np.ones(50), np.zeros(10)]
    seed = next(s for s in range(5000) if not weight[part(s)].any())
    with pytest.raises(ValueError, match=rf"validation={share} leaves only rows of sample_weight 0 to {purpose} on"):
        Network([Dense(3, 1)], "squared_error").fit(
            X, y, sample_weight=weight, validation=share, epochs=1, random_state=seed
        )


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
@pytest.mark.parametrize("power", [-1060, -300, 300, 1020])
@pytest.mark.parametrize("scale", [None, "standard", "robust"])
def test_estimators_too(power, scale):
    options = {"hidden_layer_sizes": (4,), "max_iter": 5, "random_state": 0, "alpha": 0.0, "scale": scale, "tol": 0.0}
    options["n_iter_no_change"] = 100
    labels = np.where(y > 0, "yes", "no")
    for kind, target in ((MLPRegressor, y), (MLPClassifier, labels)):
        models = [
            kind(**options, early_stopping=True, validation_fraction=0.3).fit(X, target, sample_weight=weight)
            for weight in (RATIOS, np.ldexp(RATIOS, power))
        ]
        np.testing.assert_allclose(models[1].coefs_[0], models[0].coefs_[0], rtol=1e-9)
        assert models[0].validation_scores_ == pytest.approx(models[1].validation_scores_)


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_class_weights_of_every_size():
    labels = np.where(y > 0, "yes", "no")
    options = {"hidden_layer_sizes": (4,), "max_iter": 5, "random_state": 0, "alpha": 0.0, "tol": 0.0}
    weights = [{"yes": 3.0, "no": 1.0}, {"yes": 3e307, "no": 1e307}, {"yes": 3e-310, "no": 1e-310}]
    models = [MLPClassifier(class_weight=w, n_iter_no_change=100, **options).fit(X, labels) for w in weights]
    for model in models[1:]:
        np.testing.assert_allclose(model.coefs_[0], models[0].coefs_[0], rtol=1e-6)


def test_a_penalty_over_next_to_nothing_names_alpha_and_the_weights():
    with pytest.raises(ValueError, match=r"alpha=0.0001 is divided by the sample_weight of a batch"):
        MLPRegressor(random_state=0).fit(X, y, sample_weight=np.full(60, 1e-320))
