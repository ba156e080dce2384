"""Encoding of messages with their arrays, as bytes or as JSON; `docs/playground.md` specifies both."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:  # the server starts without importing NumPy
    from numpy.typing import NDArray

Message: TypeAlias = dict[str, Any]
Buffers: TypeAlias = "Sequence[NDArray[Any]]"
Send: TypeAlias = Callable[[Message, Buffers], None]

DTYPES = ("<f8", "<f4", "i1", "u1")
ALIGNMENT = 8
"""Bytes. A typed array in JavaScript needs a buffer that starts at a multiple of its element's size."""


def envelope(message: Message, buffers: Buffers, *, inline: bool = False) -> tuple[Message, list[bytes]]:
    """The message as plain JSON values, and its arrays as bytes.

    With `inline`, the arrays stand in the message as base64, and the list is empty.

    >>> import numpy as np
    >>> message = {"t": "frame", "loss": float("nan"), "buffers": [{"name": "b", "dtype": "<f4", "shape": [1]}]}
    >>> content, blocks = envelope(message, [np.zeros(1, "f4")], inline=True)
    >>> content["loss"], content["buffers"]
    (None, [{'name': 'b', 'dtype': '<f4', 'shape': [1], 'data': 'AAAAAA=='}])
    """
    content = {"buffers": [], **_plain(message)}
    blocks = []
    for entry, array in zip(content["buffers"], buffers, strict=True):
        found = {"dtype": array.dtype.str.lstrip("|"), "shape": list(array.shape)}
        if found != {name: entry[name] for name in found} or found["dtype"] not in DTYPES:
            raise TypeError(f"a buffer must be of {', '.join(DTYPES)} and as the message says, got {found} for {entry}")
        blocks.append(array.tobytes())
    if inline:
        for entry, block in zip(content["buffers"], blocks, strict=True):
            entry["data"] = base64.b64encode(block).decode("ascii")
        blocks = []
    return content, blocks


def to_bytes(message: Message, buffers: Buffers) -> bytes:
    """One block: the length of the JSON, the JSON, the arrays, each starting at a multiple of 8."""
    content, blocks = envelope(message, buffers)
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    text += b" " * (-(4 + len(text)) % ALIGNMENT)
    padded = [block + bytes(-len(block) % ALIGNMENT) for block in blocks]
    return b"".join([len(text).to_bytes(4, "little"), text, *padded])


def from_text(text: str | bytes) -> Message:
    """The message in a text from the page; a `ValueError` for the person if it is not one.

    >>> from_text('{"t": "play"}')
    {'t': 'play'}
    >>> from_text('{"t": "pl')
    Traceback (most recent call last):
    ValueError: a message must be JSON: Unterminated string starting at: line 1 column 7 (char 6)
    """
    try:
        message = json.loads(text, parse_constant=_refused, parse_float=_finite)
    except RecursionError:
        raise ValueError("a message must be JSON of few levels, got one nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"a message must be JSON: {error}") from None
    if not isinstance(message, dict) or not isinstance(message.get("t"), str):
        raise ValueError('a message must be a JSON object with a text field "t" that says what it is')
    return message


def _plain(value: Any) -> Any:
    """NumPy's numbers as Python's; NaN and infinities as null, because JSON has neither."""
    if isinstance(value, dict):
        return {_encodable(str(key)): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, str):
        return _encodable(value)
    if value is None or isinstance(value, (bool, int)):
        return value
    return _plain(value.tolist())  # an array or a scalar of NumPy's


def _encodable(text: str) -> str:
    r"""A text that every host can encode: half a pair of surrogates, which JSON may hold, becomes an escape.

    >>> print(_encodable("half \\ud800"))
    half \ud800
    """
    return text if text.isascii() else text.encode(errors="backslashreplace").decode()


def _refused(name: str) -> float:
    raise ValueError(f"{name} is not a number")


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _refused(digits[:40])
