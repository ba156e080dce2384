"""The result of a preflight: a verdict on each step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pellucid.explanation.document import Block, Heading, Prose, literal, table
from pellucid.explanation.report import Report

Outcome = Literal["ok", "FAILED", "cannot be told", "not applicable"]


@dataclass(frozen=True)
class Verdict:
    """The verdict on one step.

    Attributes
    ----------
    name : str
        "loss at the start", …
    outcome : "ok", "FAILED", "cannot be told" or "not applicable"
    what : str
        What was measured.
    advice : str
        What to do; "" if nothing.
    """

    name: str
    outcome: Outcome
    what: str
    advice: str = ""

    @property
    def passed(self) -> bool | None:
        """True or False; None if undetermined or not applicable."""
        return {"ok": True, "FAILED": False}.get(self.outcome)


class Preflight(Report):
    """All verdicts; true if no step has failed. Print it, show it in a notebook, or save it.

    Attributes
    ----------
    verdicts : tuple of Verdict
    interrupted : bool
        Whether it was ended by Ctrl-C; earlier verdicts are kept.
    """

    def __init__(self, verdicts: Sequence[Verdict], summary: str, interrupted: bool) -> None:
        self.verdicts, self.interrupted = tuple(verdicts), interrupted
        failed = [verdict.name for verdict in verdicts if verdict.passed is False]
        title = f"preflight: {', '.join(failed)} FAILED" if failed else "preflight: nothing stands in the way"
        if interrupted:
            title += " (interrupted: the steps after this one were not tried)"
        rows = [(verdict.name, verdict.outcome, literal(verdict.what)) for verdict in verdicts]
        blocks: list[Block] = [Heading(title, 1), Prose(f"Looked at: {summary}.")]
        blocks.append(table(("step", "verdict", "what was measured"), rows))
        blocks += [
            Prose(f"{verdict.name.capitalize()}: {literal(verdict.advice)}") for verdict in verdicts if verdict.advice
        ]
        super().__init__(title, blocks)

    @property
    def passed(self) -> bool:
        """Whether no step has failed."""
        return all(verdict.passed is not False for verdict in self.verdicts)

    def __bool__(self) -> bool:
        return self.passed

    def __getitem__(self, name: str) -> Verdict:
        """The verdict of the step with this name."""
        return next(verdict for verdict in self.verdicts if verdict.name == name)
