"""A class is its whole description: name, title, formulas, the letters of its options, and kernel formulas or None."""

import re
from dataclasses import fields

import pytest

from pellucid.activations import ACTIVATIONS, Activation
from pellucid.initializers import INITIALIZERS, Initializer
from pellucid.losses import LOSSES, Loss
from pellucid.maths.options import Option, own_formula
from pellucid.optimizers import OPTIMIZERS
from pellucid.optimizers.base import FirstOrder, Optimizer
from pellucid.penalties import PENALTIES, Penalty
from pellucid.schedules import SCHEDULES, Schedule

REGISTRIES = (ACTIVATIONS, LOSSES, PENALTIES, OPTIMIZERS, SCHEDULES, INITIALIZERS)
CLASSES = [registry[name] for registry in REGISTRIES for name in sorted(registry)]
FORMULAS = ("formula", "derivative_formula", "gradient_formula", "second_derivative_formula")
IN_WORDS = {
    "label_smoothing",  # changes the targets, not the loss
    "epsilon_hat",  # changes the formula of its object
    "patience", "min_delta",  # say what counts as a plateau
    "history_size", "tolerance_grad", "tolerance_change", "max_line_search", "max_eval",  # how H is kept, when to stop
    "min_lr",  # becomes min_factor when the rate is known
}  # fmt: skip
"""Options that docstrings explain and no formula has."""

ids = [f"{cls.__module__.rpartition('.')[2]}-{cls.name}" for cls in CLASSES]


def whole(cls):
    return " ".join(getattr(cls, name, "") for name in FORMULAS)


@pytest.mark.parametrize("cls", CLASSES, ids=ids)
def test_it_has_a_name_a_title_and_a_docstring_of_its_own(cls):
    assert vars(cls)["name"] != Option.name
    assert vars(cls)["title"]
    assert cls.__doc__
    assert not cls.__doc__.startswith(f"{cls.__name__}(")  # dataclass writes one where none stands


@pytest.mark.parametrize("cls", CLASSES, ids=ids)
def test_every_formula_stands_in_the_class(cls):
    base = next(base for base in (Activation, Loss, Penalty, Optimizer, Schedule, Initializer) if issubclass(cls, base))
    for name in FORMULAS:
        if not hasattr(base, name):
            continue
        if name == "second_derivative_formula" and not getattr(cls, "elementwise", True):
            assert name not in vars(cls)
        else:
            assert vars(cls)[name] not in ("", getattr(base, name)), name


@pytest.mark.parametrize("cls", CLASSES, ids=ids)
def test_every_option_is_in_a_formula_under_its_symbol(cls):
    options = {field.name for field in fields(cls)}
    for option in options - IN_WORDS:
        if option == "learning_rate":
            assert cls.symbols[option] == r"\eta"
        letter = cls.symbols.get(option, rf"\mathrm{{{option}}}")
        assert re.search(rf"(?<![A-Za-z\\]){re.escape(letter)}(?![A-Za-z])", whole(cls)), (option, letter)
    assert all(hasattr(cls, name) or name not in options for name in cls.symbols)


@pytest.mark.parametrize("cls", [cls for cls in CLASSES if issubclass(cls, Activation | Loss | Penalty | FirstOrder)])
def test_it_states_its_kernel_formulas_or_none(cls):
    if issubclass(cls, Activation):
        value, vjp = own_formula(cls, "kernel_value"), own_formula(cls, "kernel_vjp")
        assert (value is None) == (vjp is None) == (not cls.elementwise)
    elif issubclass(cls, Loss):
        assert own_formula(cls, "kernel_from_logits") is None or cls.canonical
        assert cls.canonical_only == (own_formula(cls, "kernel_formula") is None)
        assert bool(cls.canonical and ACTIVATIONS[cls.canonical].elementwise) == (
            own_formula(cls, "kernel_from_logits") is not None
        )
    else:
        assert own_formula(cls, "kernel_step" if issubclass(cls, FirstOrder) else "kernel_formula") is not None


def test_every_elementwise_activation_loss_and_penalty_states_its_second_derivative():
    for base, registry in ((Activation, ACTIVATIONS), (Loss, LOSSES), (Penalty, PENALTIES)):
        for cls in registry.values():
            stated = cls.second_derivative is not base.second_derivative
            assert stated == getattr(cls, "elementwise", True), cls


def test_every_loss_of_a_canonical_pair_states_its_curvature():
    for cls in LOSSES.values():
        assert (cls.curvature is not Loss.curvature) == (cls.canonical is not None), cls
