"""Advised changes as data, and how each is written for each interface."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from pellucid.explanation.numbers import format_number

Place = Literal["network", "estimator", "command line", "page"]
"""Interface that advice is written for: `Network.fit`, an estimator, flags of `pellucid`, labels of the playground."""

Value = float | int | str | tuple[str, ...] | None


@dataclass(frozen=True)
class Remedy:
    """An advised change.

    Attributes
    ----------
    change : str
        The setting to change: "epochs", "learning_rate", "penalty", "dropout", …; a key of `WORDS`.
    value : number, str, tuple of str or None
        Its new value, if one can be given.
    """

    change: str
    value: Value = None

    def words(self, place: Place) -> str:
        """The change as it is written in an interface.

        >>> Remedy("epochs", 400).words("command line"), Remedy("epochs", 400).words("estimator")
        ('--epochs 400', 'max_iter=400')
        """
        return WORDS[self.change][place](_written(self.value))


def _written(value: Value) -> str:
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, float):
        return f"{value:.2g}"
    return "" if value is None else str(value)


def _row(network: str, estimator: str, command: str, page: str) -> dict[Place, Callable[[str], str]]:
    def by(template: str) -> Callable[[str], str]:
        return lambda value: template.replace("{}", value)

    return {"network": by(network), "estimator": by(estimator), "command line": by(command), "page": by(page)}


def _everywhere(text: str) -> dict[Place, Callable[[str], str]]:
    return _row(text, text, text, text)


WORDS: dict[str, dict[Place, Callable[[str], str]]] = {
    "epochs": _row("epochs={} in fit", "max_iter={}", "--epochs {}", "let it run to epoch {}"),
    "learning_rate": _row(
        "learning_rate={} in the optimizer", "learning_rate_init={}", "--learning-rate {}", "Learning rate {}"
    ),
    "early_stopping": _row(
        "validation=0.2, early_stopping=True in fit", "early_stopping=True", "leave early stopping on (the default)",
        "stop at the lowest test loss",
    ),
    "penalty": _row("penalty=L2({}) in fit", "alpha={}", "--l2 {}", "L2 penalty {}"),
    "less_penalty": _row("penalty=L2({}) in fit, or none", "alpha={}, or 0", "--l2 {}, or 0", "L2 penalty {}, or none"),
    "dropout": _row("dropout={} in the hidden layers", "dropout={}", "--dropout {}", "Dropout {}"),
    "hidden": _row(
        "a hidden layer of {} units: Dense(n_inputs, {}, 'tanh')", "hidden_layer_sizes=({},)", "--hidden {}",
        "a hidden layer of {} units",
    ),
    "units": _row(
        "{} units in each hidden layer", "hidden_layer_sizes with {} units in each layer", "--hidden {}",
        "{} units in each hidden layer",
    ),
    "activation": _row("activation '{}' in the hidden layers", "activation='{}'", "--activation {}", "Activation {}"),
    "initializer": _row(
        "network.initialize('{}')", "initializer='{}'", "--initializer {}", "Initial weights {}, then start again"
    ),
    "scale_inputs": _row(
        "inputs with mean 0 and standard deviation 1 (scikit-learn's StandardScaler, fitted on the training rows)",
        "scale='standard'", "columns in other units, or their logarithm",
        "inputs with mean 0 and standard deviation 1",
    ),
    "scale_targets": _row(
        "targets with mean 0 and standard deviation 1 (scikit-learn's TransformedTargetRegressor also transforms "
        "predictions back)",
        "scale='standard'", "the target in another unit, or its logarithm",
        "targets with mean 0 and standard deviation 1",
    ),
    "class_weight": _row(
        "sample_weight of n / (classes × count) for each row of a class ({} for this one)",
        "class_weight='balanced'", "--class-weight balanced", "as many rows of each class",
    ),
    "drop_columns": _row(
        "leave out the column(s) {}", "leave out the column(s) {}", "--ignore with the column(s) {}",
        "leave out the input(s) {}",
    ),
    "random_state": _row(
        "other initial weights: network.initialize(random_state={})", "random_state={}", "--seed {}", "another seed"
    ),
    "clip_norm": _row("clip_norm={} in fit", "clip_norm={}", "--clip-norm {}", "a smaller learning rate"),
    "fewer_layers": _everywhere("fewer hidden layers"),
    "check_labels": _everywhere("check that rows and labels still belong together (were they sorted or joined apart?)"),
    "other_columns": _everywhere("other columns, related to the target"),
    "more_rows": _everywhere("more rows"),
    "check_values": _everywhere("check these values: correct or drop errors, clip genuine extremes"),
    "fill_missing": _everywhere("fill or drop missing inputs"),
}  # fmt: skip


def joined(remedies: tuple[Remedy, ...], place: Place) -> str:
    """All remedies in one sentence, the best first.

    >>> joined((Remedy("epochs", 400), Remedy("learning_rate", 0.01)), "command line")
    '--epochs 400, or --learning-rate 0.01.'
    """
    return ", or ".join(remedy.words(place) for remedy in remedies) + "."


def number(value: float) -> str:
    """A measured number, formatted as evidence."""
    return format_number(value)
