"""The unit, weight or bias that a `pick` or `edit` means, checked against the network on the page."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from pellucid.network.stack import LayerStack
from pellucid.playground.checking import check
from pellucid.playground.protocol import Edit, Pick
from pellucid.playground.views.maths import Question, Selection


def place(message: Pick | Edit, network: LayerStack) -> tuple[int, int, int | None]:
    """(layer, unit, input) of a weight, or of a bias where input is null."""
    layer = network.layers[number := _below("layer", message.layer, len(network.layers))]
    source = None if message.input is None else _below("input", message.input, layer.n_inputs)
    return number, _below("unit", message.unit, layer.units), source


def question_of(message: Pick, network: LayerStack, n_rows: int) -> Question | None:
    """The question of a `pick`; None if it selects nothing.

    Raises
    ------
    ValueError
        Naming the field that fits neither the others nor the network.
    """
    if message.what is None:
        return None
    layer, unit, source = place(message, network)
    if (message.what == "weight") != (source is not None):
        raise ValueError(f"input must be a whole number for a weight, and null for anything else, got {source}")
    if message.of is None:
        raise ValueError("of must be one of sample, batch, got None")
    sample = None if message.sample is None else _below("sample", message.sample, n_rows)
    return Question(Selection(message.what, layer, unit, source), message.of, sample, msgspec.to_builtins(message))


def _below(name: str, value: Any, end: int) -> int:
    return check(name, value, Annotated[int, Meta(ge=0, le=end - 1)])
