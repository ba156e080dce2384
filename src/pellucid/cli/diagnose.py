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
    ignored classes, a penalty or dropout that is too strong, a run that is not finished, too few units, columns that
    give the answer away: what was seen, why it matters, what to try. Training ends where that of `pellucid train` does.
    """
    if out is not None:
        check_file_to_write("--out", out, REPORTS)
    opened = open_table(settings)

    from pellucid.cli.prepared_model import prepare_model, tell
    from pellucid.cli.terminal import Terminal
    from pellucid.explanation.doctor.diagnosis import diagnose_in_words_of

    model = prepare_model(opened, stop_early=True)
    trained = model.trained
    console = Terminal()
    console.print(model.describe())
    if trained.problem is not None:
        console.print(f"Training broke off: {trained.problem}")
    learned = model.chosen(None, ())
    findings = diagnose_in_words_of(
        "command line",
        trained.network,
        learned.X,
        learned.y,
        history=trained.history,
        sample_weight=learned.weight,
        penalty=opened.plan.penalty,
        feature_names=model.table.input_names,
        class_names=model.table.task.classes or None,
    )
    tell(console, findings, out)
