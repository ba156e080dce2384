"""`pellucid diagnose`: train on a table, and say what is wrong with the training."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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
    ignored classes, values that are not finite: what was seen, why it matters, what to try. Training ends where that of
    `pellucid train` does.
    """
    from pellucid.cli.rehearsal import check_report_path, rehearse, tell

    check_report_path(out)

    from rich.console import Console

    from pellucid.explanation.doctor.diagnosis import diagnose_in_words_of

    rehearsal = rehearse(settings, stop_early=True)
    console = Console(highlight=False)
    console.print(rehearsal.describe(), markup=False)
    if rehearsal.problem is not None:
        console.print(f"Training broke off: {rehearsal.problem}", markup=False)
    findings = diagnose_in_words_of(
        "command line",
        rehearsal.network,
        rehearsal.X,
        rehearsal.y,
        history=rehearsal.history,
        penalty=rehearsal.penalty,
    )
    tell(console, findings, out)
