"""The messages of the page as types: field names, ranges and choices (`docs/playground.md` says what they mean).

`decode` checks a message once, where it arrives. `schema` gives the same types as JSON schema, and `page/protocol.js`
is written from them, so that Python and the page cannot disagree.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta

from pellucid.maths.registry import unknown_name
from pellucid.playground.checking import Finite, Index, check

PROTOCOL = 1
"""Incremented with every change that an older page would not understand."""

MAX_PIECE = 256_000
"""Characters of a CSV file in one message."""

Unit: TypeAlias = Literal["sample", "batch", "epoch"]


class MessageError(ValueError):
    """A message that cannot be answered; `kind` is its `t`."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind


class PageMessage(msgspec.Struct, frozen=True, tag_field="t", tag=str.lower):
    """A message from the page; unknown fields are ignored."""

    @classmethod
    def tag(cls) -> str:
        """Its `t`."""
        return cls.__name__.lower()


class Hello(PageMessage, frozen=True):
    """A page is here; `settings` and `lesson` are those of its address."""

    protocol: Index = PROTOCOL
    binary: bool = True
    settings: dict[str, Any] | None = None
    lesson: str | None = None


class Play(PageMessage, frozen=True):
    """Train until told to pause."""


class Pause(PageMessage, frozen=True):
    """Stop training."""


class Reset(PageMessage, frozen=True):
    """The same settings and seed, from the start."""


class Step(PageMessage, frozen=True):
    """Pause, then train on one sample, batch or epoch."""

    unit: Unit
    animate: bool = False


class Back(PageMessage, frozen=True):
    """Return to the state before the last sample, batch or epoch."""

    unit: Unit


class Goto(PageMessage, frozen=True):
    """Return to an earlier epoch."""

    epoch: Finite


class Set(PageMessage, frozen=True):
    """Change settings; `Settings.changed` checks the values."""

    values: dict[str, Any]


class Regenerate(PageMessage, frozen=True):
    """A new seed: new data, new weights."""


class Pick(PageMessage, frozen=True):
    """Explain a unit, a weight or a bias (`input` is null but for a weight); `what` null: nothing."""

    what: Literal["unit", "weight", "bias"] | None = None
    layer: Index | None = None
    unit: Index | None = None
    input: Index | None = None
    of: Literal["sample", "batch"] | None = None
    sample: Index | None = None


class Edit(PageMessage, frozen=True):
    """Set a weight, or a bias where `input` is null."""

    layer: Index
    unit: Index
    value: Finite
    input: Index | None = None


class Draw(PageMessage, frozen=True):
    """Add points [x1, x2, y]; with `replace`, to an empty picture."""

    points: list[tuple[Finite, Finite, Finite]]
    replace: bool = False


class Table(PageMessage, frozen=True):
    """One piece of a CSV file."""

    name: str
    part: Index
    parts: Index
    text: Annotated[str, Meta(max_length=MAX_PIECE)]


class Columns(PageMessage, frozen=True):
    """Of a table: the column to learn, and the two columns that are the axes; null keeps what is."""

    target: str | None = None
    shown: Annotated[list[str], Meta(extra={"entries": "names"})] | None = None


class Lesson(PageMessage, frozen=True):
    """Load a preset."""

    name: str


class Export(PageMessage, frozen=True):
    """Ask for the run as a program, or for its weights."""

    kind: Literal["code", "weights"]


class Ack(PageMessage, frozen=True):
    """The frame `seq` was painted."""

    seq: Index


MESSAGES: dict[str, type[PageMessage]] = {kind.tag(): kind for kind in PageMessage.__subclasses__()}


def decode(message: Any) -> PageMessage:
    """The message as its type.

    >>> decode({"t": "step", "unit": "batch"})
    Step(unit='batch', animate=False)
    >>> decode({"t": "step", "unit": "year"})
    Traceback (most recent call last):
    pellucid.playground.protocol.MessageError: unit must be one of sample, batch, epoch, got 'year'

    Raises
    ------
    MessageError
        Naming the field, what it must be, and its value.
    """
    if not isinstance(message, Mapping):
        raise MessageError("message", "a message must be an object with a field t")
    named = message.get("t")
    name = named if isinstance(named, str) else "message"
    if name not in MESSAGES:
        raise MessageError(name, unknown_name("message", name, MESSAGES))
    kind = MESSAGES[name]
    known = {field: message[field] for field in kind.__struct_fields__ if field in message}
    try:
        return msgspec.convert(known, kind)
    except ValueError as error:
        raise MessageError(name, _problem(known, kind) or str(error)) from None


def _problem(message: Mapping[str, Any], kind: type[PageMessage]) -> str:
    """The error of the first wrong field."""
    for field in msgspec.structs.fields(kind):
        if field.required or field.name in message:
            try:
                check(field.name, message.get(field.name), field.type)
            except ValueError as error:
                return str(error)
    return ""
