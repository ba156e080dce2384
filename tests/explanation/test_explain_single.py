"""Derivations for one neuron and one weight: the numbers are those of the step, and they add up."""

from __future__ import annotations

import re
import warnings

import numpy as np
import pandas as pd
import pytest

from pellucid import Dense, MLPClassifier, Network, explain
from pellucid.explanation.document import Formula, Table
from pellucid.explanation.numbers import format_number
from pellucid.maths.penalties import L2


@pytest.fixture
def explanation():
    random = np.random.default_rng(4)
    network = Network([Dense(2, 3, "tanh"), Dense(3, 2, "sigmoid")], loss="squared_error").initialize(random_state=2)
    return explain(network, random.normal(size=(4, 2)), random.random((4, 2)), optimizer="momentum", penalty=L2(0.1))


def formulas(report):
    return [
        re.sub(r" \\cdot 10\^\{(-?\d+)\}", r"e\1", block.latex) for block in report.blocks if isinstance(block, Formula)
    ]


def evaluated(text):
    """A sum of products as printed, worked out."""
    plain = text.replace(r"\cdot", "*")
    assert re.fullmatch(r"[-+*.()\d e]+", plain)
    return eval(plain)


def test_a_hidden_unit_adds_up(explanation):
    step = explanation.step
    for unit in range(3):
        texts = formulas(explanation.node(1, unit + 1, sample=3))
        _, z_sum, z = texts[1].split(" = ")
        assert z == format_number(step.forward_pass.Z[0][2, unit])
        assert evaluated(z_sum) == pytest.approx(float(z), abs=2e-3)
        assert texts[2].endswith(f" = {format_number(step.forward_pass.A[0][2, unit])}")
        _, blame, delta = texts[-1].split(" = ")
        assert delta == format_number(step.gradient.deltas[0][2, unit])
        assert evaluated(blame) == pytest.approx(float(delta), abs=2e-4)


def test_an_output_unit_says_its_target_and_its_delta(explanation):
    report = explanation.node(2, 2, sample=4)
    assert format_number(explanation.step.Y[3, 1]) in report.text
    assert formulas(report)[-1].endswith(f" = {format_number(explanation.step.gradient.deltas[1][3, 1])}")


def test_a_weight_is_the_sum_over_samples_and_its_step(explanation):
    step = explanation.step
    for layer, i, j in ((0, 1, 2), (1, 2, 0)):
        report = explanation.edge(layer + 1, i + 1, j + 1)
        [table] = [block for block in report.blocks if isinstance(block, Table)]
        total = sum(float(a) * float(d) for _, a, d in table.rows)
        W = step.network.layers[layer].W[i, j]
        gradient = step.gradient.layers[layer][0][i, j]
        assert total + 0.1 * W == pytest.approx(gradient, abs=1e-3)
        before, after = formulas(report)[-1].split(r":\quad ")[1].split(r" \;\rightarrow\; ")
        assert (before, after) == (format_number(W), format_number(step.after.layers[layer].W[i, j]))
        assert f"= {format_number(gradient)}" in " ".join(formulas(report))


def test_many_inputs_are_cut_to_the_largest():
    network = Network([Dense(30, 2, "softmax")]).initialize(random_state=0)
    X = np.zeros((1, 30))
    X[0, [3, 20]] = 5.0, -4.0
    text = explain(network, X, [0]).node(1, 2).text
    assert "5 ·" in text
    assert "⋯" in text


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda e: e.node(3, 1), "layer must be a whole number from 1 to 2, got 3"),
        (lambda e: e.node(1, 4), "unit must be a whole number from 1 to 3, got 4"),
        (lambda e: e.node(1, 1, sample=5), "sample must be a whole number from 1 to 4, got 5"),
        (lambda e: e.node(0, 1), "layer must be a whole number from 1 to 2, got 0"),
        (lambda e: e.edge(1, -1, 1), "i must be a whole number from 1 to 2, got -1"),
    ],
)
def test_an_index_out_of_range_is_named(explanation, call, message):
    with pytest.raises(IndexError, match=message):
        call(explanation)


def test_columns_classes_and_rows_are_called_by_their_names():
    X = pd.DataFrame([[1.0, 2.0], [3.0, -1.0], [0.5, 0.1]], columns=["price in $", "a_b"])
    names = ["yes", "no", "yes"]
    model = MLPClassifier((3,), max_iter=1, random_state=0, solver="sgd")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # one iteration is meant
        model.fit(X, names)
    explanation = explain(model, X, names, sample_names=["row 17", "row 18", "row 40"])
    assert "Inputs: 1 price in $, 2 a_b." in explanation.text
    assert "Outputs: 1 yes." in explanation.text
    assert "Samples: 1 row 17, 2 row 18, 3 row 40." in explanation.text
    node = explanation.node(2, 1, sample=3)
    assert node.title == "Unit 1 of layer 2 (yes), sample 3 (row 40)"
    edge = explanation.edge(1, 1, 2)
    assert edge.title == "The weight from input 1 (price in $) to unit 2 of layer 1"
    assert "3 (row 40)" in edge.text
    for text in (explanation.to_html(), explanation.to_markdown(), explanation.to_latex()):
        assert "price in $" in text.replace("\\$", "$")
        assert "\ue000" not in text


def test_names_that_do_not_fit_are_refused():
    net = Network([2, 3, 2], "tanh").initialize(random_state=0)
    with pytest.raises(ValueError, match="feature_names must hold 2 names, one for each of the columns of X, got 1"):
        explain(net, [[1.0, 2.0]], [0], feature_names=["one"])
    with pytest.raises(ValueError, match=r"class_names must hold 2 names, .* got 'ab'"):
        explain(net, [[1.0, 2.0]], [0], class_names="ab")
    text = explain(net, [[1.0, 2.0]], [0], feature_names=["\x1b[31mred\n", "x" * 100]).text
    assert "\x1b" not in text
    assert "1 \\x1b[31mred\\n, 2 xxx" in text.replace("\n", " ")
