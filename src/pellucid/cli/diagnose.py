"""`pellucid diagnose`: train on a table, and say what is wrong with the training."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pellucid.cli.train import (
    ActivationName,
    BatchSize,
    Epochs,
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

Out = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write to this file (.html, .tex, .md, .txt), not to the terminal.")
]


def diagnose(
    file: File,
    target: Target,
    ignore: Ignore = "",
    task: Task = "auto",
    hidden: Hidden = "50,50",
    activation: ActivationName = "tanh",
    optimizer: OptimizerName = "adam",
    learning_rate: LearningRate = None,
    l2: L2Strength = 0.001,
    epochs: Epochs = 200,
    batch_size: BatchSize = None,
    test_size: TestSize = 0.2,
    seed: Seed = 0,
    out: Out = None,
) -> None:
    """Train as `pellucid train` does, and look for what is wrong: the training doctor.

    Example: `pellucid diagnose table.csv --target price --learning-rate 0.5`

    Dead, saturated or symmetric units, gradients that vanish or explode, a rate too high or too low, overfitting,
    ignored classes, values that are not finite: what was seen, why it matters, what to try. Training is not stopped
    early, so that what goes wrong can be seen.
    """
    from pellucid.cli.rehearsal import Settings, check_report_path, rehearse, tell

    check_report_path(out)

    from rich.console import Console

    from pellucid.explanation.doctor.diagnosis import diagnose as examine

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
    console = Console(highlight=False)
    console.print(rehearsal.describe(), markup=False)
    if rehearsal.problem is not None:
        console.print(f"Training broke off: {rehearsal.problem}", markup=False)
    findings = examine(
        rehearsal.network, rehearsal.X, rehearsal.y, history=rehearsal.history, penalty=rehearsal.penalty
    )
    tell(console, findings, out)
