"""What is packed is read back, bit for bit, by a reader that knows only the contract."""

import base64
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from pellucid.playground.hosts.wire import DTYPES, envelope, from_text, to_bytes

numbers = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
array = st.sampled_from(DTYPES).flatmap(
    lambda dtype: arrays.arrays(dtype, arrays.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=7))
)


def described(array, name="theta"):
    return {"name": name, "dtype": array.dtype.str.lstrip("|"), "shape": list(array.shape)}


@given(st.dictionaries(st.text(min_size=1), values, max_size=4), st.lists(array, max_size=4))
def test_round_trip(read, fields, buffers):
    entries = [described(array, f"buffer {k}") for k, array in enumerate(buffers)]
    message = {**fields, "t": "frame", "buffers": entries}
    found, contents = read(to_bytes(message, buffers))
    assert found == message
    for entry, content, sent in zip(entries, contents, buffers, strict=True):
        received = np.frombuffer(content, entry["dtype"]).reshape(entry["shape"])
        assert received.tobytes() == sent.tobytes()  # NaN too


@given(array)
def test_inline_buffers_are_base64(sent):
    message, contents = envelope({"t": "frame", "buffers": [described(sent)]}, [sent], inline=True)
    assert contents == []
    (entry,) = json.loads(json.dumps(message))["buffers"]
    received = np.frombuffer(base64.b64decode(entry["data"]), entry["dtype"]).reshape(entry["shape"])
    assert received.tobytes() == sent.tobytes()


def test_arrays_in_any_order_of_memory(read):
    wanted = np.arange(12.0).reshape(3, 4)
    for sent in (wanted.T.copy().T, np.repeat(wanted, 2, axis=0)[::2]):
        _, (content,) = read(to_bytes({"t": "frame", "buffers": [described(sent)]}, [sent]))
        assert content == wanted.tobytes()


def test_numbers_of_numpy_become_plain_ones_and_what_is_not_finite_null(read):
    message = {
        "t": "frame",
        "loss": np.float32(0.5),
        "epoch": np.int64(3),
        "metric": math.nan,
        "confusion": np.array([[1, 2], [3, 4]]),
        "values": (1.0, -math.inf, np.float64("nan")),
        "playing": np.True_,
    }
    found, _ = read(to_bytes(message, []))
    assert found == {
        "t": "frame",
        "loss": 0.5,
        "epoch": 3,
        "metric": None,
        "confusion": [[1, 2], [3, 4]],
        "values": [1.0, None, None],
        "playing": True,
        "buffers": [],
    }


@pytest.mark.parametrize(
    ("sent", "entry"),
    [
        (np.arange(3), {"dtype": "<i8", "shape": [3]}),
        (np.zeros(3, ">f8"), {"dtype": ">f8", "shape": [3]}),
        (np.zeros(3, "f4"), {"dtype": "<f8", "shape": [3]}),
        (np.zeros((3, 1)), {"dtype": "<f8", "shape": [3]}),
    ],
)
def test_a_buffer_that_the_page_would_misread_is_refused(sent, entry):
    with pytest.raises(TypeError, match="a buffer must be of <f8, <f4, i1, u1 and as the message says"):
        to_bytes({"t": "frame", "buffers": [{"name": "theta", **entry}]}, [sent])


def test_descriptions_and_buffers_belong_together():
    with pytest.raises(ValueError, match="zip"):
        to_bytes({"t": "frame", "buffers": []}, [np.zeros(3)])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "must be JSON"),
        ('{"t": "play"', "must be JSON"),
        (b"\xff\xfe\x00", "must be JSON"),
        ("[" * 100_000, "nested too deeply"),
        ('{"t": "edit", "value": NaN}', "NaN is not a number"),
        ('{"t": "edit", "value": 1e999}', "1e999 is not a number"),
        ('{"t": "edit", "value": ' + "9" * 5000 + "}", "must be JSON"),
        ("null", "must be a JSON object"),
        ('["play"]', "must be a JSON object"),
        ("{}", 'text field "t"'),
        ('{"t": ["play"]}', 'text field "t"'),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_no_message(text, why):
    with pytest.raises(ValueError, match=why):
        from_text(text)


def test_a_message():
    assert from_text('{"t": "set", "values": {"noise": 0.5, "classes": 3}}') == {
        "t": "set",
        "values": {"noise": 0.5, "classes": 3},
    }
