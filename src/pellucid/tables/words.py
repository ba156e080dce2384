"""Words that people and programs write for missing values, and when such a word means one.

The word alone does not decide: `NA` is Namibia, `Na` is sodium, `none` may be a kind of damage. Its column decides: the
word means a missing value among numbers or dates, or, in a column of text, if it is rare.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Collection, Mapping

WRITTEN_BY_PROGRAMS = frozenset(
    [
        "na", "n/a", "#n/a", "#na", "<na>", "n.a.", "nan", "-nan", "nat", "null", "<null>", "(null)", "\\n",
        "#null!", "#div/0!", "#value!", "#ref!", "#name?", "#num!", "#n/v", "#wert!", "1.#qnan", "-1.#ind",
    ]
)  # fmt: skip
"""Always missing among numbers, however frequent."""

WRITTEN_BY_PEOPLE = frozenset(
    [
        "none", "nil", "-", "--", "---", "–", "—", "?", "??", ".", "..", "...", "*", "x", "n.d.", "n.d", "nd", "n.b.",
        "k.a.", "s.d.", "missing", "unknown", "unk", "unspecified", "undefined", "tbd", "tba", "empty", "blank",
        "not available", "not known", "no data", "not applicable",
    ]
)  # fmt: skip

_RARE = 0.05
"""Share of rows below which such a word may be taken as missing in a column of text."""


def is_usual_missing(word: str) -> bool:
    """Whether a word is one of those that usually mean a missing value, in any mixture of upper and lower case."""
    small = word.strip().lower()
    return small in WRITTEN_BY_PROGRAMS or small in WRITTEN_BY_PEOPLE


def missing_in_text(counts: Mapping[str, int]) -> dict[str, int]:
    """The words of a column of text that are taken as missing, with their counts.

    Only those that programs write, and `-` and `?`; and only if they are rare and do not look like the other values.
    `none` is a value, however rare.

    >>> missing_in_text({"minor": 90, "major": 70, "none": 80})
    {}
    >>> missing_in_text({"minor": 90, "major": 70, "N/A": 2})
    {'N/A': 2}
    >>> missing_in_text({"DE": 90, "NO": 70, "NA": 2})
    {}
    """
    candidates = {word: count for word, count in counts.items() if _may_be_missing(word)}
    others = {word: count for word, count in counts.items() if word not in candidates}
    if not others and all(word.lower() in WRITTEN_BY_PROGRAMS for word in candidates):
        return candidates
    if not candidates or not others:
        return {}
    usual = statistics.median(others.values())
    most = _RARE * sum(counts.values())
    return {
        word: count
        for word, count in candidates.items()
        if count <= most and count < usual / 2 and not _like_the_others(word, others)
    }


def missing_among_numbers(odd: Mapping[str, int], *, numbers: int, different: int, whole: bool) -> dict[str, int]:
    """The words among numbers (or dates) that are taken as missing; empty if the column has to stay text.

    `numbers` values are numbers, `different` of them distinct; `whole`: all are whole numbers, and may thus be classes.

    >>> missing_among_numbers({"nil": 20}, numbers=400, different=300, whole=False)
    {'nil': 20}
    >>> missing_among_numbers({"none": 150}, numbers=300, different=3, whole=True)
    {}
    """
    if not numbers:
        return {}
    everything = numbers + sum(odd.values())
    frequent = 0.05 if whole and different <= 20 else 0.5
    usual = {word: n for word, n in odd.items() if word.lower() in WRITTEN_BY_PROGRAMS}
    usual |= {
        word: n for word, n in odd.items() if word.lower() in WRITTEN_BY_PEOPLE and n <= max(1, frequent * everything)
    }
    strange = {word: n for word, n in odd.items() if word not in usual}
    if not strange:
        return usual
    count = sum(strange.values())
    few_kinds = 0.2 if len(strange) <= 3 else 0.05
    tolerated = 0.02 if whole and different <= 20 else few_kinds
    rare = numbers >= 4 and count <= max(1, tolerated * everything)
    return usual | strange if rare else {}


def _may_be_missing(word: str) -> bool:
    return word.lower() in WRITTEN_BY_PROGRAMS or word.lower() in {"-", "--", "?"}


def _like_the_others(word: str, others: Collection[str]) -> bool:
    """Whether most values have the form of the word: two capitals among country codes, one sign among signs."""
    form = _form(word)
    alike = sum(_form(other) == form for other in others)
    return 2 * alike > len(others)


def _form(word: str) -> str:
    return re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "0", re.sub(r"[^\w\s]", "-", word)))
