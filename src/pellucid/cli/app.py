"""The `pellucid` command: its sub-commands, and how a mistake is told.

Only typer and the options of the commands are imported here; a command imports what it works with when it runs, so
that `pellucid --help` answers at once.
"""

from __future__ import annotations

import sys
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from pellucid.cli.check import check
from pellucid.cli.diagnose import diagnose
from pellucid.cli.explain import explain
from pellucid.cli.info import info
from pellucid.cli.lesson import lesson
from pellucid.cli.playground import playground
from pellucid.cli.train import train
from pellucid.tables.errors import UserError

USER_ERROR_EXIT_CODE = 2
INTERRUPTED_EXIT_CODE = 130

# The base of all that can be wrong with the words of a command line. Typer carries its own copy of click and does not
# export this class, but exports one that is derived from it.
_UsageError: type[Any] = typer.BadParameter.__bases__[0]


class _OneLineErrors(TyperGroup):
    """A group of commands that tells every user's mistake in one line on stderr and exits with code 2."""

    def main(self, *args: Any, **options: Any) -> Any:
        """Run as typer does, but tell mistakes here."""
        try:
            code = super().main(*args, **{**options, "standalone_mode": False})
        except UserError as mistake:
            _fail(str(mistake))
        except _UsageError as mistake:
            message = mistake.format_message().rstrip(".")
            if not message:  # `pellucid` alone: typer has printed the help
                sys.exit(USER_ERROR_EXIT_CODE)
            _fail(f"{message} (see: {mistake.ctx.command_path} --help)" if mistake.ctx else message)
        except typer.Abort:  # Ctrl-C, as older versions of typer tell it
            code = INTERRUPTED_EXIT_CODE
        if code == INTERRUPTED_EXIT_CODE:
            typer.echo("pellucid: interrupted before there was anything to show", err=True)
        sys.exit(code if isinstance(code, int) else 0)


def _fail(message: str) -> NoReturn:
    typer.echo(f"pellucid: {' '.join(message.split())}", err=True)
    sys.exit(USER_ERROR_EXIT_CODE)


app = typer.Typer(
    name="pellucid",
    cls=_OneLineErrors,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # a traceback is for our own faults, and then plain Python's reads best
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(lesson)
app.command()(train)
app.command()(explain)
app.command()(check)
app.command()(diagnose)
app.command()(playground)
app.command()(info)


def _print_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"pellucid {version('pellucid')}")
        raise typer.Exit


@app.callback()
def pellucid(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Small neural networks that can be seen through.

    Example: `pellucid train table.csv --target price --plot loss.png`
    """
