"""`pellucid info`: which engine, which machine code, which versions."""

from __future__ import annotations


def info() -> None:
    """Say what runs here: engine, processor level, compiled kernels, and the versions of what matters.

    Example: `pellucid info`

    Kernels that are neither in the package nor in the cache folder are compiled once, when they are first needed.
    """
    import platform

    from rich.table import Table

    from pellucid import engines
    from pellucid.cli.terminal import Terminal

    facts = engines.info()
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("engine", "auto: compiled, but for jobs that are over sooner than its kernels are loaded")
    table.add_row("processor", f"{facts['level']}, registers of {facts['vector_bits']} bits")
    for dtype, where in facts["objects"].items():
        table.add_row(f"kernels {dtype}", where)
    table.add_row("cache folder", facts["cache"])
    table.add_row("python", platform.python_version())
    for name, version in facts["versions"].items():
        table.add_row(name, version)
    Terminal().print(table)
