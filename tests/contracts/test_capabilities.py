"""Nothing outside `pellucid.optimizers` asks which rule it has: it asks what the rule can do."""

import ast
from pathlib import Path

import pellucid
from pellucid.optimizers import OPTIMIZERS

SOURCE = Path(pellucid.__file__).parent
FULL_BATCH = {OPTIMIZERS[name].__name__ for name in OPTIMIZERS if OPTIMIZERS[name].full_batch}
FULL_BATCH_NAMES = {name for name in OPTIMIZERS if OPTIMIZERS[name].full_batch}


def lines_that_ask(tree: ast.AST) -> list[int]:
    """Lines with `isinstance(…, LBFGS)`, `issubclass(…, LBFGS)`, `LBFGS.name` or `… == "lbfgs"`."""
    lines = []
    for node in ast.walk(tree):
        names: set[str] = set()
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("isinstance", "issubclass"):
            names = {part.id for part in ast.walk(node.args[1]) if isinstance(part, ast.Name)}
        elif isinstance(node, ast.Attribute) and node.attr == "name":
            names = {getattr(node.value, "id", "")}
        elif isinstance(node, ast.Compare):
            words = {part.value for part in ast.walk(node) if isinstance(part, ast.Constant)}
            if words & FULL_BATCH_NAMES:
                lines.append(node.lineno)
        if names & FULL_BATCH:
            lines.append(node.lineno)
    return lines


def test_the_search_finds_every_form():
    forms = (
        "isinstance(r, LBFGS)",
        "isinstance(r, (Adam, LBFGS))",
        "issubclass(k, LBFGS)",
        "LBFGS.name",
        "n == 'lbfgs'",
    )
    found = lines_that_ask(ast.parse("\n".join(forms)))
    assert sorted(found) == [1, 2, 3, 4, 5]
    assert not lines_that_ask(ast.parse("LBFGS()\nfit(optimizer='lbfgs')\nisinstance(rule, FirstOrder)"))


def test_only_the_optimizers_know_which_rule_it_is():
    files = [file for file in SOURCE.rglob("*.py") if file.parent.name != "optimizers"]
    assert len(files) > 100
    found = {str(file.relative_to(SOURCE)): lines_that_ask(ast.parse(file.read_text())) for file in files}
    assert {file: lines for file, lines in found.items() if lines} == {}
