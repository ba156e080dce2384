"""`pellucid train`: a network on a table, from the shell, judged by rows it never saw."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pellucid.cli.files import check_file_to_write
from pellucid.cli.interruption import held_back
from pellucid.cli.opening import open_table
from pellucid.cli.outcomes import Interrupted
from pellucid.cli.settings import Settings, with_settings
from pellucid.cli.signs import visible
from pellucid.tables.errors import UserError, quoted

if TYPE_CHECKING:
    from pellucid import History

PICTURES = (".png", ".pdf", ".svg", ".jpg")

Plot = Annotated[Path | None, typer.Option(metavar="FILE", help="Draw the loss by epoch here (.png, .pdf, .svg).")]


Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print the scores alone, no progress.")]


@with_settings()
def train(
    settings: Settings,
    plot: Plot = None,
    quiet: Quiet = False,
) -> None:
    """Train a network on a table, and judge it by rows that it never saw.

    Example: `pellucid train table.csv --target price --hidden 50,50 --activation relu --plot loss.png`

    **Classification or regression?** Text is classified. Numbers with fractions are regressed. Whole numbers are
    classified when there are at most 20 different ones, each in 5 rows or more on average, else regressed.
    `--task` overrides this.

    **What becomes of the columns?** Numbers are scaled and their gaps filled with the median. Text is one-hot encoded,
    rare values together. Dates become numbers. Constant columns, row numbers and identifiers are left out. What this
    takes is learned from the training rows only. Rows without a target are dropped.

    **How does it end?** After `--epochs`, or when a part of the training rows that is set aside for it shows no
    progress for 20 epochs, or by Ctrl-C, which keeps what was learned. Then the network is scored on the held-out
    rows, beside a linear model and a constant answer. (Balanced accuracy is the mean over classes of the share of each
    that is found.)
    """
    if plot is not None:
        check_file_to_write("--plot", plot, PICTURES)
    opened = open_table(settings)

    # Heavy modules are imported after the arguments and the names in the file have been checked.
    from pellucid.cli import report
    from pellucid.cli.experiment import run
    from pellucid.cli.terminal import Terminal

    console = Terminal()
    encoded = opened.encoded()
    if not quiet:
        report.describe_table(console, settings.file, encoded)
    with held_back() as held:
        outcome = run(encoded, opened.plan, held, progress=False if quiet else None)
        if not quiet:
            report.describe_training(console, opened.plan, outcome)
        report.tell_scores(console, encoded, outcome)
    if plot is not None:
        try:
            write_loss_curve(outcome.history, plot)
        except KeyboardInterrupt:
            raise Interrupted(f"interrupted before {quoted(plot)} was written") from None
        if not quiet:
            console.print(f"The loss curve is in {visible(plot)}.")


def write_loss_curve(history: History, path: Path) -> None:
    """Draw the loss by epoch, and the epoch that was kept, into a file."""
    from matplotlib.figure import Figure

    from pellucid.cli.files import written_whole
    from pellucid.plots import loss_curve

    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = loss_curve(history, ax=figure.subplots())
    if history.best_epoch is not None:
        kept = history.best_epoch + 1
        axes.axvline(kept, color="grey", linestyle=":", label=f"kept: epoch {kept}")
        axes.legend(loc="upper right")
    try:
        with written_whole(path) as part:
            figure.savefig(part, dpi=150)
    except OSError as error:
        raise UserError(f"--plot must be a file that can be written, got {quoted(path)}: {error.strerror}") from error
