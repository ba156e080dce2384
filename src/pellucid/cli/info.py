"""`pellucid info`: which engine, which machine code, which versions."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

Json = Annotated[bool, typer.Option("--json", help="As JSON, for programs.")]


def info(as_json: Json = False) -> None:
    """Say what runs here: engine, processor level, compiled kernels, and the versions of what matters.

    Example: `pellucid info`

    Kernels that are neither in the package nor in the cache folder are compiled once, when they are first needed.
    """
    import platform

    from pellucid import engines
    from pellucid.cli.signs import visible
    from pellucid.cli.terminal import Terminal

    facts: dict[str, Any] = {**engines.info(), "python": platform.python_version()}
    if as_json:
        typer.echo(json.dumps(facts, default=str, indent=2))
        return
    lines = {
        "engine": "auto: compiled, but for jobs that are over sooner than its kernels are loaded",
        "processor": f"{facts['level']}, registers of {facts['vector_bits']} bits",
        **{f"kernels {dtype}": where for dtype, where in facts["objects"].items()},
        "cache folder": facts["cache"],
        "python": facts["python"],
        **facts["versions"],
    }
    width = max(map(len, lines))
    console = Terminal()
    for name, fact in lines.items():  # whole lines, however long: a path that is broken up cannot be copied
        console.print(f"{name:{width}}  {visible(fact)}", soft_wrap=True)
