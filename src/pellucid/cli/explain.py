"""`pellucid explain`: one training step on rows of a table, number by number."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pellucid.cli.files import REPORTS, check_file_to_write
from pellucid.cli.opening import open_table
from pellucid.cli.options import RowNumbers, Rows, row_numbers, whole_number, whole_numbers
from pellucid.cli.settings import Settings, with_settings
from pellucid.tables.errors import UserError

Node = Annotated[
    str | None, typer.Option(metavar="LAYER,UNIT", help="Explain only one unit; layers and units count from 1.")
]
Edge = Annotated[
    str | None,
    typer.Option(
        metavar="LAYER,I,J", help="Explain only one weight, from input I to unit J of a layer, counted from 1."
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
    rows: Rows = None,
    row: RowNumbers = None,
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
    if out is not None:
        check_file_to_write("--out", out, REPORTS)
    if node is not None and edge is not None:
        raise UserError("--node and --edge cannot be combined: give one of them")
    node_at = None if node is None else whole_numbers("--node", node, 2)
    edge_at = None if edge is None else whole_numbers("--edge", edge, 3)
    numbers = row_numbers(rows, row)
    opened = open_table(settings)

    from pellucid.cli.prepared_model import prepare_model, tell
    from pellucid.cli.terminal import Terminal
    from pellucid.explanation.explanation import explain as work_through
    from pellucid.explanation.report import Report

    model = prepare_model(opened)
    trained, plan = model.trained, opened.plan
    if trained.problem is not None:
        raise UserError(str(trained.problem))
    chosen = model.chosen(rows or 4, numbers)
    explanation = work_through(
        trained.network,
        chosen.X,
        chosen.y,
        sample_weight=chosen.weight,
        optimizer=plan.optimizer,
        penalty=plan.penalty,
        digits=digits,
        feature_names=model.table.input_names,
        class_names=model.class_names,
        sample_names=chosen.names,
    )
    report: Report = explanation
    try:
        if node_at is not None:
            report = explanation.node(*node_at)
        elif edge_at is not None:
            report = explanation.edge(*edge_at)
    except IndexError as error:
        raise UserError(f"{'--edge' if node_at is None else '--node'}: {error}") from error
    console = Terminal()
    console.print(model.describe())
    tell(console, report, out)
