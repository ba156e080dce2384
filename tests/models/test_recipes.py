"""One task, one recipe: the command, the estimators and the page build the same networks from it."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from pellucid import MLPClassifier, MLPRegressor, Network
from pellucid.cli import settings as cli_settings
from pellucid.defaults import COMMAND, ESTIMATORS, NETWORK, PLAYGROUND
from pellucid.losses import Huber, Poisson
from pellucid.models.recipes import (
    build_network,
    head_for_classes,
    head_for_labels,
    head_for_values,
    hidden_layers,
    suitable_initializer,
)
from pellucid.playground.schema import SCHEMA
from pellucid.playground.settings import Settings


def shape(head):
    return head.units, head.activation.name, head.loss.name


def test_a_task_says_the_output_and_the_loss():
    assert shape(head_for_classes(3)) == (3, "softmax", "cross_entropy")
    assert shape(head_for_classes(2)) == (2, "softmax", "cross_entropy")
    assert shape(head_for_classes(2, binary="sigmoid")) == (1, "sigmoid", "binary_cross_entropy")
    assert shape(head_for_classes(3, binary="sigmoid")) == (3, "softmax", "cross_entropy")
    assert shape(head_for_labels(3)) == (3, "sigmoid", "binary_cross_entropy")
    assert shape(head_for_values()) == (1, "identity", "squared_error")
    assert shape(head_for_values(2, Huber())) == (2, "identity", "huber")
    assert shape(head_for_values(1, Poisson())) == (1, "exponential", "poisson")


def test_label_smoothing_reaches_the_loss():
    for head in (head_for_classes(3, label_smoothing=0.1), head_for_classes(2, label_smoothing=0.1, binary="sigmoid")):
        assert head.loss.label_smoothing == 0.1


def test_a_network_without_hidden_layers_is_a_linear_model():
    network = build_network([], head_for_values(), n_inputs=4)
    assert [layer.W.shape for layer in network.layers] == [(4, 1)]


def test_each_hidden_layer_has_its_activation_and_dropout():
    layers = hidden_layers(4, [5, 6], ["relu", "tanh"], [0.0, 0.5])
    assert [(d.n_inputs, d.units, d.activation.name, d.dropout) for d in layers] == [
        (4, 5, "relu", 0.0),
        (5, 6, "tanh", 0.5),
    ]


@pytest.mark.parametrize(
    ("activation", "initializer"),
    [("tanh", "xavier_uniform"), ("sigmoid", "xavier_uniform"), ("relu", "he_normal"), ("gelu", "he_normal")],
)
def test_first_weights_suit_the_activation(activation, initializer):
    assert suitable_initializer(activation) == initializer


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_the_estimators_follow_the_recipes():
    X = np.random.default_rng(0).normal(size=(30, 2))
    for y, head in [
        (np.arange(30) % 2, head_for_classes(2, binary="sigmoid")),
        (np.arange(30) % 3, head_for_classes(3)),
        (np.arange(90).reshape(30, 3) % 2, head_for_labels(3)),
    ]:
        network = MLPClassifier((4,), max_iter=1).fit(X, y).to_network()
        last = network.specs[-1]
        assert (last.units, last.activation.name, network.loss.name) == shape(head)


def test_the_page_follows_the_recipes():
    settings = Settings()
    assert shape_of(settings.network(2, 3)) == shape(head_for_classes(3))
    assert shape_of(settings.changed({"output": "sigmoid"}).network(2, 2)) == shape(
        head_for_classes(2, binary="sigmoid")
    )
    assert shape_of(settings.network(2, 0)) == shape(head_for_values())


def shape_of(network: Network):
    last = network.specs[-1]
    return last.units, last.activation.name, network.loss.name


# The one place of defaults ----------------------------------------------------------------------------------------


def test_network():
    assert Network([2, 3, 2]).specs[0].activation.name == NETWORK.activation
    assert inspect.signature(Network.initialize).parameters["weights"].default == NETWORK.initializer


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_estimators(kind):
    model = kind()
    assert tuple(model.hidden_layer_sizes) == ESTIMATORS.hidden
    assert (model.activation, model.solver, model.initializer) == (
        ESTIMATORS.activation,
        ESTIMATORS.optimizer,
        ESTIMATORS.initializer,
    )
    assert (model.learning_rate_init, model.batch_size, model.max_iter, model.alpha, model.early_stopping) == (
        ESTIMATORS.learning_rate,
        ESTIMATORS.batch_size,
        ESTIMATORS.epochs,
        ESTIMATORS.l2,
        ESTIMATORS.patience is not None,
    )


def test_command():
    flags = {flag.name: flag.default for flag in cli_settings._flags(trained=True)}
    assert flags["hidden"] == ",".join(map(str, COMMAND.hidden))
    for name in ("activation", "initializer", "optimizer", "epochs", "l2"):
        assert flags[name] == getattr(COMMAND, name)


def test_page():
    for name in ("hidden", "initializer", "optimizer", "learning_rate", "batch_size", "epochs"):
        assert SCHEMA[name].default == getattr(PLAYGROUND, name)
    assert SCHEMA["output"].default == PLAYGROUND.binary


def test_the_table_of_defaults_says_what_they_are():
    import pellucid.defaults

    said = " ".join(pellucid.defaults.__doc__.split())
    assert f"L2 penalty none α = {ESTIMATORS.l2} λ = {COMMAND.l2} none" in said
    assert f"epochs 2000 updates {ESTIMATORS.epochs} {COMMAND.epochs} until" in said
    assert f"batch size all or 128 200 {COMMAND.batch_size} {PLAYGROUND.batch_size}" in said
    assert (
        f"Adam, {NETWORK.learning_rate} Adam, {ESTIMATORS.learning_rate} Adam, {COMMAND.learning_rate} descent, 0.1"
        in said
    )
