"""Checked values of all settings, and the network, optimizer, penalty and schedule that they stand for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pellucid.maths.losses import LOSSES
from pellucid.maths.penalties import PENALTIES, Penalty
from pellucid.maths.registry import unknown_name
from pellucid.maths.schedules import SCHEDULES, Constant, Schedule
from pellucid.model import Network
from pellucid.models.recipes import build_network, head_for_classes, head_for_values, hidden_layers
from pellucid.optimizers import OPTIMIZERS, Optimizer, check_capabilities
from pellucid.playground.schema import SCHEMA


class SettingError(ValueError):
    """An invalid value of the setting `field`."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


class Settings(Mapping[str, Any]):
    """A valid value for every field of the schema; immutable.

    >>> settings = Settings().changed({"hidden": [3], "optimizer": "adam"})
    >>> settings["activations"], settings.optimizer
    (('tanh',), Adam(learning_rate=0.1, beta_1=0.9, beta_2=0.999, epsilon=1e-08, epsilon_hat=False))
    """

    def __init__(self, values: Mapping[str, Any] | None = None) -> None:
        self._values = {name: field.default for name, field in SCHEMA.items()} | dict(values or {})

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __hash__(self) -> int:
        return hash(tuple(self._values.items()))

    def changed(self, changes: Mapping[str, Any]) -> Settings:
        """A copy with other values, each checked.

        Raises
        ------
        SettingError
            Naming the first field with an invalid value.
        """
        values = dict(self._values)
        for name, value in changes.items():
            if name not in SCHEMA:
                raise SettingError(str(name), unknown_name("setting", name, SCHEMA))
            try:
                values[name] = SCHEMA[name].check(value)
            except ValueError as error:
                raise SettingError(name, str(error)) from error
        # A new layer gets the activation of the last one.
        activations, layers = values["activations"], len(values["hidden"])
        last = activations[-1:] or SCHEMA["activations"].default[:1]
        values["activations"] = (*activations, *last * max(0, layers - len(activations)))[:layers]
        try:
            check_capabilities(OPTIMIZERS[values["optimizer"]](), dropout=values["dropout"])
        except ValueError as error:
            raise SettingError("dropout" if "dropout" in changes else "optimizer", str(error)) from error
        return Settings(values)

    def with_values(self, **values: Any) -> Settings:
        """A copy with other values that are valid already: they come from rows or from other settings."""
        return Settings(self._values | values)

    def remakes_network(self, other: Settings) -> bool:
        """Whether changing to `other` rebuilds the network, with the same θ."""
        return any(self[name] != other[name] for name in ("activations", "dropout"))

    def differing(self) -> dict[str, Any]:
        """The values that differ from their defaults."""
        return {name: value for name, value in self._values.items() if value != SCHEMA[name].default}

    def as_json(self) -> dict[str, Any]:
        """For the page."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in self._values.items()}

    # ---------------------------------------------------------------- network and training

    def network(self, n_inputs: int, n_classes: int) -> Network:
        """The network, with θ still to be drawn; `n_classes` is 0 for regression."""
        units = self["hidden"]
        layers = hidden_layers(n_inputs, units, self["activations"][: len(units)], [self["dropout"]] * len(units))
        if n_classes:
            head = head_for_classes(n_classes, binary=self["output"])
        else:
            head = head_for_values(loss=LOSSES.resolve(self["loss"]))
        return build_network(layers, head, n_inputs=n_inputs)

    @property
    def optimizer(self) -> Optimizer:
        """The optimizer with its learning rate."""
        kind = OPTIMIZERS[self["optimizer"]]
        return kind(learning_rate=self["learning_rate"]) if kind.uses_rate else kind()

    @property
    def penalty(self) -> Penalty | None:
        """The penalty on weights."""
        if self["penalty"] == "none" or not self["penalty_rate"]:
            return None
        return PENALTIES[self["penalty"]](self["penalty_rate"])

    @property
    def schedule(self) -> Schedule:
        """The schedule of the learning rate."""
        return SCHEDULES.resolve(self["schedule"]) if self.optimizer.uses_rate else Constant()

    def batch_size(self, n: int) -> int:
        """Rows per update, of n."""
        return n if self.optimizer.full_batch else min(self["batch_size"] or n, n)
