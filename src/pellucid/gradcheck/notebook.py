"""HTML of results in notebooks: a summary line that unfolds a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape


def folded(summary: str, *parts: str, unfolded: bool = False) -> str:
    """A summary (plain text) that unfolds `parts` (HTML).

    >>> folded("two < three", "<p>yes</p>")
    '<details><summary>two &lt; three</summary><p>yes</p></details>'
    """
    return f"<details{' open' if unfolded else ''}><summary>{escape(summary)}</summary>{''.join(parts)}</details>"


def html_table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """An HTML table of plain text cells.

    >>> html_table(["a"], [["<1"]])
    '<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>&lt;1</td></tr></tbody></table>'
    """
    names = "".join(f"<th>{escape(name)}</th>" for name in head)
    lines = "".join(f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{names}</tr></thead><tbody>{lines}</tbody></table>"
