"""A remedy is data: what to change, and to what. How it is said depends on where the doctor was called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Speaker = Literal["network", "estimator", "shell", "page"]

WORDS: dict[str, dict[Speaker, str]] = {
    "learning rate": {
        "network": "an optimizer with learning_rate={value}",
        "estimator": "learning_rate_init={value}",
        "shell": "--learning-rate {value}",
        "page": "a learning rate of {value}",
    },
    "epochs": {
        "network": "epochs={value}",
        "estimator": "max_iter={value}, with n_iter_no_change={value} if it stops by itself",
        "shell": "--epochs {value}",
        "page": "{value} epochs",
    },
    "l2": {
        "network": "penalty=L2({value})",
        "estimator": "alpha={value}",
        "shell": "--l2 {value}",
        "page": "an L2 penalty of {value}",
    },
    "early stopping": {
        "network": "early_stopping=True with validation=0.2",
        "estimator": "early_stopping=True",
        "shell": "a validation part (100 rows or more), by which training stops early",
        "page": "a pause where the test loss is lowest",
    },
    "dropout": {
        "network": "Dense(…, dropout={value})",
        "estimator": "dropout={value}",
        "shell": "--dropout {value}",
        "page": "a dropout of {value}",
    },
    "hidden": {
        "network": "a hidden layer of {value} units, Network([inputs, {value}, outputs])",
        "estimator": "hidden_layer_sizes=({value},)",
        "shell": "--hidden {value}",
        "page": "a hidden layer of {value} units",
    },
    "class weight": {
        "network": "sample_weight= with n / (classes × count) for each row's class",
        "estimator": "class_weight='balanced'",
        "shell": "--class-weight balanced",
        "page": "more points of the rare class",
    },
    "seed": {
        "network": "other first weights, net.initialize(random_state={value})",
        "estimator": "random_state={value}",
        "shell": "--seed {value}",
        "page": "another seed",
    },
    "scale": {
        "network": "scikit-learn's StandardScaler, learned on the training rows",
        "estimator": "scale='standard'",
        "shell": "nothing: columns are scaled already",
        "page": "nothing: columns are scaled already",
    },
    "drop column": {
        "network": "leave {value} out",
        "estimator": "leave {value} out",
        "shell": "--ignore {value}",
        "page": "switch {value} off",
    },
    "activation": {
        "network": "Dense(…, {value!r})",
        "estimator": "activation={value!r}",
        "shell": "--activation {value}",
        "page": "the activation {value}",
    },
    "first weights": {
        "network": "net.initialize({value!r})",
        "estimator": "weight_init={value!r}",
        "shell": "--initializer {value}",
        "page": "the initializer {value}",
    },
}
"""Each kind of remedy, in the words of each caller."""


@dataclass(frozen=True)
class Remedy:
    """A change that should help: `kind` is one of `WORDS`, `value` what to change it to."""

    kind: str
    value: Any = None

    def said(self, speaker: Speaker) -> str:
        """The change in the words of a caller.

        >>> Remedy("l2", 0.001).said("shell"), Remedy("l2", 0.001).said("network")
        ('--l2 0.001', 'penalty=L2(0.001)')
        """
        value = f"{self.value:.3g}" if isinstance(self.value, float) else self.value
        return WORDS[self.kind][speaker].format(value=value)
