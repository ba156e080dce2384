"""Explanations as HTML with MathML: one file, no script, no network."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from pellucid.explanation import mathml
from pellucid.explanation.document import CLOSE, OPEN, Block, Formula, Grid, Heading, Numbers, Prose, Table, split_math

STYLE = """
.pellucid { max-width: 62rem; margin: 0 auto; font: 16px/1.5 system-ui, sans-serif; color: #1a1a1a; background: #fff; }
.pellucid h1, .pellucid h2 { border-bottom: 1px solid #ccc; padding-bottom: .2em; margin: 1.6em 0 .6em; }
.pellucid h1, .pellucid h2, .pellucid h3 { font-weight: 600; }
.pellucid h1 { font-size: 1.6rem; }
.pellucid h2 { font-size: 1.3rem; }
.pellucid h3 { font-size: 1.05rem; margin: 1.4em 0 .4em; }
.pellucid p { margin: .5em 0; }
.pellucid .formula { margin: .7em 0; padding: .4em 1em; overflow-x: auto; }
.pellucid .formula { background: #f2f6fa; border-left: 3px solid #3b6ea5; }
.pellucid .formula math { display: inline math; font-size: 1.1em; }
.pellucid .numbers { display: flex; flex-wrap: wrap; align-items: center; gap: .6em .5em; margin: .8em 1em; }
.pellucid .numbers > span { display: flex; align-items: center; gap: .5em; }
.pellucid .numbers math { display: inline math; }
.pellucid .numbers .sign { font-size: 1.3em; }
.pellucid .numbers .paren { font-size: 2.6em; font-weight: 200; color: #555; }
.pellucid .matrix { display: inline-flex; flex-direction: column; align-items: center; }
.pellucid .brace { align-self: stretch; height: .3em; margin-top: .15em; }
.pellucid .brace { border: 1px solid #888; border-top: none; border-radius: 0 0 .3em .3em; }
.pellucid .name { font-size: .8em; color: #444; }
.pellucid mtd { padding: .12em .45em; text-align: right; text-align: -webkit-right; }
.pellucid mtd.i { color: #666; font-size: .75em; }
.pellucid table { border-collapse: collapse; margin: .8em 1em; display: block; overflow-x: auto; }
.pellucid .matrix math { overflow-x: auto; max-width: calc(100vw - 4rem); }
.pellucid table th { font-weight: 600; border-bottom: 1px solid #888; }
.pellucid table th, .pellucid table td { padding: .2em .9em; text-align: left; }
.pellucid table .right { text-align: right; }
"""


def body(blocks: Sequence[Block]) -> str:
    """The document without its style sheet."""
    return "".join(_block(block) for block in blocks)


def fragment(blocks: Sequence[Block]) -> str:
    """The document as one element with its style sheet, for notebooks."""
    return f'<div class="pellucid"><style>{STYLE}</style>{body(blocks)}</div>'


def page(blocks: Sequence[Block], title: str) -> str:
    """The document as a complete page."""
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"></head>'
        f'<body style="margin:2rem;background:#fff">{fragment(blocks)}</body></html>\n'
    )


def sentence(text: str) -> str:
    """A sentence as HTML, its mathematics as MathML."""
    return "".join(mathml.inline(piece) if is_math else escape(piece) for is_math, piece in split_math(text))


def _block(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"<h{level}>{sentence(text)}</h{level}>"
        case Prose(text):
            return f"<p>{sentence(text)}</p>"
        case Formula(latex):
            return f'<div class="formula">{mathml.block(latex)}</div>'
        case Numbers():
            chunks = ("".join(_term(term) for term in chunk) for chunk in block.chunks())
            return f'<div class="numbers">{"".join(f"<span>{chunk}</span>" for chunk in chunks)}</div>'
        case Table():
            return _table(block)


def _term(term: Grid | str) -> str:
    if isinstance(term, Grid):
        name = f'<span class="name">{mathml.inline(term.name)} {escape(term.shape_text)}</span>'
        return f'<span class="matrix">{mathml.grid(term)}<span class="brace"></span>{name}</span>'
    if term in (OPEN, CLOSE):
        return f'<span class="paren">{"(" if term == OPEN else ")"}</span>'
    return f'<span class="sign">{mathml.inline(term)}</span>' if term else "<span></span>"


def _table(table: Table) -> str:
    def row(cells: Sequence[str], tag: str) -> str:
        written = (
            f'<{tag} class="{"right" if c in table.right else "left"}">{sentence(cell)}</{tag}>'
            for c, cell in enumerate(cells)
        )
        return f"<tr>{''.join(written)}</tr>"

    return f"<table>{row(table.header, 'th')}{''.join(row(cells, 'td') for cells in table.rows)}</table>"
