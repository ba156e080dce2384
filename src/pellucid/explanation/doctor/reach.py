"""Why a network that has stopped learning answers badly: what it is held back by, or cannot express.

Each cause is tried out on copies before it is named (`trials`), and the first that explains the loss is the one told.
"""

from __future__ import annotations

from collections.abc import Iterator

from pellucid.explanation.doctor import course
from pellucid.explanation.doctor.case import Case, Finding
from pellucid.explanation.doctor.trials import penalty_of
from pellucid.explanation.doctor.words import Remedy
from pellucid.explanation.numbers import shown

MUCH = 0.5
"""A remedy explains the loss where it brings it below this share of what it was."""
LESS = 0.8
"""The same on rows kept aside, where the difference must be clear besides."""
UNITS = 32


def held_back(case: Case) -> Iterator[Finding]:
    """A penalty or dropout that is too strong, a run stuck where it began, too few units, or no signal at all."""
    trials = case.trials
    if trials is None or not trials.possible or not trials.badly or not _has_come_to_rest(case) or not trials.signal:
        return
    now, dropout = trials.now, max((spec.dropout for spec in case.network.specs), default=0.0)
    longer = trials.continued(case.penalty)
    if longer < MUCH * now:
        if case.history is not None and case.history.ending in ("", "completed") and case.history["rate"][-1]:
            yield case.finding(
                "not finished",
                f"The loss is {shown(now)} after {len(case.history)} epochs; trained on from here it falls to "
                f"{shown(longer)}.",
                "The run ended before it had learned what this network can learn.",
                Remedy("epochs", 10 * len(case.history)),
                Remedy("learning rate", max(0.01, 3 * case.history["rate"][-1])),
            )
        return
    if dropout:
        tried = trials.without(case.penalty, dropout=True)
        if tried.clear and tried.second < LESS * tried.first:
            yield case.finding(
                "dropout too strong",
                f"With dropout {dropout:g} the loss on rows kept aside is {shown(tried.first)}; without it, "
                f"{shown(tried.second)}.",
                "So many units are silent in each step that what one step teaches, the next cannot use.",
                Remedy("dropout", min(0.2, dropout / 4)),
            )
            return
    strength = penalty_of(case.penalty)
    if strength > 0:
        tried = trials.without(case.penalty, dropout=False)
        if tried.clear and tried.second < LESS * tried.first:
            yield case.finding(
                "penalty too strong",
                f"With a penalty of strength {shown(strength)} the loss on rows kept aside is {shown(tried.first)}; "
                f"without it, {shown(tried.second)}.",
                "The penalty pulls the weights to 0 more strongly than the data pull them away.",
                Remedy("l2", strength / 1000),
            )
            return
    again, seed = trials.again(case.penalty)
    if again < MUCH * now:
        yield case.finding(
            "stuck",
            f"The loss stays at {shown(now)}; the same network from other first weights reaches {shown(again)}.",
            "From these first weights the way down ends in a valley that is not the deepest.",
            Remedy("hidden", max(8, 2 * case.network.specs[0].units)),
            Remedy("seed", seed),
        )
        return
    tried = trials.wider(UNITS)
    if tried.clear and tried.second < LESS * tried.first:
        linear = len(case.network.specs) == 1
        yield case.finding(
            "a line is not enough" if linear else "too few units",
            f"On rows that were kept aside the loss is {shown(tried.first)}; with a hidden layer of {UNITS} "
            f"units it is {shown(tried.second)}.",
            "Without a hidden layer the border is a straight line, whatever the training."
            if linear
            else "So few units cannot bend the answer as the data ask for.",
            Remedy("hidden", UNITS),
        )
        return


def no_signal(case: Case) -> Iterator[Finding]:
    """Targets that the inputs tell nothing of, learned by heart or not at all."""
    trials, history = case.trials, case.history
    if trials is None or not trials.possible or history is None or len(history) < course.FEWEST_EPOCHS:
        return
    if trials.signal:
        return
    yield case.finding(
        "no signal",
        f"Neither neighbours, nor a straight line, nor this network answer rows kept aside better than the best "
        f"constant answer (loss {shown(trials.constant)}; the loss here is {shown(trials.now)}).",
        "The inputs tell nothing of the targets: what is learned, if anything, is noise by heart.",
        text="check that rows and targets are in the same order, and look for columns that have to do with the target",
    )


def _has_come_to_rest(case: Case) -> bool:
    """Whether the course of the run does not explain the loss: neither its rate nor its length is to blame."""
    if case.history is None or len(case.history) < course.FEWEST_EPOCHS:
        return False
    return not any(any(illness(case)) for illness in (course.rate_too_high, course.rate_too_low, course.not_finished))
