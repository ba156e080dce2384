"""`pellucid train`: a network on a table, from the shell, judged by rows it never saw."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pellucid.cli.options import column_names, number, one_of, unit_counts, whole_number
from pellucid.tables.errors import UserError, listed, quoted

if TYPE_CHECKING:
    from pellucid import History

PICTURES = (".png", ".pdf", ".svg", ".jpg")

File = Annotated[Path, typer.Argument(metavar="FILE", help="A CSV (plain or gzipped) or Parquet file.")]
Target = Annotated[str, typer.Option(metavar="COLUMN", help="The column to learn.")]
Ignore = Annotated[
    str, typer.Option(metavar="COLUMNS", help="Columns to leave out, separated by commas.", show_default=False)
]
Task = Annotated[
    str,
    typer.Option(
        metavar="TASK",
        parser=one_of("--task", "auto", "classification", "regression"),
        help="auto, classification or regression.",
    ),
]
Hidden = Annotated[str, typer.Option(metavar="N,N,…", help="Units of each hidden layer.")]
ActivationName = Annotated[
    str, typer.Option(metavar="NAME", help="Of the hidden layers: tanh, relu, elu, gelu, silu, …")
]
OptimizerName = Annotated[str, typer.Option(metavar="NAME", help="adam, adamw, momentum, lbfgs, …")]
LearningRate = Annotated[
    float | None,
    typer.Option(
        metavar="RATE",
        parser=number("--learning-rate", above=0, such_as="0.001"),
        help="How far a step goes. Default: the optimizer's own.",
    ),
]
L2Strength = Annotated[
    float,
    typer.Option(
        "--l2", metavar="α", parser=number("--l2", least=0, such_as="0.001"), help="Penalty on large weights; 0: none."
    ),
]
Epochs = Annotated[
    int,
    typer.Option(metavar="N", parser=whole_number("--epochs", least=1), help="Passes over the training rows, at most."),
]
BatchSize = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        parser=whole_number("--batch-size", least=0),
        help="Rows a step; 0: all of them. Default: 32, all for lbfgs.",
    ),
]
TestSize = Annotated[
    float,
    typer.Option(
        metavar="SHARE", parser=number("--test-size", above=0, below=1, such_as="0.2"), help="Share of rows held out."
    ),
]
Seed = Annotated[
    int,
    typer.Option(metavar="N", parser=whole_number("--seed", least=0), help="Same seed: same split, same network."),
]
Plot = Annotated[Path | None, typer.Option(metavar="FILE", help="Draw the loss by epoch here (.png, .pdf, .svg).")]


def train(
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
    plot: Plot = None,
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
    rows, beside a linear model and the dullest guess. (Balanced accuracy is the mean over classes of the share of each
    that is found.)
    """
    if plot is not None:
        check_plot_path(plot)
    hidden_units = unit_counts(hidden)

    # What is heavy is imported once the words of the command line are known to be right.
    from rich.console import Console

    from pellucid.cli import report
    from pellucid.cli.experiment import Plan, batch_size_for, resolve_activation, resolve_optimizer, run
    from pellucid.cli.parts import prepare
    from pellucid.tables.files import read_table

    rule = resolve_optimizer(optimizer, learning_rate)
    plan = Plan(
        hidden=hidden_units,
        activation=resolve_activation(activation),
        optimizer=rule,
        l2=l2,
        epochs=epochs,
        batch_size=batch_size_for(rule, batch_size),
        seed=seed,
    )
    console = Console(highlight=False)
    table = read_table(file)
    prepared = prepare(table, target, task=task, ignored=column_names(ignore), test_size=test_size, seed=seed)
    report.describe_table(console, file, table.shape, prepared)
    outcome = run(prepared, plan)
    report.describe_training(console, plan, outcome)
    report.tell_scores(console, prepared, outcome)
    if plot is not None:
        write_loss_curve(outcome.history, plot)
        console.print(f"The loss curve is in {plot}.", markup=False)


def check_plot_path(path: Path) -> None:
    """Refuse a picture that could not be written before an hour of training, not after it."""
    if path.suffix.lower() not in PICTURES:
        raise UserError(f"--plot must end in one of {listed(PICTURES)}, got {quoted(path)}")
    if path.is_dir():
        raise UserError(f"--plot must be a file, got the directory {quoted(path)}")
    if not path.parent.is_dir():
        raise UserError(
            f"--plot must be a file in a directory that exists, got {quoted(path)}: there is no {quoted(path.parent)}"
        )


def write_loss_curve(history: History, path: Path) -> None:
    """Draw the loss by epoch, and which epoch was kept, into a file that is there whole or not at all."""
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
