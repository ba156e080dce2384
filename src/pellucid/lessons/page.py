"""Print the text of lessons: headings, paragraphs of a readable width, and numbers between them.

A lesson runs with any settings, so there are three kinds of sentences about its numbers: those that are always true
(`say`), those that are printed only if the numbers of this run confirm them (`when`), and those about the default
settings, which say so if others were chosen (`Settings.by_default`).
"""

import textwrap
from collections.abc import Iterable

import numpy as np

WIDTH = 79  # a terminal is 80 columns wide, or more
PARAGRAPH = "\n\n"


def heading(text: str) -> None:
    """Print the heading of a part of the lesson.

    >>> heading("The data")
    <BLANKLINE>
    The data
    --------
    """
    print(f"\n{text}\n{'-' * len(text)}")


def say(*pieces: str) -> None:
    """Print paragraphs, wrapped to one width, with the blank lines between and before them.

    Pieces are joined to one paragraph, unless a piece begins with a blank line; empty pieces are dropped. A paragraph
    that is indented further than the rest, such as a formula or a drawing, is not wrapped.

    >>> say('''
    ...     Two lines of the source
    ...     become one.
    ...
    ...         z = x w + b
    ... ''')
    Two lines of the source become one.
    <BLANKLINE>
        z = x w + b
    >>> accuracy = 0.7
    >>> say("That is 7 in 10.", when(accuracy > 0.9, "Well done.", otherwise="More passes would help."))
    That is 7 in 10. More passes would help.
    """
    written = [piece for piece in pieces if piece.strip()]
    if not written:
        return
    if pieces[0].startswith(PARAGRAPH) or written[0].startswith(PARAGRAPH):
        print()
    paragraphs: list[str] = []
    for piece in written:
        parts = textwrap.dedent(piece).strip("\n").rstrip().split(PARAGRAPH)
        if paragraphs and not piece.startswith(PARAGRAPH):
            paragraphs[-1] += f" {parts.pop(0)}"
        paragraphs += parts
    print(PARAGRAPH.join(part if part.startswith(" ") else textwrap.fill(part, WIDTH) for part in paragraphs))


def when(condition: bool | np.bool_, text: str, otherwise: str = "") -> str:
    """A sentence that is printed only if the numbers of this run confirm it; else `otherwise` is printed.

    >>> when(1 < 2, "One is less than two.")
    'One is less than two.'
    """
    return text if condition else otherwise


def count(number: int, one: str, many: str = "") -> str:
    """A count with its noun.

    >>> count(1, "pass", "passes"), count(3, "hidden unit")
    ('1 pass', '3 hidden units')
    """
    return f"{number} {one if number == 1 else many or one + 's'}"


def listed(things: Iterable[object]) -> str:
    """An enumeration for a sentence.

    >>> listed([100, 200, 400]), listed(["tanh"])
    ('100, 200 and 400', 'tanh')
    """
    words = [str(thing) for thing in things]
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def progress_every(passes: int, lines: int = 20) -> int:
    """The number of passes between two progress lines, for a readable number of lines.

    >>> progress_every(20_000), progress_every(30), progress_every(3)
    (1000, 1, 1)
    """
    return max(1, passes // lines)
