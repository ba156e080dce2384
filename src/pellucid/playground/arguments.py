"""What a page's message holds, checked: a message comes from outside, and may hold anything."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from pellucid.network.stack import LayerStack
from pellucid.playground.views.maths import Pick, Question

LARGEST_WHOLE = 2**53
"""Beyond this, a page does not know all whole numbers itself."""


class MessageError(ValueError):
    """A message that cannot be answered."""


class Message(Mapping[str, Any]):
    """A message with its fields; each way to read one raises MessageError, naming the field and the value."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields = fields

    def __getitem__(self, name: str) -> Any:
        return self._fields[name]

    def __iter__(self) -> Any:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def number(self, name: str, default: float | None = None) -> float:
        """A finite number."""
        value = self.get(name, default)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not _is_finite(value):
            raise MessageError(f"{name} must be a finite number, got {_short(value)}")
        return float(value)

    def whole(self, name: str, below: int | None = None) -> int:
        """A whole number from 0, below `below`."""
        value = self.get(name)
        end = LARGEST_WHOLE if below is None else below
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < end:
            most = "" if below is None else f" to {below - 1}"
            raise MessageError(f"{name} must be a whole number from 0{most}, got {_short(value)}")
        return value

    def text(self, name: str) -> str:
        """A text."""
        value = self.get(name)
        if not isinstance(value, str):
            raise MessageError(f"{name} must be a text, got {_short(value)}")
        return value

    def one_of(self, name: str, *known: str) -> Any:
        """One of a few words."""
        value = self.get(name)
        if value not in known:
            raise MessageError(f"{name} must be one of {', '.join(known)}, got {_short(value)}")
        return value

    def mapping(self, name: str) -> Mapping[str, Any]:
        """An object."""
        value = self.get(name)
        if not isinstance(value, Mapping):
            raise MessageError(f"{name} must be an object, got {_short(value)}")
        return value

    def place(self, network: LayerStack) -> tuple[int, int, int | None]:
        """(layer, unit, input) of a weight, or of a bias where input is null."""
        layer = network.layers[number := self.whole("layer", len(network.layers))]
        source = None if self.get("input") is None else self.whole("input", layer.n_inputs)
        return number, self.whole("unit", layer.units), source

    def question(self, network: LayerStack, n_rows: int) -> Question | None:
        """What a person wants to know about; None: nothing."""
        if self.get("what") is None:
            return None
        what = self.one_of("what", "unit", "weight", "bias")
        layer, unit, source = self.place(network)
        if (what == "weight") != (source is not None):
            raise MessageError(f"input must be a whole number for a weight, and null for anything else, got {source}")
        of = self.one_of("of", "sample", "batch")
        sample = None if self.get("sample") is None else self.whole("sample", n_rows)
        return Question(Pick(what, layer, unit, source), of, sample, dict(self))

    def names(self, name: str) -> list[str] | None:
        """A list of texts, or null."""
        value = self.get(name)
        if value is not None and not (isinstance(value, list) and all(isinstance(one, str) for one in value)):
            raise MessageError(f"{name} must be a list of names, got {_short(value)}")
        return value

    def points(self) -> list[list[float]]:
        """[[x1, x2, y], …]; what the numbers may be is `data`'s business."""
        value = self.get("points")
        if not isinstance(value, list) or not all(isinstance(point, list) for point in value):
            raise MessageError(f"points must be a list of [x1, x2, y], got {_short(value)}")
        for number in (number for point in value for number in point if isinstance(number, int)):
            if not _is_finite(number):
                raise MessageError(f"points must be of finite numbers, got {_short(number)}")
        return value


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number that is larger than every float
        return False


def _short(value: Any) -> str:
    try:
        text = repr(value)
    except ValueError:  # a whole number of more digits than Python writes
        text = f"a number of {value.bit_length():,} bits"
    return text if len(text) <= 60 else f"{text[:59]}…"
