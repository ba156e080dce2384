"""`pellucid diagnose`: train on a table, and say what is wrong with the training."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pellucid.cli.files import REPORTS, check_file_to_write
from pellucid.cli.opening import open_table
from pellucid.cli.settings import Settings, with_settings

Out = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write to this file (.html, .tex, .md, .txt), not to the terminal.")
]


@with_settings()
def diagnose(
    settings: Settings,
    out: Out = None,
) -> None:
    """Train as `pellucid train` does, and look for what is wrong: the training doctor.

    Example: `pellucid diagnose table.csv --target price --learning-rate 0.5`

    Dead, saturated or symmetric units, gradients that vanish or explode, a rate too high or too low, overfitting,
    ignored classes, values that are not finite: what was seen, why it matters, what to try. Training is not stopped
    early, so that what goes wrong can be seen.
    """
    if out is not None:
        check_file_to_write("--out", out, REPORTS)
    opened = open_table(settings)

    from pellucid.cli.rehearsal import rehearse, tell
    from pellucid.cli.terminal import Terminal
    from pellucid.explanation.doctor.diagnosis import diagnose as examine

    rehearsal = rehearse(opened)
    trained = rehearsal.trained
    console = Terminal()
    console.print(rehearsal.describe())
    if trained.problem is not None:
        console.print(f"Training broke off: {trained.problem}")
    learned = rehearsal.chosen(None, ())
    findings = examine(
        trained.network,
        learned.X,
        learned.y,
        history=trained.history,
        sample_weight=learned.weight,
        penalty=opened.plan.penalty,
    )
    tell(console, findings, out)
