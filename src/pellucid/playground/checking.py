"""Values from outside, checked against a type by msgspec; an error names the field, what it must be, and the value.

A type says everything: `Annotated[int, Meta(ge=1, le=16)]` a range, `Literal["code", "weights"]` the choices,
`Annotated[tuple[int, ...], Meta(max_length=8)]` a length. The JSON schema of the protocol comes from the same types.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from itertools import repeat
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
from msgspec import Meta, inspect

from pellucid.maths.registry import did_you_mean

MAX_SHOWN = 60
"""Characters of a wrong value in an error."""

Finite = Annotated[float, Meta(ge=-sys.float_info.max, le=sys.float_info.max)]
"""A number that is neither NaN nor infinite."""

Index = Annotated[int, Meta(ge=0, lt=2**53)]
"""A whole number from 0 that JavaScript represents exactly."""


def check(name: str, value: Any, kind: Any, *, from_text: bool = False) -> Any:
    """`value` as the type `kind`; with `from_text`, the text of a number counts as that number.

    >>> from typing import Literal
    >>> check("hidden", "3", Annotated[int, Meta(ge=1, le=16)], from_text=True)
    3
    >>> check("hidden", 17, Annotated[int, Meta(ge=1, le=16)])
    Traceback (most recent call last):
    ValueError: hidden must be a whole number from 1 to 16, got 17
    >>> check("unit", "bacth", Literal["batch", "epoch"])
    Traceback (most recent call last):
    ValueError: unit must be one of batch, epoch, got 'bacth': did you mean 'batch'?

    Raises
    ------
    ValueError
        Naming the field, or the first wrong entry of a list.
    """
    try:
        return msgspec.convert(value, kind, strict=not from_text)
    except ValueError:  # msgspec's (a ValueError from 0.21 on), or Python's for a number or text that cannot be encoded
        raise ValueError(_problem(name, value, kind, from_text)) from None


def short(value: Any) -> str:
    """The value as Python writes it, cut to 60 characters.

    >>> short(10**5000)
    'a number of 16,610 bits'
    """
    try:
        text = repr(value)
    except ValueError:  # a whole number of more digits than Python writes
        text = f"a number of {value.bit_length():,} bits" if isinstance(value, int) else f"a {type(value).__name__}"
    except RecursionError:
        text = f"a {type(value).__name__} nested too deeply"
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 1]}…"


def _problem(name: str, value: Any, kind: Any, from_text: bool) -> str:
    """The error of a refused value: of its length, of its first wrong entry, or of the value itself."""
    info, noun = _without_metadata(inspect.type_info(kind))
    if isinstance(value, (list, tuple)) and isinstance(info, (inspect.CollectionType, inspect.TupleType)):
        most = getattr(info, "max_length", None)
        if most is not None and len(value) > most:
            return f"{name} must be at most {most} {noun or 'entries'}, got {len(value)}"
        for entry, entry_kind in zip(value, _entry_kinds(kind), strict=False):
            try:
                msgspec.convert(entry, entry_kind, strict=not from_text)
            except ValueError:
                return _problem(f"each of {name.removeprefix('each of ')}", entry, entry_kind, from_text)
    shown = short(value)
    if isinstance(info, inspect.LiteralType):
        choices = [str(choice) for choice in get_args(_core(kind))]  # in their own order: `info` sorts them
        hint = did_you_mean(shown.strip("'"), choices)
        return f"{name} must be one of {', '.join(choices)}, got {shown}{hint and f': {hint}'}"
    return f"{name} must be {_expected(info, noun)}, got {shown}"


def _without_metadata(info: inspect.Type) -> tuple[inspect.Type, str]:
    """The type itself, not its metadata and not `None` beside it; and what entries of a list are called."""
    if isinstance(info, inspect.UnionType):
        info = next(one for one in info.types if not isinstance(one, inspect.NoneType))
    if isinstance(info, inspect.Metadata):
        return info.type, (info.extra or {}).get("entries", "")
    return info, ""


def _entry_kinds(kind: Any) -> Iterable[Any]:
    """The types of a list's entries: one for all in `list[T]` and `tuple[T, ...]`, one for each in `tuple[T, U]`."""
    kind = _core(kind)
    arguments = get_args(kind)
    return repeat(arguments[0]) if get_origin(kind) is list or Ellipsis in arguments else arguments


def _core(kind: Any) -> Any:
    """`T` of `Annotated[T, ...]` and of `T | None`."""
    while get_origin(kind) in (Annotated, Union, UnionType):
        kind = get_args(kind)[0]
    return kind


def _expected(info: inspect.Type, noun: str) -> str:
    match info:
        case inspect.IntType() | inspect.FloatType():
            return _expected_number(info)
        case inspect.StrType(max_length=most):
            return "a text" if most is None else f"a text of at most {most:,} characters"
        case inspect.BoolType():
            return "true or false"
        case inspect.TupleType(item_types=kinds):
            return f"a list of {len(kinds)} values"
        case inspect.CollectionType():
            return f"a list of {noun}" if noun else "a list"
        case inspect.DictType():
            return "an object"
    raise TypeError(f"no words for the type {info}")


def _expected_number(info: inspect.IntType | inspect.FloatType) -> str:
    kind = "a whole number" if isinstance(info, inspect.IntType) else "a number"
    if info.ge is None or info.ge == -sys.float_info.max:
        return "a finite number"
    return f"{kind} from {info.ge:g}" + ("" if info.le is None else f" to {info.le:g}")
