"""Explanations for a terminal: formulas on one line of Unicode, matrices in brackets, side by side if they fit."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from pellucid.explanation.document import CLOSE, OPEN, Block, Formula, Grid, Heading, Numbers, Prose, Table, split_math
from pellucid.explanation.linear import linear, parts

WIDTH = 100

Line = tuple[str, str]
"""A style of rich, and a line of text."""


def lines(blocks: Sequence[Block], width: int = WIDTH) -> list[Line]:
    """The complete document, line by line."""
    written: list[Line] = []
    for block in blocks:
        match block:
            case Heading():
                written += _heading(block)
            case Prose():
                written += [("", line) for line in textwrap.wrap(plain(block.text), width)]
            case Formula():
                written += [("cyan", f"    {line}") for line in _formula(block.latex, width - 4)]
            case Numbers():
                written += _numbers(block, width)
            case Table():
                written += _table(block)
    return written


def plain(text: str) -> str:
    """A sentence, its mathematics in Unicode."""
    return "".join(linear(piece) if is_math else piece for is_math, piece in split_math(text))


def _heading(heading: Heading) -> list[Line]:
    title = plain(heading.text)
    if heading.level <= 2:
        return [("", ""), ("bold", title), ("bold", ("═" if heading.level == 1 else "─") * len(title))]
    return [("", ""), ("bold", title)]


def _formula(latex: str, width: int) -> list[str]:
    """A formula on one line, or broken between the expressions that it lists."""
    rows = [""]
    for piece in parts(latex):
        text = linear(piece)
        if rows[-1] and len(rows[-1]) + 1 + len(text) > width:
            rows.append("")
        rows[-1] = f"{rows[-1]} {text}".strip()
    return rows


def _numbers(block: Numbers, width: int) -> list[Line]:
    """Terms side by side; a new row begins when the width is used up."""
    written: list[Line] = []
    row: list[list[Line]] = []
    used = 4
    for chunk in block.chunks():
        boxes = [_grid(term) if isinstance(term, Grid) else _sign(term) for term in chunk]
        size = sum(max(len(text) for _, text in box) + 1 for box in boxes)
        if row and used + size > width:
            written += _beside(row)
            row, used = [], 4
        row += boxes
        used += size
    return [*written, *_beside(row)]


def _sign(latex: str) -> list[Line]:
    brackets = {OPEN: "(", CLOSE: ")", "": " "}
    return [("cyan", brackets[latex] if latex in brackets else linear(latex))]


def _beside(boxes: list[list[Line]]) -> list[Line]:
    """Boxes in one row: matrices centred vertically, their names below them."""
    if not boxes:
        return []
    bodies = [box[:-1] if len(box) > 1 else box for box in boxes]
    height = max(len(body) for body in bodies)
    written: list[Line] = []
    columns: list[list[str]] = []
    for box, body in zip(boxes, bodies, strict=True):
        size = max(len(text) for _, text in box)
        above = (height - len(body)) // 2
        texts = [""] * above + [text for _, text in body] + [""] * (height - len(body) - above)
        name = box[-1][1] if len(box) > 1 else ""
        columns.append([text.ljust(size) for text in texts] + [name.center(size)])
    for row in range(height + 1):
        text = "    " + " ".join(column[row] for column in columns).rstrip()
        written.append(("dim" if row == height else "", text.rstrip()))
    return written if written[-1][1].strip() else written[:-1]


def _grid(grid: Grid) -> list[Line]:
    """A matrix in brackets; the last line is its name."""
    rows, columns, cells = grid.rows.gaps(), grid.columns.gaps(), grid.cells()
    heads = [label or "⋯" for label in grid.columns.labels()]
    texts = [_aligned([line[c] for line in cells]) for c in range(len(columns))]
    sizes = [max(len(t) for t in column) for column in texts]
    if not grid.columns.is_whole:
        sizes = [max(size, len(head)) for size, head in zip(sizes, heads, strict=True)]
    body = [
        "  ".join(
            ("⋯" if j is None and i is not None else "⋮" if i is None else texts[c][r]).rjust(sizes[c])
            for c, j in enumerate(columns)
        )
        for r, i in enumerate(rows)
    ]
    labels = [""] * len(rows) if grid.rows.is_whole else grid.rows.labels()
    wide = max(len(label) for label in labels)
    last = len(body) - 1
    written = [
        ("", f"{label.rjust(wide)}{' ' if wide else ''}{_left(r, last)} {text} {_right(r, last)}")
        for r, (label, text) in enumerate(zip(labels, body, strict=True))
    ]
    if not grid.columns.is_whole:
        head = "  ".join(head.rjust(size) for head, size in zip(heads, sizes, strict=True))
        written.insert(0, ("dim", " " * (wide + (1 if wide else 0) + 2) + head + "  "))
    name = f"{linear(grid.name)} {grid.shape_text}"
    return [*written, ("dim", name)]


def _aligned(column: list[str]) -> list[str]:
    """Numbers padded so that their decimal points align."""
    before = [text.partition(".")[0].partition("e")[0] for text in column]
    left = max(len(text) for text in before)
    padded = [text.rjust(left) + whole[len(text) :] for text, whole in zip(before, column, strict=True)]
    size = max(len(text) for text in padded)
    return [text.ljust(size) for text in padded]


def _left(row: int, last: int) -> str:
    return "[" if last == 0 else "⎡" if row == 0 else "⎣" if row == last else "⎢"


def _right(row: int, last: int) -> str:
    return "]" if last == 0 else "⎤" if row == 0 else "⎦" if row == last else "⎥"


def _table(table: Table) -> list[Line]:
    rows = [[plain(cell) for cell in row] for row in (table.header, *table.rows)]
    sizes = [max(len(row[c]) for row in rows) for c in range(len(table.header))]
    written = []
    for r, row in enumerate(rows):
        cells = [
            cell.rjust(size) if c in table.right else cell.ljust(size)
            for c, (cell, size) in enumerate(zip(row, sizes, strict=True))
        ]
        written.append(("dim" if r == 0 else "", "    " + "   ".join(cells).rstrip()))
    return written
