"""Illnesses of settings: a penalty or dropout far too strong, and a network too small for what the rows say."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pellucid.explanation.doctor.case import Case, Finding
from pellucid.explanation.doctor.data import guessing
from pellucid.explanation.doctor.remedies import Remedy
from pellucid.training.history import History

STRONG_DROPOUT = 0.6
"""Beyond this share, more units are silent than is usual anywhere."""

CLEAR = 3.0
"""Standard errors between two accuracies that differ clearly."""

DECISIVE = 0.1
"""Of the loss, from which on a penalty can be what holds a network back."""

MARGIN = 0.05
"""Accuracy, or share of variance, that must be missing before a network is called too small."""


def falls_short(case: Case, *, unsure: bool = False) -> tuple[float, float, str] | None:
    """What the network reaches, what a curve reaches on rows left out, and of what; None where it falls not short.

    `unsure` networks, whose classes are right and whose probabilities hardly differ, fall short, too.
    """
    probe = case.probe
    if probe is None or not probe.has_signal or case.explained is None or case.is_imbalanced:
        return None
    if case.accuracy is not None and probe.curve_accuracy is not None:
        gap = probe.curve_accuracy - case.accuracy
        noise = CLEAR * np.sqrt(max(case.accuracy * (1 - case.accuracy), 0.01) / probe.n)
        if gap > max(MARGIN, noise):
            return case.accuracy, probe.curve_accuracy, "of the rows are answered right"
        if not unsure or probe.curve - case.explained <= 0.25:
            return None
        return case.explained, probe.curve, "of the variance is explained"
    if probe.curve - case.explained > max(2 * MARGIN, 3 / np.sqrt(probe.n) * (1 - probe.curve)):
        return case.explained, probe.curve, "of the variance is explained"
    return None


def penalty_too_strong(case: Case) -> Iterator[Finding]:
    """The network falls short of what the rows say, and it is the penalty that holds its weights small."""
    short = falls_short(case, unsure=True)
    if short is None or case.passed is None or case.history is None:
        return
    pull = _pull(case)
    if pull is None:
        return
    reached, possible, what = short
    fitting = 1e-3 if possible > 0.8 else 1e-2  # noisy rows need some
    strength = case.penalty.strength if case.penalty is not None else None
    if case.alpha is not None:
        advised = min(case.alpha / 10, fitting)
    else:
        advised = fitting if strength is None else min(strength / 10, fitting)
    size = float(
        np.sqrt(
            np.mean(
                [np.mean(weights.astype(np.float64) ** 2) for layer in case.network.layers for weights in layer.weights]
            )
        )
    )
    now = f" (now {case.alpha if case.alpha is not None else strength:.3g})" if (strength or case.alpha) else ""
    yield Finding(
        "penalty too strong",
        f"The penalty{now} holds the weights at {size:.2g} (root mean square): {reached:.0%} {what}, where "
        f"a curve reaches {possible:.0%} on rows left out. The loss is {case.loss:.3g}; without inputs it is "
        f"{guessing(case):.3g}.",
        "Most of what the data pulls at the weights is pulled back by the penalty.",
        (Remedy("less_penalty", float(advised)),),
        {"reached": reached, "possible": possible, "pull": pull},
    )


def _pull(case: Case) -> float | None:
    """The penalty as a share of the loss, at the start or now, where it is so large that it decides; else None."""
    history, penalty = case.history, case.penalty
    if history is None or not len(history) or case.loss is None:
        return None
    at_start = _penalty_at_start(history) / max(guessing(case), 1e-300)
    now = 0.0
    if penalty is not None:
        with np.errstate(all="ignore"):
            objective = case.network.objective(penalty)
            now = objective.penalty_value(case.network.layers) / max(abs(case.loss), 1e-300)
    share = max(at_start, now)
    return share if np.isfinite(share) and share > DECISIVE else None


def _penalty_at_start(history: History) -> float:
    """What the penalty added to the first epoch's loss."""
    loss = float(history["loss"][0])
    added = float(history["objective"][0]) - loss
    return added if added > 1e-6 * abs(loss) else 0.0


def dropout_too_strong(case: Case) -> Iterator[Finding]:
    """So many units are silent in each step that the loss in training is far from the loss at rest."""
    dropouts = [spec.dropout for spec in case.network.specs[:-1]]
    strongest = max(dropouts, default=0.0)
    history = case.history
    if strongest <= STRONG_DROPOUT or history is None or len(history) < 3 or case.loss is None:
        return
    late = float(np.median(history["loss"][-max(3, len(history) // 10) :]))
    chance = guessing(case)
    short = falls_short(case, unsure=True)
    if not (late > 1.3 * case.loss and late > 0.15 * chance) and short is None:
        return
    layer = dropouts.index(strongest)
    units = case.network.specs[layer].units
    reached = "" if short is None else f" {short[0]:.0%} {short[2]}, where a curve reaches {short[1]:.0%}."
    yield Finding(
        "dropout too strong",
        f"Dropout {strongest:g} leaves {units * (1 - strongest):.2g} of {units} units of layer {layer + 1} at each "
        f"step: the loss with it is {late:.3g}, without it {case.loss:.3g} (without inputs: {chance:.3g}).{reached}",
        "What is learned in one step hardly ever meets the same units in the next.",
        (Remedy("dropout", 0.2),),
        {"dropout": strongest, "loss with": late, "loss without": case.loss},
    )


def no_hidden_layer(case: Case) -> Iterator[Finding]:
    """A line is learned where a line is not enough."""
    specs, short = case.network.specs, falls_short(case)
    linear = all(spec.activation.name in ("identity", "linear") for spec in specs[:-1])
    if not linear or case.history is None:
        return
    tiny = learned_by_heart_fails(case)
    if short is None and tiny is None:
        return
    probe = case.probe
    if tiny is None and probe is not None:
        accuracies = probe.curve_accuracy is not None and probe.line_accuracy is not None
        gain = probe.curve - probe.line
        better = probe.curve_accuracy - probe.line_accuracy if accuracies else gain  # type: ignore[operator]
        if max(gain, better) < MARGIN:
            return
    reached, possible, what = (
        short if tiny is None and short is not None else (tiny or 0.0, 1.0, "of the rows are right")
    )
    hidden = "no hidden layer" if len(specs) == 1 else "hidden layers without a curved activation (identity)"
    cure = Remedy("hidden", 16) if len(specs) == 1 else Remedy("activation", "tanh")
    yield Finding(
        "no hidden layer",
        f"The network has {hidden}, so that its classes are parted by a line: {reached:.0%} {what}, where a curve "
        f"reaches {possible:.0%}.",
        "What is not straight cannot be learned by sums of the inputs, however long it is trained.",
        (cure,),
        {"reached": reached, "possible": possible},
    )


def too_few_units(case: Case) -> Iterator[Finding]:
    """The run has ended, and the network falls short of what the rows say."""
    specs = case.network.specs[:-1]
    if not specs or case.history is None:
        return
    short, tiny = falls_short(case), learned_by_heart_fails(case)
    if short is None and tiny is None:
        return
    reached, possible, what = short if short is not None else (tiny or 0.0, 1.0, "of the rows are right")
    widths = [spec.units for spec in specs]
    narrow = min(widths)
    loss = f"The loss has come to rest at {case.loss:.3g}"
    if narrow < 10:
        units = max(16, 4 * narrow)
        yield Finding(
            "too few units",
            f"{loss} with {narrow} unit(s) in layer {widths.index(narrow) + 1}: {reached:.0%} {what}, where "
            f"{'the rows can be told apart' if tiny is not None and short is None else 'a curve reaches'} "
            f"{possible:.0%}.",
            "A layer can bend the plane only as often as it has units; with few of them a run also stays in a bad "
            "valley more easily.",
            (Remedy("units", units),),
            {"units": narrow, "reached": reached, "possible": possible},
        )
        return
    if case.history.ending == "early stopping":
        return  # the validation rows decided
    yield Finding(
        "stuck",
        f"{loss}: {reached:.0%} {what}, where {possible:.0%} can be reached.",
        "The run stays in a valley that is not deep, or on a plateau.",
        (Remedy("random_state", 1), Remedy("activation", "tanh")),
        {"reached": reached, "possible": possible},
    )


def learned_by_heart_fails(case: Case) -> float | None:
    """The accuracy on a handful of distinct rows (XOR) that could be learned by heart and were not; else None."""
    if case.accuracy is None or case.accuracy == 1 or not 4 <= case.n <= 16:
        return None
    truth = case.classes
    distinct = len(np.unique(case.X, axis=0))
    assert truth is not None
    if distinct == case.n and len(np.unique(truth)) > 1 and case.X.shape[1] <= 4:
        return case.accuracy
    return None
