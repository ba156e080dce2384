"""The terminal as every command writes to it: text of the data stays text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from pellucid.cli.signs import visible_lines


class Terminal(Console):
    """A console of rich without emoji codes, markup and colours of its own choice, to which no control code passes."""

    def __init__(self, **options: Any) -> None:
        super().__init__(highlight=False, markup=False, emoji=False, **options)

    def render_str(self, text: str, **options: Any) -> Text:
        """Text to print, measured as it will be shown."""
        return super().render_str(visible_lines(text), **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Whatever is printed ends here as pieces of text; colours are added to them later."""
        for piece in super().render(renderable, options):
            yield piece if piece.control else Segment(visible_lines(piece.text), piece.style)

    def on_broken_pipe(self) -> NoReturn:
        """Let `outcomes` answer it, as any failure; called while the error is being handled."""
        raise
