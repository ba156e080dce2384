"""The flags of all commands that train a network on a table.

`with_settings` adds the flags to a command. They are generated from the table of arguments (`estimators.constraints`);
those that only the command line has (file, columns, split) are added here. The command gets one `Settings` object.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from pellucid.cli.options import number, one_of, unit_counts, whole_number
from pellucid.defaults import COMMAND
from pellucid.estimators.constraints import ARGUMENTS, Argument, Number, Words

TEST_SIZE = 0.2

TABLE, NETWORK, TRAINING = "The table", "The network", "The training"
"""The parts of a command's help."""

OF_NETWORK = ("--hidden", "--activation", "--initializer", "--dropout")


@dataclass(frozen=True)
class Settings:
    """The words of the command line that say which network learns what; None: left to the library."""

    file: Path
    target: str
    ignore: tuple[str, ...]
    header: bool | None
    task: str
    test_size: float
    hidden: tuple[int, ...]
    activation: str
    optimizer: str
    learning_rate: float | None
    schedule: str
    l2: float
    epochs: int
    batch_size: int | None
    seed: int
    dropout: float
    label_smoothing: float
    initializer: str
    clip_norm: float | None
    max_norm: float | None
    max_seconds: float | None
    engine: str
    threads: int
    class_weight: tuple[str, ...]
    loss: str


@dataclass(frozen=True)
class Flag:
    """Where the command line differs from the table: its default, what else its help says, how values are read."""

    default: Any = ...
    note: str = ""
    parser: Callable[[str], Any] | None = None
    metavar: str = ""


DIFFERENT = {
    "--hidden": Flag(",".join(map(str, COMMAND.hidden)), parser=unit_counts, metavar="N,N,…"),
    "--activation": Flag(COMMAND.activation, "Such as tanh, relu, elu, gelu or silu."),
    "--optimizer": Flag(COMMAND.optimizer, "Such as adam, adamw, momentum or lbfgs."),
    "--learning-rate": Flag(None, "Default: the optimizer's own.", metavar="RATE"),
    "--schedule": Flag(note="Such as cosine, one_cycle or reduce_on_plateau."),
    "--batch-size": Flag(
        None, f"0: all rows. Default: {COMMAND.batch_size}, all for lbfgs.", whole_number("--batch-size", least=0), "N"
    ),
    "--seed": Flag(0, "Same seed: same network.", whole_number("--seed", least=0), "N"),
    "--initializer": Flag(COMMAND.initializer, "Such as xavier_uniform or he_normal; auto: what suits the activation."),
    "--epochs": Flag(COMMAND.epochs),
    "--engine": Flag(note="auto, compiled or reference."),
    "--dropout": Flag(metavar="SHARE"),
    "--label-smoothing": Flag(metavar="SHARE"),
    "--max-seconds": Flag(metavar="SECONDS"),
}
TRAINED_BEFORE = Flag(0, "0: the weights as drawn.", whole_number("--epochs", least=0), "N")


def with_settings(*, trained: bool = True, **defaults: Any) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A decorator: the command's first parameter, `settings`, becomes the flags of the command line.

    `defaults` are this command's own; not `trained` commands look at the network as it was drawn, unless asked.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        _, *own = inspect.signature(command, eval_str=True).parameters.values()
        own = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own]
        flags = [
            flag.replace(default=defaults[flag.name]) if flag.name in defaults else flag
            for flag in _flags(trained=trained)
        ]
        names = [flag.name for flag in flags]

        def run(**words: Any) -> None:
            command(Settings(**{name: words.pop(name) for name in names}), **words)

        run.__name__, run.__doc__, run.__module__ = command.__name__, command.__doc__, command.__module__
        run.__signature__ = inspect.Signature([*flags, *own])  # type: ignore[attr-defined]
        return run

    return decorate


def _flags(*, trained: bool) -> Iterator[inspect.Parameter]:
    """In the order in which help shows them."""
    file = typer.Argument(metavar="FILE", help="A CSV (plain or packed), JSON or Parquet file; -: standard input.")
    yield _parameter("file", Path, ..., file)
    yield _parameter("target", str, ..., _option("--target", "COLUMN", "The column to learn.", TABLE))
    columns = "Columns to leave out, separated by commas; may be given repeatedly."
    yield _parameter("ignore", list[str], (), _option("--ignore", "COLUMNS", columns, TABLE, show_default=False))
    names = "Whether the first line holds names. [default: as it looks]"
    yield _parameter("header", bool, None, _option("--header/--no-header", None, names, TABLE))
    tasks = ("auto", "classification", "regression")
    task = _option("--task", "TASK", f"{', '.join(tasks[:-1])} or {tasks[-1]}.", TABLE, one_of("--task", *tasks))
    yield _parameter("task", str, "auto", task)
    share = number("--test-size", above=0, below=1, such_as=TEST_SIZE)
    held_out = _option("--test-size", "SHARE", "Share of rows held out.", TABLE, share)
    yield _parameter("test_size", float, TEST_SIZE, held_out)
    for argument in ARGUMENTS:
        if argument.flag:
            before = argument.flag == "--epochs" and not trained
            yield _of_table(argument, TRAINED_BEFORE if before else DIFFERENT.get(argument.flag, Flag()))
    # Not `alpha`: that is divided by the weight of a batch, as scikit-learn's is.
    strength = number("--l2", least=0, such_as=COMMAND.l2)
    weights = "balanced, or CLASS=WEIGHT; may be given repeatedly. Default: all rows weigh the same."
    yield _parameter(
        "class_weight", list[str], (), _option("--class-weight", "WEIGHT", weights, TRAINING, show_default=False)
    )
    losses = "What is made small: cross_entropy of classes; squared_error, absolute_error or huber of numbers."
    yield _parameter("loss", str, "auto", _option("--loss", "NAME", losses, TRAINING))
    yield _parameter(
        "l2", float, COMMAND.l2, _option("--l2", "λ", "Penalty λ/2 Σ w² on weights; 0: none.", TRAINING, strength)
    )


def _of_table(argument: Argument, flag: Flag) -> inspect.Parameter:
    parser, metavar = _reading(argument)
    default = argument.default if flag.default is ... else flag.default
    panel = NETWORK if argument.flag in OF_NETWORK else TRAINING
    meaning = f"{argument.help} {flag.note}".strip()
    option = _option(argument.flag, flag.metavar or metavar, meaning, panel, flag.parser or parser)
    return _parameter(argument.flag.removeprefix("--").replace("-", "_"), str, default, option)


def _reading(argument: Argument) -> tuple[Callable[[str], Any], str]:
    """How a word becomes an argument's value, and what help calls it."""
    for allowed in argument.allowed:
        if isinstance(allowed, Number) and allowed.whole:
            return whole_number(argument.flag, least=int(allowed.low or 0)), "N"
        if isinstance(allowed, Number):
            bounds = {
                "least" if allowed.closed in ("left", "both") else "above": allowed.low,
                "most" if allowed.closed in ("right", "both") else "below": allowed.high,
            }
            finite = {name: bound for name, bound in bounds.items() if bound is not None}
            return number(argument.flag, such_as=argument.default or None, **finite), "NUMBER"
        if isinstance(allowed, Words):
            return one_of(argument.flag, *allowed.words), "NAME"
    return str, "NAME"


def _option(flag: str, metavar: str | None, meaning: str, panel: str, parser: Any = None, **more: Any) -> Any:
    return typer.Option(flag, metavar=metavar, help=meaning, rich_help_panel=panel, parser=parser, **more)


def _parameter(name: str, kind: type, default: Any, option: Any) -> inspect.Parameter:
    """A parameter as typer reads it. Where there is a parser, the values are what that makes, whatever `kind` says."""
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default=inspect.Parameter.empty if default is ... else default,
        annotation=Annotated[kind | None if default is None else kind, option],
    )
