"""`pellucid check`: is the gradient right, on rows of a table?"""

from __future__ import annotations

from typing import Annotated

import typer

from pellucid.cli.options import whole_number
from pellucid.cli.settings import Settings, with_settings
from pellucid.tables.errors import UserError

WRONG_EXIT_CODE = 1
UNDETERMINED_EXIT_CODE = 3
"""Nothing could be told: not 0, which says that the gradient is right, and not 1, which says that it is wrong."""

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

    A small network and a few rows are enough. Exits with code 0 if nothing is wrong and something is shown to be right,
    with 1 if something is wrong, and says what is the likely cause, with 3 if differences could tell nothing at all.
    """
    from rich.console import Console

    from pellucid import check_gradients
    from pellucid.cli.rehearsal import rehearse

    rehearsal = rehearse(settings)
    if rehearsal.problem is not None:
        raise UserError(str(rehearsal.problem))
    result = check_gradients(rehearsal.network, rehearsal.X[:rows], rehearsal.y[:rows], penalty=rehearsal.penalty)
    console = Console(highlight=False)
    console.print(rehearsal.describe(), markup=False)
    console.print(str(result), markup=False)
    if not result.passed:
        raise typer.Exit(WRONG_EXIT_CODE)
    if not result.determined:
        raise typer.Exit(UNDETERMINED_EXIT_CODE)
