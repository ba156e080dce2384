"""Explanations in Markdown with LaTeX between dollar signs, as GitHub, Jupyter and most wikis show it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pellucid.explanation.document import Block, Formula, Heading, Numbers, Prose, Table, split_math
from pellucid.explanation.latex import rows_of


def document(blocks: Sequence[Block]) -> str:
    """The complete document."""
    return "\n\n".join(_block(block) for block in blocks) + "\n"


def _block(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"{'#' * level} {sentence(text)}"
        case Prose(text):
            return sentence(text)
        case Formula(latex):
            return f"$$\n{latex}\n$$"
        case Numbers():
            return "\n\n".join(f"$$\n{row}\n$$" for row in rows_of(block))
        case Table():
            return _table(block)


def _table(table: Table) -> str:
    rule = ["---:" if c in table.right else ":---" for c in range(len(table.header))]
    lines = [table.header, rule, *table.rows]
    return "\n".join(f"| {' | '.join(map(sentence, line))} |" for line in lines)


def sentence(text: str) -> str:
    """A sentence with its mathematics; Markdown's special characters are escaped."""
    return "".join(
        f"${piece}$" if is_math else re.sub(r"([\\`*_<>|#$])", r"\\\1", piece) for is_math, piece in split_math(text)
    )
