"""The one table: validation, signature, docstring and flags are made from it."""

from __future__ import annotations

import inspect
import re

import numpy as np
import pytest
from sklearn.utils._param_validation import InvalidParameterError, make_constraint

from pellucid import MLPClassifier, MLPRegressor
from pellucid.estimators.constraints import ARGUMENTS, table
from pellucid.estimators.signature import constraints

from .data import iris

BOTH = [("classifier", MLPClassifier), ("regressor", MLPRegressor)]


@pytest.mark.parametrize(("name", "kind"), BOTH)
def test_signature_constraints_and_docstring_are_the_tables(name, kind):
    rows = table(name)
    signature = inspect.signature(kind).parameters
    assert list(signature) == list(rows) == list(kind._parameter_constraints)
    assert kind().get_params(deep=False) == {row.name: row.default for row in rows.values()}
    for argument in rows.values():
        assert signature[argument.name].default == argument.default
        assert f"{argument.name} : {argument.type}, default={argument.default!r}" in kind.__doc__
        assert argument.help in " ".join(kind.__doc__.split())
    told = {key: [str(make_constraint(c)) for c in form] for key, form in kind._parameter_constraints.items()}
    assert told == {key: [str(make_constraint(c)) for c in form] for key, form in constraints(name).items()}


@pytest.mark.parametrize("argument", ARGUMENTS, ids=lambda a: a.name)
def test_each_default_is_allowed_and_each_line_is_complete(argument):
    form = constraints(argument.of[0])[argument.name]
    assert any(make_constraint(c).is_satisfied_by(argument.default) for c in form)
    assert argument.help.endswith(".")
    assert len(argument.help) <= 110  # one line
    assert argument.type
    assert not argument.flag or re.fullmatch("--[a-z][a-z0-9-]*", argument.flag)
    hash(argument.default)  # shared by all estimators: nothing that can be changed


def test_names_are_not_listed_twice():
    names = [argument.name for argument in ARGUMENTS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(("name", "kind"), BOTH)
def test_help_names_every_name_that_is_allowed(name, kind):
    for argument, form in constraints(name).items():
        text = kind.__doc__.split(f"\n    {argument} : ", 1)[1].split(" : ", 1)[0]
        for option in [option for constraint in form for option in getattr(constraint, "options", [])]:
            assert isinstance(option, float) or f"'{option}'" in text, (argument, option)


def test_an_unknown_argument_is_refused():
    with pytest.raises(TypeError, match=r"MLPClassifier\(\) got an unexpected keyword argument 'hiden_layer_sizes'"):
        MLPClassifier(hiden_layer_sizes=(3,))
    with pytest.raises(TypeError, match=r"MLPClassifier\(\) too many positional arguments"):
        MLPClassifier((3,), "relu", "adam")


BAD = [
    ("dropout", 1.0, "a float in the range [0.0, 1.0)"),
    ("label_smoothing", 1, "a float in the range [0.0, 1.0)"),
    ("class_weight", "balansed", "'balanced'"),
    ("scale", "minmax", "{'robust', 'standard'} or None"),
    ("clip_norm", 0, "a float in the range (0.0, inf) or None"),
    ("max_seconds", -1, "a float in the range (0.0, inf) or None"),
    ("solver", "newton", "an instance of 'pellucid.optimizers.base.Optimizer'"),
    ("learning_rate", "cosin", "an instance of 'pellucid.maths.schedules.Schedule'"),
    ("initializer", 3, "an instance of 'pellucid.maths.initializers.Initializer'"),
    ("callbacks", 5, "an array-like, a callable, an instance of"),
    ("progress", "yes", "an instance of 'bool'"),
]


@pytest.mark.parametrize(("argument", "value", "expected"), BAD, ids=str)
def test_bad_values_are_named_with_what_was_expected(argument, value, expected):
    X, y = iris()
    with pytest.raises(InvalidParameterError) as error:
        MLPClassifier(**{argument: value}).fit(X, y)
    message = str(error.value)
    assert message.startswith(f"The '{argument}' parameter of MLPClassifier must be ")
    assert re.sub(r"'standard', 'robust'", "'robust', 'standard'", message).find(expected) > 0, message
    assert f"Got {value!r} instead." in message


def test_what_does_not_fit_together_is_named():
    X, y = iris()
    cases = [
        ({"solver": "lbfgs", "learning_rate": "cosine"}, "learning_rate must be 'constant' for solver 'lbfgs'"),
        ({"solver": "lbfgs", "clip_norm": 1.0}, "clip_norm and max_norm must be None for optimizer 'lbfgs'"),
        ({"callbacks": [3]}, "callbacks must hold functions or Callback objects, got 3"),
        ({"hidden_layer_sizes": (4.5,)}, r"hidden_layer_sizes must hold whole numbers, .*, got \[4.5\]"),
        ({"hidden_layer_sizes": (4, -1)}, r"hidden_layer_sizes must be > 0, got \[4, -1\]"),
        ({"dropout": (0.1, 1.5), "hidden_layer_sizes": (3, 3)}, "dropout must be a number >= 0 and < 1, got 1.5"),
    ]
    for arguments, message in cases:
        with pytest.raises((ValueError, TypeError), match=message):
            MLPClassifier(max_iter=2, **arguments).fit(X, y)
    assert np.isfinite(MLPClassifier(momentum=1.0, solver="sgd", tol=1e9).fit(X, y).loss_)  # allowed, as there
