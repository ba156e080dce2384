"""Problems of settings: a penalty or dropout that is far too strong, and a network that is too small."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pellucid.explanation.doctor.case import Case, Finding
from pellucid.explanation.doctor.data import baseline_loss
from pellucid.explanation.doctor.remedies import Remedy
from pellucid.training.history import History

STRONG_DROPOUT = 0.6
"""Dropout above which it is stronger than in any usual network."""

CLEAR = 3.0
"""Standard errors by which two accuracies must differ to count as different."""

DECISIVE = 0.1
"""Share of the loss above which a penalty may be the reason for underfitting."""

MARGIN = 0.05
"""Gap in accuracy, or in R², to the reference models above which a network underfits."""


def falls_short(case: Case, *, unsure: bool = False) -> tuple[float, float, str] | None:
    """The network's score, the higher leave-one-out score of a reference model, and what they measure; else None.

    `unsure`: report also a network whose classes are right, but whose probabilities hardly differ.
    """
    probe = case.probe
    if probe is None or not probe.has_signal or case.explained is None or case.is_imbalanced:
        return None
    if case.accuracy is not None and probe.curve_accuracy is not None:
        gap = probe.curve_accuracy - case.accuracy
        noise = CLEAR * np.sqrt(max(case.accuracy * (1 - case.accuracy), 0.01) / probe.n)
        if gap > max(MARGIN, noise):
            return case.accuracy, probe.curve_accuracy, "of the rows are predicted correctly"
        if not unsure or probe.curve - case.explained <= 0.25:
            return None
        return case.explained, probe.curve, "of the variance is explained"
    if probe.curve - case.explained > max(2 * MARGIN, 3 / np.sqrt(probe.n) * (1 - probe.curve)):
        return case.explained, probe.curve, "of the variance is explained"
    return None


def penalty_too_strong(case: Case) -> Iterator[Finding]:
    """The network underfits, and the penalty is a large part of its loss."""
    short = falls_short(case, unsure=True)
    if short is None or case.passed is None or case.history is None:
        return
    share = _penalty_share(case)
    if share is None:
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
        f"The penalty{now} keeps the weights at {size:.2g} (root mean square): {reached:.0%} {what}; a smooth "
        f"reference model reaches {possible:.0%} on held-out rows. The loss is {case.loss:.3g}; a constant prediction "
        f"has {baseline_loss(case):.3g}.",
        "The gradient of the penalty cancels most of the gradient of the loss.",
        (Remedy("less_penalty", float(advised)),),
        {"reached": reached, "possible": possible, "share": share},
    )


def _penalty_share(case: Case) -> float | None:
    """The penalty as a share of the loss, at the start or now, if it is above `DECISIVE`; else None."""
    history, penalty = case.history, case.penalty
    if history is None or not len(history) or case.loss is None:
        return None
    at_start = _penalty_at_start(history) / max(baseline_loss(case), 1e-300)
    now = 0.0
    if penalty is not None:
        with np.errstate(all="ignore"):
            objective = case.network.objective(penalty)
            now = objective.penalty_value(case.network.layers) / max(abs(case.loss), 1e-300)
    share = max(at_start, now)
    return share if np.isfinite(share) and share > DECISIVE else None


def _penalty_at_start(history: History) -> float:
    """The penalty in the first epoch's objective."""
    loss = float(history["loss"][0])
    added = float(history["objective"][0]) - loss
    return added if added > 1e-6 * abs(loss) else 0.0


def dropout_too_strong(case: Case) -> Iterator[Finding]:
    """Dropout is so strong that the training loss is far above the loss without it."""
    dropouts = [spec.dropout for spec in case.network.specs[:-1]]
    strongest = max(dropouts, default=0.0)
    history = case.history
    if strongest <= STRONG_DROPOUT or history is None or len(history) < 3 or case.loss is None:
        return
    late = float(np.median(history["loss"][-max(3, len(history) // 10) :]))
    chance = baseline_loss(case)
    short = falls_short(case, unsure=True)
    if not (late > 1.3 * case.loss and late > 0.15 * chance) and short is None:
        return
    layer = dropouts.index(strongest)
    units = case.network.specs[layer].units
    reached = "" if short is None else f" {short[0]:.0%} {short[2]}; a smooth reference model reaches {short[1]:.0%}."
    yield Finding(
        "dropout too strong",
        f"Dropout {strongest:g} leaves {units * (1 - strongest):.2g} of {units} units of layer {layer + 1} in each "
        f"step: the loss with it is {late:.3g}, without it {case.loss:.3g} (constant prediction: {chance:.3g})."
        f"{reached}",
        "Units are active together so rarely that they cannot learn to work together.",
        (Remedy("dropout", 0.2),),
        {"dropout": strongest, "loss with": late, "loss without": case.loss},
    )


def no_hidden_layer(case: Case) -> Iterator[Finding]:
    """The network is linear, but the data is not."""
    specs, short = case.network.specs, falls_short(case)
    linear = all(spec.activation.name in ("identity", "linear") for spec in specs[:-1])
    if not linear or case.history is None:
        return
    tiny = memorization_failure(case)
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
        short if tiny is None and short is not None else (tiny or 0.0, 1.0, "of the rows are predicted correctly")
    )
    hidden = "no hidden layer" if len(specs) == 1 else "hidden layers without a nonlinear activation (identity)"
    cure = Remedy("hidden", 16) if len(specs) == 1 else Remedy("activation", "tanh")
    yield Finding(
        "no hidden layer",
        f"The network has {hidden}, so it is a linear model: {reached:.0%} {what}; a nonlinear model reaches "
        f"{possible:.0%}.",
        "A linear model cannot learn a nonlinear relation, however long it is trained.",
        (cure,),
        {"reached": reached, "possible": possible},
    )


def too_few_units(case: Case) -> Iterator[Finding]:
    """The run has ended, and the network underfits."""
    specs = case.network.specs[:-1]
    if not specs or case.history is None:
        return
    short, tiny = falls_short(case), memorization_failure(case)
    if short is None and tiny is None:
        return
    reached, possible, what = short if short is not None else (tiny or 0.0, 1.0, "of the rows are predicted correctly")
    widths = [spec.units for spec in specs]
    narrow = min(widths)
    loss = f"The loss has stopped falling at {case.loss:.3g}"
    if narrow < 10:
        units = max(16, 4 * narrow)
        yield Finding(
            "too few units",
            f"{loss} with {narrow} unit(s) in layer {widths.index(narrow) + 1}: {reached:.0%} {what}; "
            f"{'distinct rows allow' if tiny is not None and short is None else 'a smooth reference model reaches'} "
            f"{possible:.0%}.",
            "The number of units limits the functions that a layer can represent; with few of them a run also ends "
            "in a poor local minimum more easily.",
            (Remedy("units", units),),
            {"units": narrow, "reached": reached, "possible": possible},
        )
        return
    if case.history.ending == "early stopping":
        return  # the validation rows decided
    yield Finding(
        "stuck",
        f"{loss}: {reached:.0%} {what}; {possible:.0%} can be reached.",
        "The run is in a poor local minimum, or on a plateau.",
        (Remedy("random_state", 1), Remedy("activation", "tanh")),
        {"reached": reached, "possible": possible},
    )


def memorization_failure(case: Case) -> float | None:
    """The accuracy on a few distinct rows (as of XOR) that could be memorised and were not; else None."""
    if case.accuracy is None or case.accuracy == 1 or not 4 <= case.n <= 16:
        return None
    truth = case.classes
    distinct = len(np.unique(case.X, axis=0))
    assert truth is not None
    if distinct == case.n and len(np.unique(truth)) > 1 and case.X.shape[1] <= 4:
        return case.accuracy
    return None
