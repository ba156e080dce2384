"""The protocol is said once: the types, the JSON schema, the page's module, the page's calls and the document agree."""

from __future__ import annotations

import json
import re

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pellucid.playground.checking import check
from pellucid.playground.contract import DOCUMENT, SCRIPT, json_schema, page_module, with_settings_table
from pellucid.playground.hosts.bundle import PAGE
from pellucid.playground.limits import LIMITS
from pellucid.playground.protocol import MESSAGES, Goto, MessageError, decode
from pellucid.playground.settings import Settings

from .strategies import messages, values
from .talk import Talk

SCHEMAS = json_schema()["$defs"]
VALIDATOR = jsonschema.Draft202012Validator(json_schema())
FRACTIONS = st.floats(allow_nan=False, allow_infinity=False).filter(lambda number: not number.is_integer())
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | FRACTIONS | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(json_schema())


@given(st.one_of([values(schema, SCHEMAS) for name, schema in SCHEMAS.items() if name != "Settings"]))
def test_what_the_schema_allows_is_decoded(message):
    decoded = decode(message)
    again = json.loads(json.dumps(msgspec.to_builtins(decoded)))
    assert decode(again) == decoded
    assert {name: again[name] for name in message} == message


@given(messages({name: schema for name, schema in SCHEMAS.items() if name not in ("Hello", "Set")}, JSON))
def test_what_is_decoded_is_what_the_schema_allows(message):
    """Of `hello` and `set`, the settings are checked later, each by itself."""
    if VALIDATOR.is_valid(message):
        decode(message)
    else:
        with pytest.raises(MessageError, match=f"^(each of )?({'|'.join(MESSAGES[message['t']].__struct_fields__)}) "):
            decode(message)


@pytest.mark.parametrize("more", ["colour", "\ud800", 5])
def test_unknown_fields_are_ignored(more):
    assert decode({"t": "goto", "epoch": 1, more: 2}) == Goto(epoch=1.0)


@given(values(SCHEMAS["Settings"], SCHEMAS))
def test_settings_that_the_schema_allows_can_be_set(changes):
    if changes.get("optimizer") == "lbfgs":
        changes["dropout"] = 0.0
    settings = Settings().changed(changes)
    for name in changes.keys() - {"activations", "features"}:
        assert settings.as_json()[name] == changes[name]


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("epoch", float("nan"), "epoch must be a finite number, got nan"),
        ("seq", 2**53, "seq must be a whole number from 0, got 9007199254740992"),
        ("points", [[0, 1, 2], [0, "a", 1]], "each of points must be a finite number, got 'a'"),
        ("points", [[0, 1]], "each of points must be a list of 3 values, got [0, 1]"),
        ("shown", ["a", 3], "each of shown must be a text, got 3"),
        ("text", "a" * 256_001, f"text must be a text of at most 256,000 characters, got '{'a' * 58}…"),
        ("replace", 1, "replace must be true or false, got 1"),
        ("kind", "weihgts", "kind must be one of code, weights, got 'weihgts': did you mean 'weights'?"),
    ],
)
def test_an_error_names_the_field_what_it_must_be_and_the_value(name, value, text):
    ((kind, of),) = [
        (kind, field.type)
        for kind, message in MESSAGES.items()
        for field in msgspec.structs.fields(message)
        if field.name == name
    ]
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        check(name, value, of)
    others = {f.name: {"replace": False, "points": [], "name": "a", "part": 0, "parts": 1}.get(f.name)
              for f in msgspec.structs.fields(MESSAGES[kind])}  # fmt: skip
    with pytest.raises(MessageError, match=f"^{re.escape(text)}$") as raised:
        decode({"t": kind} | others | {name: value})
    assert raised.value.kind == kind


def test_the_page_has_the_same_protocol():
    assert SCRIPT.read_text() == page_module(), "write it with python -m pellucid.playground.contract"


def test_the_document_has_the_same_settings():
    document = DOCUMENT.read_text()
    assert document == with_settings_table(document), "write it with python -m pellucid.playground.contract"


def test_the_document_has_the_same_messages():
    section = DOCUMENT.read_text().split("### From the page")[1].split("### ")[0]
    documented = {}
    for names, fields in re.findall(r"^\|([^|]+)\|([^|]*)\|", section, flags=re.MULTILINE)[2:]:
        for name in re.findall(r"`(\w+)`", names):
            documented[name] = set(re.findall(r"`(\w+)[^`]*`", fields))
    assert documented == {name: set(kind.__struct_fields__) for name, kind in MESSAGES.items()}


def test_the_document_has_every_field_that_python_sends():
    talk = Talk(settings={"samples": 60, "hidden": [3], "epochs": 40})
    talk.ask("pick", "maths", what="unit", layer=0, unit=0, of="batch")
    talk.ask("step", "walk", unit="batch", animate=True)
    talk.ask("export", "export", kind="weights")
    talk.ask("lesson", "error", name="none")
    talk.ask("play", "findings")
    talk.close()
    sent = {}
    for message, arrays in talk.heard:
        sent.setdefault(message["t"], set()).update(message.keys() - {"t", "buffers"}, arrays)
    assert len(sent) == 9
    section = DOCUMENT.read_text().split("### From Python")[1].split("### ")[0]
    documented = {}
    for text in re.split(rf"^(?=`(?:{'|'.join(sent)})`)", section, flags=re.MULTILINE)[1:]:
        name, *words = re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", text)))
        documented[name] = set(words)
    assert {name: fields - documented[name] for name, fields in sent.items()} == {name: set() for name in sent}


def test_the_page_sends_messages_that_exist():
    """Their fields too, where they are written beside the name; `Link.send` holds all others against the same list."""
    sent = {}
    for path in PAGE.glob("*.js"):
        for call in re.finditer(r"\.(?:send|latest|gather)\((.*)", path.read_text()):
            for name in re.findall(r'"(\w+)"', call[1].split("{")[0]):
                sent.setdefault(name, set()).update(re.findall(r"[{,] ?(\w+)(?=[:,]| \})", call[1]))
    assert {"hello", "set", *sent} == set(MESSAGES)
    answered = re.search(r"ANSWERED = new Set\(\[(.*?)\]\)", (PAGE / "link.js").read_text(), re.DOTALL)[1]
    assert set(re.findall(r'"(\w+)"', answered)) <= set(MESSAGES)
    for name, fields in sent.items():
        assert fields <= set(MESSAGES[name].__struct_fields__), name


def test_the_page_reads_limits_that_it_is_given():
    script = "\n".join(path.read_text() for path in PAGE.glob("*.js"))
    read = set(re.findall(r"catalog\.limits\.(\w+)", script))
    for names in re.findall(r"\{ ([\w, ]+) \} = app\.catalog\.limits", script):
        read |= set(names.split(", "))
    assert read <= set(LIMITS)
    assert read >= {"classes", "piece", "layers", "units", "text"}
