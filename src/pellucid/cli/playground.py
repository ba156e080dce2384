"""`pellucid playground`: watch a network learn, in the browser."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pellucid.cli.options import whole_number

if TYPE_CHECKING:
    from pellucid.playground.session import Session

LAST_PORT = 65_535


def playground(
    data: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A table of your own: CSV or Parquet, as for `pellucid train`.")
    ] = None,
    target: Annotated[
        str | None, typer.Option(metavar="COL", help="The column of --data to learn. [default: the last]")
    ] = None,
    lesson: Annotated[str | None, typer.Option(metavar="NAME", help="A preset of the page to begin with.")] = None,
    port: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            parser=whole_number("--port", least=0, most=LAST_PORT),
            help="Where to listen; 0 is any free port. [default: 8470, or any if that is taken]",
        ),
    ] = None,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Whether to open the page, or only print its address.")
    ] = True,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="Also answer to this host name, such as a tunnel's; may be given repeatedly."
        ),
    ] = None,
) -> None:
    """Watch a network learn, touch it, ask it why: a page of this machine, until Ctrl-C.

    Example: `pellucid playground --data table.csv --target species`

    Without --data there are toy data sets, and a CSV file can be dropped on the page. Only this machine is served, and
    nothing is fetched from elsewhere.
    """
    from pellucid.playground.hosts.server import PortError, run
    from pellucid.tables.errors import UserError
    from pellucid.tables.sources import read_bytes

    if target is not None and data is None:
        raise UserError(f"--target must name a column of --data FILE, got {target} and no --data")
    # A pipe can be read only once, but each page begins with the same rows.
    piped = None if data is None or data.is_file() or data.is_dir() else read_bytes(data)
    # Errors in these two are reported before the page opens; without them, the page opens first.
    first = _session(data, piped, target, lesson) if data is not None or lesson is not None else None
    try:
        run(
            lambda: _session(data, piped, target, lesson),
            first=first,
            port=port,
            browser=browser,
            allow_hosts=allow_host or (),
        )
    except PortError as error:
        raise UserError(f"--{error}") from error


def _session(data: Path | None, piped: bytes | None, target: str | None, lesson: str | None) -> Session:
    """The initial data and settings of each page."""
    from pellucid.playground.presets import PRESETS
    from pellucid.playground.rows.rows import DataError
    from pellucid.playground.rows.sources import Table
    from pellucid.playground.session import Session
    from pellucid.tables.errors import UserError, did_you_mean, listed

    if lesson is not None and lesson not in PRESETS:
        raise UserError(
            f"--lesson must be one of {listed(PRESETS, most=len(PRESETS))}, got {lesson}{did_you_mean(lesson, PRESETS)}"
        )
    try:
        session = Session(data=None if data is None else Table(data.name, piped or data, target))
    except DataError as error:
        raise UserError(str(error)) from error
    if lesson is not None:
        session.receive({"t": "lesson", "name": lesson})
    return session
