"""The console that every command prints to: text from the data is printed literally."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from pellucid.cli.signs import visible_lines


class Terminal(Console):
    """A rich console without emoji codes, markup and automatic colours, which escapes control codes."""

    def __init__(self, **options: Any) -> None:
        super().__init__(highlight=False, markup=False, emoji=False, **options)

    def render_str(self, text: str, **options: Any) -> Text:
        """Text to print, measured after escaping."""
        return super().render_str(visible_lines(text), **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """All output passes here as segments of text; colours are added later."""
        for piece in super().render(renderable, options):
            yield piece if piece.control else Segment(visible_lines(piece.text), piece.style)

    def on_broken_pipe(self) -> NoReturn:
        """Reraise, so that `outcomes` handles it; called while the error is being handled."""
        raise
