"""`Report`: a titled document of blocks, with its writers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pellucid.explanation import html, latex, markdown, terminal
from pellucid.explanation.document import Block
from pellucid.maths.registry import unknown_name

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult


class Report:
    """A document: print it, show it in a notebook, or save it as HTML, LaTeX, Markdown or text."""

    def __init__(self, title: str, blocks: Sequence[Block]) -> None:
        self.title = title
        self.blocks = tuple(blocks)

    @property
    def text(self) -> str:
        """The report for a terminal, without colours."""
        return self.to_text()

    def to_text(self, width: int = terminal.WIDTH) -> str:
        """Lines of at most `width` characters (a single matrix or table may be wider)."""
        return "\n".join(line for _, line in terminal.lines(self.blocks, width)).strip("\n") + "\n"

    def to_html(self) -> str:
        """The report as a page with MathML; it loads nothing and runs no script."""
        return html.page(self.blocks, self.title)

    def to_latex(self) -> str:
        """The report as an article that compiles with amsmath."""
        return latex.document(self.blocks)

    def to_markdown(self) -> str:
        """The report in Markdown, with LaTeX between dollar signs."""
        return markdown.document(self.blocks)

    def save(self, path: str | Path) -> Path:
        """Write to a file; the suffix selects the format: .html, .tex, .md or .txt."""
        path = Path(path)
        writers = {
            ".html": self.to_html,
            ".tex": self.to_latex,
            ".md": self.to_markdown,
            ".txt": self.to_text,
        }
        if path.suffix.lower() not in writers:
            raise ValueError(unknown_name("file type", path.suffix or str(path), writers))
        path.write_text(writers[path.suffix.lower()](), encoding="utf-8")
        return path

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text.rstrip("\n")

    def _repr_html_(self) -> str:
        return html.fragment(self.blocks)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from rich.text import Text

        for style, line in terminal.lines(self.blocks, options.max_width):
            yield Text(line, style=style, no_wrap=True, overflow="ignore")
