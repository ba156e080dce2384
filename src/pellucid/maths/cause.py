"""`Cause`: the likely mistake that a check reports, with its evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Cause:
    """A likely mistake: a short `name` and a `sentence` with the evidence.

    `where` is the label of the parameter group with the mistake, if numbers cannot show it: a group of wrong shape.
    """

    name: str
    sentence: str
    where: str = ""


def listed(labels: Sequence[str]) -> str:
    """Labels as an enumeration in a sentence.

    >>> listed(["W1"]), listed(["W1", "b1", "W2"])
    ('W1', 'W1, b1 and W2')
    """
    return labels[0] if len(labels) == 1 else ", ".join(labels[:-1]) + " and " + labels[-1]
