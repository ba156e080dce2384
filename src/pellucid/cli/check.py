"""`pellucid check`: is the gradient right, on rows of a table?"""

from __future__ import annotations

from typing import Annotated

import typer

from pellucid.cli.options import whole_number
from pellucid.cli.train import (
    ActivationName,
    BatchSize,
    File,
    Hidden,
    Ignore,
    L2Strength,
    LearningRate,
    OptimizerName,
    Seed,
    Target,
    Task,
    TestSize,
)
from pellucid.tables.errors import UserError

WRONG_EXIT_CODE = 1

Epochs = Annotated[
    int,
    typer.Option(
        metavar="N", parser=whole_number("--epochs", least=0), help="Train so long first; 0: the weights as drawn."
    ),
]
Rows = Annotated[
    int,
    typer.Option(metavar="N", parser=whole_number("--rows", least=1), help="How many of the rows to learn from."),
]


def check(
    file: File,
    target: Target,
    ignore: Ignore = "",
    task: Task = "auto",
    hidden: Hidden = "10",
    activation: ActivationName = "tanh",
    optimizer: OptimizerName = "adam",
    learning_rate: LearningRate = None,
    l2: L2Strength = 0.001,
    epochs: Epochs = 0,
    batch_size: BatchSize = None,
    test_size: TestSize = 0.2,
    seed: Seed = 0,
    rows: Rows = 10,
) -> None:
    """Hold back-propagation against finite differences of the loss, on your table.

    Example: `pellucid check table.csv --target price --hidden 10 --activation elu`

    Each parameter costs four forward passes, so a small network and a few rows are enough. Exits with code 1 if the
    gradient is wrong, and says what is the likely cause.
    """
    from rich.console import Console

    from pellucid import check_gradients
    from pellucid.cli.rehearsal import Settings, rehearse

    rehearsal = rehearse(
        Settings(
            file=file,
            target=target,
            ignore=ignore,
            task=task,
            hidden=hidden,
            activation=activation,
            optimizer=optimizer,
            learning_rate=learning_rate,
            l2=l2,
            epochs=epochs,
            batch_size=batch_size,
            test_size=test_size,
            seed=seed,
        )
    )
    if rehearsal.problem is not None:
        raise UserError(str(rehearsal.problem))
    result = check_gradients(rehearsal.network, rehearsal.X[:rows], rehearsal.y[:rows], penalty=rehearsal.penalty)
    console = Console(highlight=False)
    console.print(rehearsal.describe(), markup=False)
    console.print(str(result), markup=False)
    if not result:
        raise typer.Exit(WRONG_EXIT_CODE)
