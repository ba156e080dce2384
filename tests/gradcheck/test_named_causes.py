"""The faults of `planted`: which are named right, and that none gets a wrong name."""

from __future__ import annotations

import importlib.util
import itertools
import sys
from pathlib import Path

import numpy as np
import pytest

from pellucid import Dense, Network, check_gradients, grade

pytestmark = pytest.mark.slow

spec = importlib.util.spec_from_file_location("planted", Path(__file__).with_name("planted.py"))
planted = sys.modules["planted"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(planted)
DROPOUT, FAULTS, Student, verdict_on = planted.DROPOUT, planted.FAULTS, planted.Student, planted.verdict_on

WAYS = {"grade": lambda s: s.graded(), "check_gradients": lambda s: s.checked()}


@pytest.mark.parametrize(("way", "l2"), [("check_gradients", 0.01), ("grade", 0.01), ("grade", 0.0)])
def test_every_fault_is_named_and_none_wrongly(way, l2, proof_size):
    verdicts = {}
    every = 1 if l2 else proof_size(6, 1)
    for name, (fault, accepted) in list(FAULTS.items())[::every]:
        if l2 or "L2" not in name:
            result = WAYS[way](Student(fault=fault, l2=l2))
            verdicts[name] = verdict_on(result, accepted), result.verdict
    assert {name: said for name, said in verdicts.items() if said[0] in ("wrong", "passed")} == {}
    named = [name for name, said in verdicts.items() if said[0] == "named"]
    assert len(named) == len(verdicts), set(verdicts) - set(named)


def test_faults_beside_dropout():
    said = {name: verdict_on(Student(fault=f, dropout=0.5).graded(), ok) for name, (f, ok) in DROPOUT.items()}
    assert said == {"mask forgotten": "named", "mask unscaled": "named", "another mask": "not named"}


def test_answers_instead_of_a_function_are_read_as_far_as_their_numbers_go(proof_size):
    chosen = list(FAULTS.values())[:: proof_size(5, 1)]
    said = [verdict_on(Student(fault=f).graded(call=False), ok) for f, ok in chosen]
    assert said.count("named") >= 0.6 * len(said)
    assert "wrong" not in said
    assert "passed" not in said


NETWORKS = [
    ((2, 4, 3), ("tanh",)), ((4, 4, 4, 4), ("sigmoid", "tanh")), ((3, 5, 5, 2), ("elu", "relu")),
    ((5, 8, 3), ("leaky_relu",)), ((3, 6, 5, 3), ("softplus", "sigmoid")), ((2, 3, 4, 3, 4), ("tanh", "tanh", "tanh")),
]  # fmt: skip


def test_other_networks_and_two_faults_at_once_get_no_wrong_name(proof_size):
    """One mistake never gets another's name; two at once may look like a third, in at most one of fifty."""
    random = np.random.default_rng(0)
    tries, wrong = 0, []
    names = [name for name in FAULTS if not name.startswith(("sum", "averaged", "√n", "1/c"))]
    for _ in range(proof_size(16, 1500)):
        sizes, hidden = NETWORKS[random.integers(len(NETWORKS))]
        chosen = [names[i] for i in random.choice(len(names), size=random.integers(1, 3), replace=False)]
        faults = [FAULTS[name] for name in chosen]
        if len(faults) == 2 and set(faults[0][0]) & set(faults[1][0]):
            continue
        if "A1 for X" in chosen and sizes[1] < sizes[0]:
            continue
        student = Student(
            sizes=sizes, hidden=hidden, n=int(random.choice([12, 40])), l2=float(random.choice([0, 0.01, 0.5])),
            reduction=str(random.choice(["mean", "sum"])), seed=int(random.integers(1000)),
            fault={key: value for fault, _ in faults for key, value in fault.items()},
        )  # fmt: skip
        for way in WAYS.values():
            result = way(student)
            parts = {piece for cause in result.causes for name in cause.name.split(" or ") for piece in _pieces(name)}
            accepted = set().union(*(names for _, names in faults))
            known = parts & accepted or parts <= {"unknown", "constant factor"} or result.passed
            if parts <= PLACES:  # they name no mistake, only where it is: that must be so
                known = all(
                    group.passed for group in result.groups if (group.numeric.ndim == 2) is not ("W" in str(parts))
                )
            tries += 1
            if not known:
                wrong.append((chosen, sizes, hidden, student.l2, student.reduction, result.verdict))
    assert not [case for case in wrong if len(case[0]) == 1], wrong
    assert len(wrong) <= 0.02 * tries, wrong


PLACES = {"only W is wrong", "bias is not the sum of δ"}


def _pieces(name):
    return {name, *itertools.accumulate(name.split(", "), lambda a, b: f"{a}, {b}"), *name.split(", ")}


def test_a_right_gradient_is_never_given_a_cause_for_a_registered_function():
    """If finite differences cannot decide, the network's own functions are not accused."""
    X = np.random.default_rng(0).normal(size=(8, 3)) * 1e3
    for hidden in ("relu", "tanh", "elu", "gelu", "softplus"):
        net = Network([Dense(3, 4, hidden), Dense(4, 2, "softmax")]).initialize(random_state=1)
        result = check_gradients(net, X, np.arange(8) % 2)
        assert not [cause for cause in result.causes if "erivative" in cause.name or "loss" in cause.name]


def test_the_words_for_factors():
    X, y = np.array([[1.0], [2.0], [4.0]]), np.array([1.0, 3.0, 2.0])
    loss = lambda w: np.mean((X @ w - y) ** 2)  # noqa: E731
    right = lambda w: 2 * X.T @ (X @ w - y) / 3  # noqa: E731
    for ratio, name in ((-0.1, "the step, not the gradient"), (0.1, "a rate in it"), (0.01, "a rate in it")):
        result = grade(loss, lambda w, r=ratio: r * right(w), np.array([0.5]), n_samples=3)
        assert [cause.name for cause in result.causes] == [name]
    unknown_n = grade(loss, lambda w: 0.1 * right(w), np.array([0.5]))
    assert unknown_n.causes[0].name == "constant factor"
    assert "If 10 is the number of samples" in unknown_n.verdict
    assert "learning rate of 0.1" in unknown_n.verdict


def test_a_flat_answer_for_a_list_is_said_to_be_numbers():
    theta = [np.ones((2, 3)), np.ones(3)]
    with pytest.raises(ValueError, match=r"2 arrays, as theta does, got 9 numbers.*np.split"):
        grade(lambda t: float(sum((a**2).sum() for a in t)), lambda t: np.zeros(9), theta)
