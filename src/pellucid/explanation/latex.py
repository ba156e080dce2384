r"""Explanations in LaTeX: an article that compiles with amsmath alone, and the same formulas for Markdown.

Wide rows of matrices are broken between terms by counting characters, as in the terminal.
"""

from __future__ import annotations

from collections.abc import Sequence

from pellucid.explanation.document import CLOSE, OPEN, Block, Formula, Grid, Heading, Numbers, Prose, Table, split_math
from pellucid.explanation.linear import linear, parts
from pellucid.explanation.numbers import as_latex

PREAMBLE = r"""\documentclass[10pt,a4paper]{article}
\usepackage[utf8]{inputenc}
\usepackage{amsmath,amssymb}
\usepackage[margin=18mm]{geometry}
\setlength{\parindent}{0pt}
\setlength{\parskip}{4pt}
\allowdisplaybreaks
\begin{document}
"""

MAX_ROW_WIDTH = 88
"""Width in characters of a row of matrices."""

MAX_FORMULA_WIDTH = 95
"""Longest formula, in characters of its one-line form, that is not broken into its parts."""

BREAK = r" \\ "

LAST_LATIN = 0x17E
"""Last code point that LaTeX's standard fonts cover."""

_SPECIAL = {"\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}"}
_SPECIAL |= {
    "$": r"\$",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "−": "--",
    "×": r"$\times$",
    "·": r"$\cdot$",
}
_SPECIAL |= {"≤": r"$\leq$", "≥": r"$\geq$", "θ": r"$\theta$", "δ": r"$\delta$", "→": r"$\to$", "…": r"\ldots{}"}


def document(blocks: Sequence[Block]) -> str:
    """A complete article."""
    return PREAMBLE + "\n".join(_block(block) for block in blocks) + "\n\\end{document}\n"


def _block(block: Block) -> str:
    match block:
        case Heading(text, level):
            return rf"\{('section*', 'section*', 'subsection*', 'subsubsection*')[level]}{{{sentence(text)}}}"
        case Prose(text):
            return f"{sentence(text)}\n"
        case Formula(latex):
            rows = parts(latex) if len(linear(latex)) > MAX_FORMULA_WIDTH else [latex]
            return rf"\begin{{gather*}} {BREAK.join(rows)} \end{{gather*}}" if len(rows) > 1 else rf"\[ {latex} \]"
        case Numbers():
            return rf"{{\small\begin{{gather*}} {BREAK.join(rows_of(block))} \end{{gather*}}}}"
        case Table():
            return _table(block)


def sentence(text: str) -> str:
    """A sentence with special characters escaped and mathematics unchanged."""
    return "".join(f"${piece}$" if is_math else _escaped(piece) for is_math, piece in split_math(text))


def _escaped(text: str) -> str:
    return "".join(_SPECIAL.get(character) or _known(character) for character in text)


def _known(character: str) -> str:
    """The character, or its code point if LaTeX's standard fonts lack it (column names may contain anything)."""
    return character if ord(character) <= LAST_LATIN else f"[U+{ord(character):04X}]"


def rows_of(block: Numbers) -> list[str]:
    """The terms in rows that fit a line. Brackets have a fixed size because a pair may be split over two rows."""
    rows: list[list[str]] = [[]]
    used = 0
    for chunk in block.chunks():
        size = sum(_width(term) if isinstance(term, Grid) else 2 for term in chunk)
        if rows[-1] and used + size > MAX_ROW_WIDTH:
            rows.append([])
            used = 0
        rows[-1] += [matrix(term) if isinstance(term, Grid) else _sign(term) for term in chunk]
        used += size
    return [r" \; ".join(row) for row in rows]


def _sign(latex: str) -> str:
    return {OPEN: r"\Biggl(", CLOSE: r"\Biggr)", "": r"\quad"}.get(latex, latex)


def _width(grid: Grid) -> int:
    cells = grid.cells()
    columns = [max(len(row[c]) + (4 if "e" in row[c] else 0) for row in cells) for c in range(len(cells[0]))]
    return max(sum(size + 2 for size in columns) + 4, len(grid.shape_text) + 6)


def matrix(grid: Grid) -> str:
    """A matrix over a brace with its name and shape."""
    rows, columns = grid.rows.labels(), grid.columns.labels()
    named_rows, named_columns = not grid.rows.is_whole, not grid.columns.is_whole
    lines = []
    for i, cells in zip(rows, grid.cells(), strict=True):
        dots = r"\cdots" if i else r"\vdots"
        label = [rf"\scriptstyle {i}" if i else ""] if named_rows else []
        lines.append(" & ".join(label + [as_latex(cell) if cell else dots for cell in cells]))
    if named_columns:
        heads = [""] * named_rows + [rf"\scriptstyle {j}" if j else "" for j in columns]
        lines[0] = rf"{' & '.join(heads)} \\ \hline {lines[0]}"
    ended = r" \\ ".join(lines)
    body = rf"\left[\begin{{array}}{{{'r|' * named_rows}{'r' * len(columns)}}} {ended} \end{{array}}\right]"
    return rf"\underbrace{{{body}}}_{{{grid.name}\ {grid.shape_text}}}"


def _table(table: Table) -> str:
    spec = "".join("r" if c in table.right else "l" for c in range(len(table.header)))
    head = " & ".join(sentence(cell) for cell in table.header)
    rows = " \\\\\n".join(" & ".join(sentence(cell) for cell in row) for row in table.rows)
    return (
        f"\\begin{{center}}\\begin{{tabular}}{{{spec}}}\n{head} \\\\ \\hline\n{rows}\n\\end{{tabular}}\\end{{center}}"
    )
