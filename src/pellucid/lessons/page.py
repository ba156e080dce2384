"""How lessons write: headings, paragraphs of a readable width, and numbers between them."""

import textwrap

WIDTH = 79  # a terminal is 80 columns wide, or more


def heading(text: str) -> None:
    """A line that begins a part of the lesson.

    >>> heading("The data")
    <BLANKLINE>
    The data
    --------
    """
    print(f"\n{text}\n{'-' * len(text)}")


def say(text: str) -> None:
    """Print paragraphs, filled to one width, with the blank lines that stand between and before them.

    A paragraph indented further than the rest, a formula or a drawing, stays as it is.

    >>> say('''
    ...     Two lines of the source
    ...     become one.
    ...
    ...         z = x w + b
    ... ''')
    Two lines of the source become one.
    <BLANKLINE>
        z = x w + b
    """
    if text.startswith("\n\n"):
        print()
    paragraphs = textwrap.dedent(text).strip("\n").rstrip().split("\n\n")
    print("\n\n".join(part if part.startswith(" ") else textwrap.fill(part, WIDTH) for part in paragraphs))


def progress_every(passes: int, lines: int = 20) -> int:
    """After how many passes to print a line, for about so many lines in all.

    >>> progress_every(20_000), progress_every(30), progress_every(3)
    (1000, 1, 1)
    """
    return max(1, passes // lines)
