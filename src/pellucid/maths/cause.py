"""What a check names when it finds a fault: the likely mistake, and a sentence with the evidence."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cause:
    """A likely mistake: a short `name` for it and a `sentence` with the evidence.

    `where` is the label of the one group it is about, where numbers cannot say it: a group of another shape.
    """

    name: str
    sentence: str
    where: str = ""
