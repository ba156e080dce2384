"""Networks in short form, the loss that follows the output, and answers to what people type first."""

import copy
import pickle
import re
from typing import Any

import numpy as np
import pytest

from pellucid import Dense, EarlyStopping, Network, losses
from pellucid.network.other_libraries import FIT_ARGUMENTS, NETWORK_ATTRIBUTES

X = np.random.default_rng(0).normal(size=(12, 2))
Y = np.arange(12) % 2


@pytest.mark.parametrize(
    ("arguments", "options", "activations", "loss"),
    [
        (([2, 3, 2], "tanh"), {}, ["tanh", "softmax"], "cross_entropy"),
        (([2, 3, 2],), {}, ["tanh", "softmax"], "cross_entropy"),
        (((2, 3, 1),), {"activation": "relu"}, ["relu", "identity"], "squared_error"),
        ((np.array([2, 3, 1]), "swish"), {}, ["silu", "identity"], "squared_error"),
        (([2, 3, 1], "binary_cross_entropy"), {}, ["tanh", "sigmoid"], "binary_cross_entropy"),
        (([2, 3, 3],), {"loss": "squared_error", "activation": "elu"}, ["elu", "identity"], "squared_error"),
        (([2, 3, 1],), {"loss": "poisson"}, ["tanh", "exponential"], "poisson"),
        (([2, 3, 1],), {"loss": "huber"}, ["tanh", "identity"], "huber"),
        (([2, 3, 4, 1], ["relu", "tanh"]), {}, ["relu", "tanh", "identity"], "squared_error"),
        (([2, 3, 4, 1], ["relu", "tanh", "sigmoid"]), {}, ["relu", "tanh", "sigmoid"], "binary_cross_entropy"),
        (([2, 2],), {}, ["softmax"], "cross_entropy"),
    ],
)
def test_sizes_make_a_network(
    arguments: tuple[Any, ...], options: dict[str, Any], activations: list[str], loss: str
) -> None:
    net = Network(*arguments, **options)
    assert [spec.activation.name for spec in net.specs] == activations
    assert net.loss.name == loss
    sizes = [net.n_inputs, *(spec.units for spec in net.specs)]
    assert sizes == list(arguments[0])


@pytest.mark.parametrize(
    ("output", "loss"),
    [
        ("softmax", "cross_entropy"),
        ("sigmoid", "binary_cross_entropy"),
        ("identity", "squared_error"),
        ("exponential", "poisson"),
        ("tanh", "squared_error"),
    ],
)
def test_the_loss_follows_the_last_activation_where_none_is_named(output: str, loss: str) -> None:
    assert Network([Dense(3, 2, output)]).loss.name == loss


def test_a_named_loss_is_taken_as_before() -> None:
    assert Network([Dense(3, 1)], "huber", "float32").loss == losses.Huber()
    assert Network([Dense(3, 2, "softmax")], loss="squared_error").loss.name == "squared_error"


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: Network([2, 3, 2], "tanhh"), ValueError, "unknown activation or loss 'tanhh': did you mean 'tanh'"),
        (lambda: Network([2, 3, 2], "mse"), ValueError, "unknown loss 'mse': write 'squared_error'"),
        (lambda: Network([2, 3.5, 2]), TypeError, "layers[1] must be a Dense layer or a size"),
        (lambda: Network([2, True]), TypeError, "layers[1] must be a Dense layer or a size"),
        (lambda: Network([2]), ValueError, "at least two sizes"),
        (lambda: Network(2), TypeError, "layers must be a list of Dense layers or of sizes, got 2"),
        (lambda: Network("2-3-2"), TypeError, "layers must be a list"),
        (lambda: Network([2, 0, 1]), ValueError, "units must be a whole number >= 1, got 0"),
        (lambda: Network([2, 3, 4, 1], ["relu"]), ValueError, "must be one for all hidden layers, a list of 2"),
        (lambda: Network([Dense(2, 2)], "tanh"), TypeError, "Dense layers have their own: write Dense(…, 'tanh')"),
        (lambda: Network([Dense(2, 2)], activation="tanh"), TypeError, "Dense layers have their own"),
        (lambda: Dense(4, "relu"), TypeError, "Dense(n_inputs, 4, 'relu')"),
    ],
)
def test_what_is_meant_is_asked_for(make: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=re.escape(words)):
        make()


def test_score_is_the_metric_of_the_history() -> None:
    net = Network([2, 3, 2], "tanh").initialize(random_state=0)
    history = net.fit(X, Y, epochs=1, batch_size=None, validation=(X, Y), random_state=0)
    assert net.score(X, Y) == history["validation_metric"][-1] == np.mean(net.predict(X) == Y)
    weight = np.arange(12.0)
    assert net.score(X, Y, weight) == pytest.approx(np.average(net.predict(X) == Y, weights=weight))
    with pytest.raises(ValueError, match="as many rows"):
        net.score(X, Y[:-1])


def test_the_summary_shows_itself_as_text_and_as_a_table() -> None:
    net = Network([Dense(2, 1000, "relu", dropout=0.5), Dense(1000, 2, "softmax")])
    summary = net.summary()
    assert repr(summary) == str(summary)
    assert str(summary).splitlines()[1].split() == ["1", "relu", "2", "1,000", "2,000", "1,000", "0.5"]
    assert str(summary).splitlines()[-1].startswith("5,002 parameters, loss cross_entropy, float64; no weights yet")
    assert net._repr_html_() == summary._repr_html_()
    assert "<td>1,000</td>" in summary._repr_html_()


@pytest.mark.parametrize("name", FIT_ARGUMENTS)
def test_arguments_of_other_libraries_are_answered_with_what_to_write(name: str) -> None:
    net = Network([2, 2])
    with pytest.raises(TypeError, match=f"fit\\(\\) takes no argument {name}: write ") as caught:
        net.fit(X, Y, **{name: 1})
    assert "{" not in str(caught.value)


def test_the_advice_for_arguments_is_carried_out() -> None:
    from pellucid.optimizers import Adam, AdamW, Momentum
    from pellucid.penalties import L1, L2

    names = {"Adam": Adam, "AdamW": AdamW, "Momentum": Momentum, "L1": L1, "L2": L2, "EarlyStopping": EarlyStopping}
    for name, words in FIT_ARGUMENTS.items():
        value = {"solver": "adam", "validation_split": 0.25, "validation_fraction": 0.25}.get(name, 0.5)
        value = 2 if any(f"{w}={{value" in words for w in ("epochs", "batch_size", "patience", "threads")) else value
        value = 1 if "random_state" in words else value
        advised = re.match(r"(\w+)=(.*?)(, from .*|, or .*|$)", words.format(value=value, flag=True))
        if advised is None or "X_val" in words or words.startswith("sample_weight=,"):
            continue
        options = {advised[1]: eval(advised[2], dict(names))}
        if advised[1] == "early_stopping":
            options["validation"] = 0.25
        Network([2, 2]).fit(X, Y, **({"epochs": 1} | options))


def test_a_misspelt_argument_or_attribute_is_met_with_the_nearest() -> None:
    net = Network([2, 2])
    with pytest.raises(TypeError, match="takes no argument epoch: did you mean 'epochs'"):
        net.fit(X, Y, epoch=3)
    with pytest.raises(TypeError, match="it takes X, batch_size"):
        net.fit(X, Y, qqqq=3)
    with pytest.raises(AttributeError, match="no attribute 'sumary': did you mean 'summary'"):
        net.sumary()


@pytest.mark.parametrize("name", NETWORK_ATTRIBUTES)
def test_attributes_of_other_libraries_are_answered(name: str) -> None:
    net = Network([2, 2])
    assert not hasattr(net, name)
    with pytest.raises(AttributeError, match=f"no attribute '{name}': "):
        getattr(net, name)


def test_answers_do_not_stand_in_the_way_of_copies_and_questions() -> None:
    net = Network([2, 3, 1], "tanh").initialize(random_state=0)
    assert not hasattr(net, "predict_proba")
    with pytest.raises(AttributeError, match="predict_proba is for classification, this network's loss is 'squared"):
        net.predict_proba(X)
    for twin in (copy.copy(net), copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        np.testing.assert_array_equal(twin.predict(X), net.predict(X))


def test_early_stopping_in_the_wrong_place_is_sent_to_the_right_one() -> None:
    net = Network([2, 2])
    with pytest.raises(TypeError, match=r"write early_stopping=EarlyStopping\("):
        net.fit(X, Y, callbacks=[EarlyStopping(patience=3)])
    with pytest.raises(TypeError, match=r"write early_stopping=EarlyStopping\("):
        net.fit(X, Y, callbacks=EarlyStopping(patience=3))
    with pytest.raises(TypeError, match=r"write EarlyStopping\(patience=5\)"):
        net.fit(X, Y, early_stopping=5)
    net.fit(X, Y, epochs=1, callbacks=None)


@pytest.mark.parametrize(
    ("name", "is_really"),
    [("sgd", "GradientDescent"), ("SGD", "GradientDescent"), ("L-BFGS", "LBFGS"), ("rms_prop", "RMSProp")],
)
def test_optimizers_go_by_the_names_that_others_give_them(name: str, is_really: str) -> None:
    from pellucid.optimizers import OPTIMIZERS

    assert type(OPTIMIZERS.resolve(name)).__name__ == is_really
