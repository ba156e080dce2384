"""The `pellucid` command: its sub-commands, and how mistakes in its arguments are reported.

Only typer and the options of the commands are imported here; a command imports its libraries when it runs, so that
`pellucid --help` is fast.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from pellucid.cli.check import check
from pellucid.cli.diagnose import diagnose
from pellucid.cli.explain import explain
from pellucid.cli.info import info
from pellucid.cli.lesson import lesson
from pellucid.cli.outcomes import ExitCode, settle
from pellucid.cli.playground import playground
from pellucid.cli.train import train
from pellucid.tables.errors import UserError, quoted


class _CarriedError(Exception):
    """Wraps an error that typer would otherwise handle itself."""

    def __init__(self, error: BaseException) -> None:
        self.error = error


@contextmanager
def _past_typer() -> Iterator[None]:
    try:
        yield
    except (KeyboardInterrupt, EOFError, OSError) as error:
        raise _CarriedError(error) from error


class _Commands(TyperGroup):
    """A group of commands that reports every mistake in one line on stderr; `outcomes` has the exit codes."""

    def main(self, *args: Any, **options: Any) -> Any:
        """Run as typer does, but report mistakes here."""
        sys.exit(settle(lambda: self._run(*args, **options)))

    def _run(self, *args: Any, **options: Any) -> Any:
        try:
            return super().main(*args, **{**options, "standalone_mode": False})
        except _CarriedError as carried:
            raise carried.error from None
        except Exception as mistake:
            # Typer exports no common class of its errors in arguments; they are those that have this method.
            format_message = getattr(mistake, "format_message", None)
            if format_message is None:
                raise
            message = format_message().rstrip(".")
            if not message:  # `pellucid` alone: typer has printed the help
                sys.exit(ExitCode.REFUSED)
            words = options.get("args") or (args[0] if args else None) or sys.argv[1:]
            hint = _dashed_file(list(words))
            context = getattr(mistake, "ctx", None)
            more = f" (see: {context.command_path} --help)" if context else ""
            raise UserError(f"{message}{hint if 'option' in message else ''}{more}") from mistake

    def make_context(self, *args: Any, **options: Any) -> Any:
        """Parse the arguments; help and version are printed here."""
        with _past_typer():
            return super().make_context(*args, **options)

    def invoke(self, ctx: Any) -> Any:
        """Run the given command."""
        with _past_typer():
            return super().invoke(ctx)


class _Command(TyperCommand):
    """A command that refuses an option given twice, instead of silently dropping one of the values."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the arguments as typer does, after checking that each option is given once."""
        _, _, order = self.make_parser(ctx).parse_args(args=list(args))
        for option, times in Counter(order).items():
            if times > 1 and not getattr(option, "multiple", True) and not getattr(option, "is_flag", True):
                raise UserError(f"{option.opts[0]} must be given once, got it {times} times")
        return super().parse_args(ctx, args)


def _dashed_file(words: list[str]) -> str:
    """A hint for a file whose name looks like an option."""
    files = [word for word in words if word.startswith("-") and len(word) > 1 and os.path.exists(word)]
    return f"; the file of that name is {quoted(f'./{files[0]}')}" if files else ""


app = typer.Typer(
    name="pellucid",
    cls=_Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (lesson, train, explain, check, diagnose, playground, info):
    app.command(cls=_Command)(command)


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
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback of a failure here, instead of writing it to a file.")
    ] = False,
) -> None:
    """Small neural networks that can be seen through.

    Example: `pellucid train table.csv --target price --plot loss.png`

    Exit codes: 0 done, 1 the gradient is wrong (check), 2 it cannot be done as asked, 70 a failure that nobody foresaw,
    130 interrupted, 141 nobody reads on, 143 ended by SIGTERM.
    """
    if debug:
        from pellucid.cli.outcomes import DEBUG

        os.environ[DEBUG] = "1"
