"""The protocol in the forms that others read: JSON schema, the page's module, a table of the document.

    python -m pellucid.playground.contract

writes `page/protocol.js`, and in a checkout the table of settings in `docs/playground.md`. Tests hold both equal to
the types.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from pellucid.playground.limits import MAX_LAYERS
from pellucid.playground.protocol import MESSAGES, PROTOCOL
from pellucid.playground.schema import FIELDS, Field

SCRIPT = Path(__file__).parent / "page" / "protocol.js"
DOCUMENT = Path(__file__).parents[3] / "docs" / "playground.md"
BEGIN, END = "<!-- settings: written by `python -m pellucid.playground.contract` -->\n", "<!-- end of settings -->\n"


def json_schema() -> dict[str, Any]:
    """JSON schema (2020-12) of all messages, and of `Settings`: the values of `set`, each of which may be left out.

    >>> schemas = json_schema()["$defs"]
    >>> schemas["Step"]["properties"]["unit"], schemas["Settings"]["properties"]["classes"]["maximum"]
    ({'enum': ['batch', 'epoch', 'sample']}, 8)
    """
    settings = msgspec.defstruct("Settings", [(field.name, field.type, field.default) for field in FIELDS])
    references, definitions = msgspec.json.schema_components(
        [*MESSAGES.values(), settings], ref_template="#/$defs/{name}"
    )
    for message, field in (("Set", "values"), ("Hello", "settings")):
        definitions[message]["properties"][field] = references[-1]
    return {"oneOf": list(references[:-1]), "$defs": definitions}


def page_module() -> str:
    """`page/protocol.js`: the protocol's number, and the fields of each message."""
    fields = {name: [field.name for field in msgspec.structs.fields(kind)] for name, kind in MESSAGES.items()}
    lines = [f"  {name}: {json.dumps(of)}," for name, of in fields.items()]
    return "\n".join(
        [
            "// Written by `python -m pellucid.playground.contract` from playground/protocol.py: change it there.",
            f"export const PROTOCOL = {PROTOCOL};",
            "",
            "/** The messages that Python takes, and their fields. @type {Record<string, string[]>} */",
            "export const MESSAGES = {",
            *lines,
            "};",
            "",
        ]
    )


def settings_table() -> str:
    """The settings as rows of a Markdown table."""
    rows = ["| name | kind | values | default | changes |", "| --- | --- | --- | --- | --- |"]
    for field in FIELDS:
        form = field.as_json()
        only = "; ".join(f"{name}: {_listed(of)}" for name, of in form.get("only", {}).items())
        cells = [
            f"`{field.name}`",
            field.kind,
            _values(field),
            _listed(form["default"]),
            ("live" if field.live else "new start") + (f"; only for {only}" if only else ""),
        ]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def _values(field: Field) -> str:
    if field.choices:
        return _listed([value for value, _ in field.choices])
    values = f"{field.least:,g} … {field.most:,.15g}"
    return f"0 … {MAX_LAYERS} layers of {values}" if field.kind == "counts" else values


def _listed(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def with_settings_table(document: str) -> str:
    """The document with the table as it should be."""
    before, _, rest = document.partition(BEGIN)
    return before + BEGIN + "\n" + settings_table() + "\n" + END + rest.partition(END)[2]


if __name__ == "__main__":
    SCRIPT.write_text(page_module(), encoding="utf-8")
    if DOCUMENT.exists():
        DOCUMENT.write_text(with_settings_table(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
