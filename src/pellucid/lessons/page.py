"""How lessons write: headings, paragraphs of a readable width, and numbers between them.

A lesson runs with any settings, so a sentence about its numbers is of one of three kinds. It is true whatever they are
(`say`); or it stands only where they bear it out (`when`); or it is about the settings of the tutorial, and says so
where others were chosen (`Settings.by_default`).
"""

import textwrap
from collections.abc import Iterable

import numpy as np

WIDTH = 79  # a terminal is 80 columns wide, or more
PARAGRAPH = "\n\n"


def heading(text: str) -> None:
    """A line that begins a part of the lesson.

    >>> heading("The data")
    <BLANKLINE>
    The data
    --------
    """
    print(f"\n{text}\n{'-' * len(text)}")


def say(*pieces: str) -> None:
    """Print paragraphs, filled to one width, with the blank lines that stand between and before them.

    Pieces follow each other in one paragraph, unless a piece begins with a blank line; empty pieces vanish. A
    paragraph that is indented further than the rest, a formula or a drawing, stays as it is.

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
    """A sentence that stands only where the numbers of this run bear it out; `otherwise` stands where they do not.

    >>> when(1 < 2, "One is less than two.")
    'One is less than two.'
    """
    return text if condition else otherwise


def count(number: int, one: str, many: str = "") -> str:
    """A number with its noun.

    >>> count(1, "pass", "passes"), count(3, "hidden unit")
    ('1 pass', '3 hidden units')
    """
    return f"{number} {one if number == 1 else many or one + 's'}"


def listed(things: Iterable[object]) -> str:
    """Things in a sentence.

    >>> listed([100, 200, 400]), listed(["tanh"])
    ('100, 200 and 400', 'tanh')
    """
    words = [str(thing) for thing in things]
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def progress_every(passes: int, lines: int = 20) -> int:
    """After how many passes to print a line, for about so many lines in all.

    >>> progress_every(20_000), progress_every(30), progress_every(3)
    (1000, 1, 1)
    """
    return max(1, passes // lines)
