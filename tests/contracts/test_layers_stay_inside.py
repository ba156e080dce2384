"""Which code may know that a layer has a W and a b: all other code asks a layer for its `parameters`.

A layer may be any operation, with parameters of any name. Code that reads `layer.W` works for dense layers only, so it
belongs where dense layers are explained, drawn and checked.
"""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "pellucid"
INSIDE = ("network", "gradcheck", "explanation", "plots", "lessons")
ALLOWED = {
    # `at.W` is a column of the kernels' table of layers there, not an attribute of a layer.
    "engines/kernels/passes.py",
    "engines/kernels/train.py",
}
"""Files outside of these packages. This list must only get shorter."""


def reads(code):
    """The lines that read or write an attribute W or b, also by a name in quotes."""
    found = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Attribute) and node.attr in ("W", "b"):
            found.append(node.lineno)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("getattr", "setattr"):
            name = node.args[1] if len(node.args) > 1 else None
            if isinstance(name, ast.Constant) and name.value in ("W", "b"):
                found.append(node.lineno)
    return found


def test_only_code_about_dense_layers_reads_their_w_and_b():
    found = {}
    for path in SOURCE.rglob("*.py"):
        file = path.relative_to(SOURCE)
        if file.parts[0] not in INSIDE and (lines := reads(path.read_text(encoding="utf-8"))):
            found[file.as_posix()] = lines
    others = [f"{file}, lines {lines}" for file, lines in sorted(found.items()) if file not in ALLOWED]
    assert not others, "these read W or b of a layer; take them from layer.parameters: " + "; ".join(others)
    unused = sorted(ALLOWED - set(found))
    assert not unused, f"these read no W or b any more: delete them from ALLOWED: {', '.join(unused)}"


@pytest.mark.parametrize("code", ["layer.W", "net.layers[0].b[0] = 1", "layer.W += 1", 'getattr(layer, "W")'])
def test_a_use_is_found(code):
    assert reads(code) == [1]


@pytest.mark.parametrize("code", ["W, b = layer.parameters", "layer.weights", "# layer.W", "getattr(layer, name)"])
def test_what_is_no_use_is_not(code):
    assert reads(code) == []
