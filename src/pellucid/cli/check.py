"""`pellucid check`: is the gradient right, on rows of a table?"""

from __future__ import annotations

from typing import Annotated

import typer

from pellucid.cli.options import whole_number
from pellucid.cli.settings import Settings, with_settings
from pellucid.tables.errors import UserError

WRONG_EXIT_CODE = 1

Rows = Annotated[
    int,
    typer.Option(metavar="N", parser=whole_number("--rows", least=1), help="How many of the rows to learn from."),
]


@with_settings(trained=False, hidden="10")
def check(
    settings: Settings,
    rows: Rows = 10,
) -> None:
    """Hold back-propagation against finite differences of the loss, on your table.

    Example: `pellucid check table.csv --target price --hidden 10 --activation elu`

    Each parameter costs four forward passes, so a small network and a few rows are enough. Exits with code 1 if the
    gradient is wrong, and says what is the likely cause.
    """
    from pellucid.cli.terminal import Terminal

    from pellucid import check_gradients
    from pellucid.cli.rehearsal import rehearse

    rehearsal = rehearse(settings)
    if rehearsal.problem is not None:
        raise UserError(str(rehearsal.problem))
    result = check_gradients(rehearsal.network, rehearsal.X[:rows], rehearsal.y[:rows], penalty=rehearsal.penalty)
    console = Terminal()
    console.print(rehearsal.describe())
    console.print(str(result))
    if not result:
        raise typer.Exit(WRONG_EXIT_CODE)
