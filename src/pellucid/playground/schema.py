"""The settings of the playground: their names, types, ranges, choices, defaults and help.

The page builds its controls from this list (`as_json`), and `Settings` checks values by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Annotated, Any, Literal

from msgspec import Meta

from pellucid.datasets import DATASETS, FEATURES
from pellucid.defaults import PLAYGROUND
from pellucid.maths.activations import ACTIVATIONS
from pellucid.maths.initializers import INITIALIZERS
from pellucid.maths.losses import LOSSES
from pellucid.maths.penalties import PENALTIES
from pellucid.maths.schedules import SCHEDULES
from pellucid.optimizers import OPTIMIZERS
from pellucid.playground.checking import check
from pellucid.playground.limits import MAX_CLASSES, MAX_LAYERS, MAX_ROWS, MAX_UNITS

OWN = "own"
"""The value of `data` for rows that are not a toy set: a table, points drawn by hand, arrays."""

_Tuple: Any = tuple  # of types that are only known when the program runs

Kind = Literal["choice", "number", "integer", "subset", "counts", "per_layer"]


@dataclass(frozen=True)
class Field:
    """One setting. `live`: a change does not restart training; `only`: the data or task to which it applies."""

    name: str
    label: str
    help: str
    group: Literal["data", "network", "training", "run"]
    kind: Kind
    default: Any
    choices: tuple[tuple[Any, str], ...] = ()
    least: float | None = None
    most: float | None = None
    step: float | None = None
    log: bool = False
    live: bool = False
    only: Mapping[str, Any] | None = None

    @cached_property
    def type(self) -> Any:
        """The type of a value: its range, its choices and its length."""
        choice: Any = Literal[tuple(value for value, _ in self.choices)] if self.choices else None
        within = Meta(ge=self.least, le=self.most)
        match self.kind:
            case "choice":
                return choice
            case "per_layer":
                return _Tuple[choice, ...]
            case "subset":
                return tuple[str, ...]  # which names there are depends on the rows
            case "counts":
                each_layer = Meta(max_length=MAX_LAYERS, extra={"entries": "layers"})
                return Annotated[tuple[Annotated[int, within], ...], each_layer]
            case "integer":
                return Annotated[int, within]
            case "number":
                return Annotated[float, within]

    def check(self, value: Any) -> Any:
        """The value in its type, or a ValueError that says what was expected; numbers and lists may be texts."""
        if isinstance(value, str) and self.kind in ("subset", "counts", "per_layer"):
            value = [one.strip() for one in value.split(",") if one.strip()]
        checked = check(self.name, value, self.type, from_text=True)
        return tuple(dict.fromkeys(checked)) if self.kind == "subset" else checked

    def as_json(self) -> dict[str, Any]:
        """The field as the page gets it."""
        content = {field.name: getattr(self, field.name) for field in fields(self)}
        content["choices"] = [{"value": value, "label": label} for value, label in self.choices]
        return {name: value for name, value in content.items() if value not in (None, [])} | {"live": self.live}


def _names(registry: Mapping[str, Any], *left_out: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, cls.title) for name, cls in registry.items() if name not in left_out)


_SETS_WITH_CLASSES = [name for name, toy in DATASETS.items() if toy.classes]

FIELDS: tuple[Field, ...] = (
    Field("data", "Data", "The data set to learn from.", "data", "choice", "circles",
          choices=(*((name, toy.title) for name, toy in DATASETS.items()), (OWN, "Own data"))),
    Field("classes", "Classes", "The number of classes.", "data", "integer", 3, least=2, most=MAX_CLASSES,
          only={"data": _SETS_WITH_CLASSES}),
    Field("samples", "Points", "The number of points.", "data", "integer", 400, least=20, most=2000, step=20,
          only={"data": list(DATASETS)}),
    Field("noise", "Noise %", "How far points stray from the pattern.", "data", "number", 10.0, least=0, most=50,
          step=1, only={"data": list(DATASETS)}),
    Field("test_share", "Test %", "The share of points held out for testing.", "data", "number",
          50.0, least=10, most=90, step=5),
    Field("seed", "Seed", "Where random numbers start: the same seed makes the same run.", "data", "integer", 0,
          least=0, most=2**31 - 1),
    Field("features", "Features", "The network's inputs, computed from each point.", "data", "subset", ("x1", "x2"),
          choices=tuple((name, feature.label) for name, feature in FEATURES.items())),
    Field("hidden", "Hidden layers", "The units of each hidden layer.", "network", "counts", PLAYGROUND.hidden,
          least=1, most=MAX_UNITS),
    Field("activations", "Activation", "The function that a unit applies to its sum.", "network", "per_layer",
          (PLAYGROUND.activation,) * len(PLAYGROUND.hidden),
          choices=_names(ACTIVATIONS, "softmax", "exponential"), live=True),
    Field("output", "Output", "For two classes: softmax of two units, or one sigmoid unit.", "network", "choice",
          PLAYGROUND.binary, choices=(("softmax", "softmax"), ("sigmoid", "sigmoid")), only={"task": "classification"}),
    Field("loss", "Loss", "What training makes small: the price of each error.", "network", "choice", "squared_error",
          choices=_names(LOSSES, "cross_entropy", "binary_cross_entropy", "poisson", "quantile"),
          only={"task": "regression"}),
    Field("initializer", "First weights", "The distribution of the first weights.", "network", "choice",
          PLAYGROUND.initializer, choices=_names(INITIALIZERS)),
    Field("optimizer", "Optimizer", "The rule that turns gradients into steps. L-BFGS uses all data at once, "
          "without rate, schedule and batches.", "training", "choice", PLAYGROUND.optimizer,
          choices=_names(OPTIMIZERS), live=True),
    Field("learning_rate", "Learning rate", "The size of a step.", "training", "number",
          PLAYGROUND.learning_rate, least=1e-5, most=10, log=True, live=True),
    Field("schedule", "Schedule", "How the rate changes over the planned epochs.", "training", "choice", "constant",
          choices=_names(SCHEDULES), live=True),
    Field("penalty", "Penalty", "A cost of large weights; biases cost nothing.", "training", "choice", "none",
          choices=(("none", "none"), *_names(PENALTIES)), live=True),
    Field("penalty_rate", "Penalty rate", "The strength of the penalty (λ).", "training", "number", 0.001, least=0,
          most=10, log=True, live=True),
    Field("dropout", "Dropout", "The share of hidden units left out of each step.", "training", "number", 0.0, least=0,
          most=0.9, step=0.05, live=True),
    Field("batch_size", "Batch size", "Points per update; 0 takes all at once.", "training", "integer",
          PLAYGROUND.batch_size, least=0, most=MAX_ROWS, live=True),
    Field("epochs", "Planned epochs", "Training pauses here; a schedule spans them.", "training",
          "integer", PLAYGROUND.epochs, least=1, most=100_000_000, live=True),
    Field("speed", "Speed", "Epochs per second.", "run", "choice", 30,
          choices=((1, "1 epoch/s"), (5, "5 epochs/s"), (30, "30 epochs/s"), (200, "200 epochs/s"),
                   (1000, "1000 epochs/s"), (0, "as fast as it goes")), live=True),
)  # fmt: skip

SCHEMA: dict[str, Field] = {field.name: field for field in FIELDS}
