"""Each package speaks plainly: riddles and replaced names stay out of its source.

A package is added to `PACKAGES` when its words have been revised, with the names that were replaced in it.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "pellucid"

RIDDLES = (
    r'"""What ',  # a thing that has a noun
    r"\b(is|are|be|was|were) told\b",
    r"\bat hand\b",
    r"\bby lot\b",
    r"\bgoes on\b",
    r"\bwhere there (is|are)\b",
    r"\b(any|some)body\b",
    r"\bheld against\b",
    r"\bas people (get|hand)\b",
    r"\bstands? still\b",
    r"\b_?(MOST|FEWEST|LEAST|LARGEST|SMALLEST)_[A-Z]",  # constants are MAX_ and MIN_
    r"^_?[A-Z]+_AN?_[A-Z]+\b",  # … and X_PER_Y
)
"""Phrases that are banned in every revised package."""

PLAYGROUND = (
    r"\bSubject\b", r"\bOutlet\b", r"\bPainter\b", r"\bOrder\b", r"\bGate\b", r"\bComing\b", r"\bMOST_",
)  # fmt: skip
PUBLIC_VALUES = ('"cannot be told"',)
"""Values that users compare with; they stay until they are deprecated."""

PACKAGES: dict[str, tuple[str, ...]] = {
    "optimizers": (),
    "training": (
        r"\bMoment\b", r"\breturn_to\b", r"\bDescent\b", r"\bStopper\b", r"\bWatch\b", r"\blooking_out\b",
        r"\bat_a_time\b", r"\bquasi_newton\b",
    ),
    "gradcheck": (
        r"\bsuspects?\b", r"\bHabits?\b", r"\bhabits?\b", r"\bconvicted\b", r"\bslips?\b", r"\bWays\b", r"\bjudged?\(",
        r"\bSubject\b", r"\bfound_out\b", r"\bALIKE\b", r"\bSlopes\b", r"\bvouches\b", r"\bREADERS\b",
    ),
    "playground/hosts": PLAYGROUND, "playground/rows": PLAYGROUND, "playground/views": PLAYGROUND,
    "playground/runs": PLAYGROUND,
    "network": (r"\bmend\b",),
    "models": (),
    "cli": (),
    "plots": (r"\bshown\(", r"\banswers\(", r"\bstrangers\b"),
    "datasets": (r"\btold apart\b",),
    "tables": (r"\btaken apart\b", r"\bhow people write\b"),
    "estimators": (r"\bBridge\b", r"\bAnswers\b", r"\btold\b"),
    "explanation/doctor": (r"\b[Ii]llness", r"\bguessing\(", r"\bby heart\b", r"\bpull\b"),
    "explanation/preflight": (r"\bSURPRISED_", r"\bBY_HEART\b", r"\bStory\b", r"\b(FEWEST|MOST|LEAST)_"),
}  # fmt: skip
"""Revised packages, and the names that were replaced in each."""


@pytest.mark.parametrize("package", PACKAGES)
def test_no_riddles_and_no_replaced_names(package: str) -> None:
    banned = re.compile("|".join((*RIDDLES, *PACKAGES[package])))
    files = sorted((SOURCE / package).rglob("*.py"))
    assert files, f"no package {package}"
    found = [
        f"{path.relative_to(SOURCE)}:{number}: {match.group()!r}"
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (match := banned.search(functools.reduce(lambda text, value: text.replace(value, ""), PUBLIC_VALUES, line)))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("line", "allowed"),
    [
        ('"""What an engine is told."""', False),
        ("# which mask is drawn by lot", False),
        ('"""The mask of a dropout layer."""', True),
        ("def suspects(probe):", False),
        ("def hypotheses(probe):", True),
    ],
)
def test_the_list_finds_what_it_bans(line: str, allowed: bool) -> None:
    banned = re.compile("|".join((*RIDDLES, *PACKAGES["gradcheck"])))
    assert (banned.search(line) is None) is allowed
