"""`pellucid check`: is the gradient right, on rows of a table?"""

from __future__ import annotations

import typer

from pellucid.cli.opening import open_table
from pellucid.cli.options import RowNumbers, Rows, row_numbers
from pellucid.cli.outcomes import ExitCode
from pellucid.cli.settings import Settings, with_settings
from pellucid.tables.errors import UserError


@with_settings(trained=False, hidden="10")
def check(
    settings: Settings,
    rows: Rows = None,
    row: RowNumbers = None,
) -> None:
    """Hold back-propagation against finite differences of the loss, on your table.

    Example: `pellucid check table.csv --target price --hidden 10 --activation elu`

    A small network and a few rows are enough. Exits with code 0 if nothing is wrong and something is shown to be right,
    with 1 if something is wrong, and says what is the likely cause, with 3 if differences could tell nothing at all.
    """
    numbers = row_numbers(rows, row)
    opened = open_table(settings)

    from pellucid import check_gradients
    from pellucid.cli.prepared_model import prepare_model
    from pellucid.cli.terminal import Terminal

    model = prepare_model(opened)
    trained = model.trained
    if trained.problem is not None:
        raise UserError(str(trained.problem))
    chosen = model.chosen(rows or 10, numbers)
    result = check_gradients(
        trained.network, chosen.X, chosen.y, sample_weight=chosen.weight, penalty=opened.plan.penalty
    )
    console = Terminal()
    console.print(model.describe())
    console.print(str(result))
    if not result.passed:
        raise typer.Exit(ExitCode.WRONG)
    if not result.determined:
        raise typer.Exit(ExitCode.UNDETERMINED)
