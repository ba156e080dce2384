"""Hypothesis strategies from the JSON schema of the protocol: messages as they should be, and with wrong values."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st


def values(schema: dict[str, Any], schemas: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that a schema allows; every part of it must be understood here."""
    if "$ref" in schema:
        return values(schemas[schema["$ref"].rsplit("/", 1)[1]], schemas)
    if "anyOf" in schema:
        return st.one_of([values(one, schemas) for one in schema["anyOf"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    match schema["type"]:
        case "null":
            return st.none()
        case "boolean":
            return st.booleans()
        case "integer":
            most = schema["exclusiveMaximum"] - 1 if "exclusiveMaximum" in schema else schema["maximum"]
            return st.integers(schema["minimum"], most)
        case "number":
            return st.floats(schema["minimum"], schema["maximum"])
        case "string":
            return st.text(max_size=min(5, schema.get("maxLength", 5)))
        case "array" if "prefixItems" in schema:
            return st.tuples(*(values(one, schemas) for one in schema["prefixItems"])).map(list)
        case "array":
            return st.lists(values(schema["items"], schemas), max_size=min(3, schema.get("maxItems", 3)))
        case "object":
            required = {name: values(schema["properties"][name], schemas) for name in schema.get("required", ())}
            rest = {name: values(of, schemas) for name, of in schema["properties"].items() if name not in required}
            return st.fixed_dictionaries(required, optional=rest)
    raise AssertionError(f"no strategy for {schema}")


def messages(schemas: dict[str, Any], anything: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Messages of all kinds, of which some fields have been changed to anything, left out, or added."""

    def spoiled(message: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
        names = st.sampled_from([*message, "more"]).filter(lambda name: name != "t")
        changes = st.dictionaries(names if len(message) > 1 else st.just("more"), anything, max_size=2)
        return changes.map(lambda changed: message | changed)

    well_formed = st.one_of([values(schema, schemas) for name, schema in schemas.items() if name != "Settings"])
    return well_formed | well_formed.flatmap(spoiled)
