"""`pellucid explain`: one training step on rows of a table, number by number."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pellucid.cli.options import whole_number
from pellucid.cli.settings import Settings, with_settings
from pellucid.tables.errors import UserError, quoted

Rows = Annotated[
    int,
    typer.Option(metavar="N", parser=whole_number("--rows", least=1), help="How many of the rows to learn from."),
]
Node = Annotated[
    str | None, typer.Option(metavar="LAYER,UNIT", help="Only one unit's story; layers and units count from 1.")
]
Edge = Annotated[
    str | None,
    typer.Option(
        metavar="LAYER,I,J", help="Only one weight's story: from input I to unit J of a layer, counted from 1."
    ),
]
Digits = Annotated[
    int, typer.Option(metavar="N", parser=whole_number("--digits", least=1), help="Significant digits shown.")
]
Out = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write to this file (.html, .tex, .md, .txt), not to the terminal.")
]


@with_settings(trained=False, hidden="3")
def explain(
    settings: Settings,
    rows: Rows = 4,
    node: Node = None,
    edge: Edge = None,
    digits: Digits = 4,
    out: Out = None,
) -> None:
    """Work through one training step with the numbers of your table.

    Example: `pellucid explain table.csv --target price --hidden 3 --out step.html`

    Forward, loss, every derivative backwards, the gradients beside their numerical check, the optimizer's step: with
    formulas and with numbers. Columns become numbers as `pellucid train` does it. Small networks and few rows read
    best; of larger ones the parts that matter most are shown.
    """
    from pellucid.cli.rehearsal import check_report_path, rehearse, tell

    check_report_path(out)
    if node is not None and edge is not None:
        raise UserError("--node and --edge tell one story each: give one of them")
    node_at = None if node is None else _indices("--node", node, 2)
    edge_at = None if edge is None else _indices("--edge", edge, 3)

    from pellucid.cli.terminal import Terminal

    from pellucid.explanation.explanation import Story
    from pellucid.explanation.explanation import explain as work_through

    rehearsal = rehearse(settings)
    if rehearsal.problem is not None:
        raise UserError(str(rehearsal.problem))
    explanation = work_through(
        rehearsal.network,
        rehearsal.X[:rows],
        rehearsal.y[:rows],
        optimizer=rehearsal.optimizer,
        penalty=rehearsal.penalty,
        digits=digits,
    )
    story: Story = explanation
    try:
        if node_at is not None:
            story = explanation.node(*node_at)
        elif edge_at is not None:
            story = explanation.edge(*edge_at)
    except IndexError as error:
        raise UserError(f"{'--edge' if node_at is None else '--node'}: {error}") from error
    console = Terminal()
    console.print(rehearsal.describe())
    tell(console, story, out)


def _indices(option: str, text: str, count: int) -> list[int]:
    """Whole numbers with commas between them.

    >>> _indices("--node", "1,2", 2)
    [1, 2]
    """
    pieces = [piece.strip() for piece in text.split(",")]
    if len(pieces) != count or not all(piece.isdecimal() for piece in pieces):
        example = ",".join("1" * count)
        raise UserError(f"{option} must be {count} whole numbers with commas, such as {example}; got {quoted(text)}")
    return [int(piece) for piece in pieces]
