"""Every field of the schema takes its default and its choices, and refuses what is out of its range."""

import json

import pytest

from pellucid.maths.activations import ACTIVATIONS
from pellucid.maths.initializers import INITIALIZERS
from pellucid.maths.schedules import SCHEDULES
from pellucid.optimizers import OPTIMIZERS
from pellucid.playground.presets import PRESETS
from pellucid.playground.schema import FIELDS, SCHEMA
from pellucid.playground.settings import SettingError, Settings


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_a_field_takes_its_default_and_choices_and_nothing_else(field):
    assert field.check(field.default) == field.default
    for value, label in field.choices:
        assert label
        if field.kind == "choice":
            assert field.check(value) == value
            assert field.check(str(value)) == value  # as an address writes it
    if field.kind in ("number", "integer"):
        for value in (field.least, field.most):
            assert field.check(str(value)) == value
        for wrong in (field.least - 1, field.most + 1, "much", None, float("nan"), True):
            with pytest.raises(ValueError, match=f"{field.name} must be a"):
                field.check(wrong)
    assert field.help.endswith(".")
    assert json.dumps(field.as_json())


def test_everything_registered_can_be_chosen():
    for name, registry, left_out in (
        ("activations", ACTIVATIONS, {"softmax", "exponential"}),
        ("optimizer", OPTIMIZERS, set()),
        ("schedule", SCHEDULES, set()),
        ("initializer", INITIALIZERS, set()),
    ):
        assert {value for value, _ in SCHEMA[name].choices} == set(registry) - left_out


def test_layers_bring_their_activations():
    settings = Settings().changed({"hidden": [2, 3, 4]})
    assert settings["activations"] == ("tanh", "tanh", "tanh")
    settings = settings.changed({"activations": "relu,elu,selu"}).changed({"hidden": [5]})
    assert settings["activations"] == ("relu",)
    assert settings.changed({"hidden": []})["activations"] == ()


def test_what_differs_makes_the_same_settings_again():
    settings = Settings().changed({"data": "xor", "hidden": "8,8", "optimizer": "adam", "speed": 0})
    assert Settings().changed(settings.differing()) == settings
    assert settings.differing() == {
        "data": "xor", "hidden": (8, 8), "optimizer": "adam", "speed": 0,
    }  # fmt: skip


@pytest.mark.parametrize("preset", PRESETS.values(), ids=lambda preset: preset.name)
def test_every_preset_can_be_set(preset):
    assert Settings().changed(preset.settings).differing().keys() <= set(preset.settings) | {"activations"}


def test_unknown_names_are_told_with_the_nearest():
    with pytest.raises(SettingError, match="did you mean 'learning_rate'"):
        Settings().changed({"learning_rat": 1})
