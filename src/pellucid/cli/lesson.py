"""`pellucid lesson`: list the lessons, or run one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pellucid.cli.options import whole_number
from pellucid.cli.outcomes import Interrupted
from pellucid.tables.errors import UserError, quoted

if TYPE_CHECKING:
    from pellucid.lessons import Lesson


def lesson(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="Which lesson; without a name, all are listed.")
    ] = None,
    hidden: Annotated[
        int | None, typer.Option(metavar="N", parser=whole_number("--hidden", least=1), help="Hidden units.")
    ] = None,
    passes: Annotated[
        int | None,
        typer.Option(metavar="N", parser=whole_number("--passes", least=1), help="Passes through the training data."),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(metavar="N", parser=whole_number("--seed", least=0), help="Where random numbers start."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder for figures. [default: pellucid-lessons/NAME]")
    ] = None,
    plots: Annotated[bool, typer.Option("--plots/--no-plots", help="Whether to draw figures.")] = True,
) -> None:
    """Run a tutorial experiment, explained as it goes.

    Without a name, the lessons are listed with the settings each one takes.

    Example: `pellucid lesson moons --hidden 5 --passes 5000`
    """
    import matplotlib

    matplotlib.use("agg")  # figures are written to files; never open a window

    import warnings

    from pellucid import DivergenceError, TrainingInterruptedWarning, lessons

    if name is None:
        _list(lessons.LESSONS)
        return
    try:
        chosen = lessons.find(name)
        settings = chosen.settings(hidden=hidden, passes=passes, seed=seed, out=out, plots=plots)
    except ValueError as error:
        raise UserError(str(error)) from error
    with warnings.catch_warnings():
        # Ctrl-C ends all trainings of a lesson: otherwise the next one would begin.
        warnings.simplefilter("error", TrainingInterruptedWarning)
        try:
            chosen.play(settings)
        except DivergenceError as error:  # its message says what likely helps
            raise UserError(str(error)) from error
        except (TrainingInterruptedWarning, KeyboardInterrupt) as error:
            raise Interrupted("the lesson was interrupted; what is printed above stands") from error
        except OSError as error:
            if error.filename is not None or not error.strerror:
                raise
            raise UserError(
                f"--out must be a folder that can be written to, got {quoted(settings.out)}: {error.strerror}"
            ) from error


def _list(lessons: Mapping[str, Lesson]) -> None:
    """Print every lesson with its title and its settings."""
    from rich.table import Table

    from pellucid.cli.terminal import Terminal

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("lesson", no_wrap=True)
    table.add_column("about", no_wrap=True)
    options = ("hidden", "passes", "seed")
    for option in options:
        table.add_column(option, justify="right", no_wrap=True)
    for one in lessons.values():
        table.add_row(one.name, one.title, *(str(one.defaults.get(option, "")) for option in options))
    console = Terminal()
    console.print(table)
    console.print("\nRun one with `pellucid lesson NAME`; each number is an option: --passes 500.")
