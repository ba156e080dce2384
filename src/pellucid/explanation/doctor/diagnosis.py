"""`diagnose`: what is wrong with this training, by its symptoms."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from pellucid.estimators.inside import look_inside
from pellucid.explanation.doctor import course, data, gradients, reach, units
from pellucid.explanation.doctor.case import Case, Finding, examine
from pellucid.explanation.doctor.words import Speaker
from pellucid.explanation.document import Block, Heading, Prose
from pellucid.explanation.explanation import Story
from pellucid.explanation.names import Names
from pellucid.maths.penalties import L2, Penalty
from pellucid.network.checks import check_sample_weight
from pellucid.network.stack import LayerStack
from pellucid.training.history import History

ILLNESSES: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    data.not_finite,
    course.near_overflow,
    data.unscaled_inputs,
    data.unscaled_targets,
    data.leaks,
    data.constant_columns,
    data.duplicate_columns,
    data.ignored_classes,
    units.dead,
    units.saturated,
    units.symmetric,
    gradients.fading_or_exploding,
    course.rate_too_high,
    course.rate_too_low,
    course.not_finished,
    course.overfitting,
    reach.no_signal,
    reach.held_back,
)
"""In the order in which they should be seen to: what is wrong with the data explains much of the rest."""


class Diagnosis(Story):
    """The findings of a training; false where there are none. Print it, show it in a notebook, or save it.

    Attributes
    ----------
    findings : tuple of Finding
        Each with a `name`, `what` was seen, `why` it matters and an `advice`.
    """

    def __init__(self, findings: Sequence[Finding], looked_at: str) -> None:
        self.findings = tuple(findings)
        count = len(self.findings)
        result = {0: "Nothing wrong was found", 1: "1 finding"}.get(count, f"{count} findings")
        blocks: list[Block] = [Heading(result, 1), Prose(f"Looked at: {looked_at}.")]
        for finding in self.findings:
            blocks += [
                Heading(finding.name.capitalize()),
                Prose(finding.what),
                Prose(f"Why it matters: {finding.why}"),
                Prose(f"What to try: {finding.advice}"),
            ]
        super().__init__(result, blocks)

    @property
    def names(self) -> tuple[str, ...]:
        """The findings' names."""
        return tuple(finding.name for finding in self.findings)

    def __bool__(self) -> bool:
        return bool(self.findings)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)


def diagnose(
    model: Any,
    X: object,
    y: object,
    *,
    history: History | None = None,
    sample_weight: object = None,
    penalty: Penalty | None = None,
    feature_names: Sequence[object] | None = None,
    class_names: Sequence[object] | None = None,
    speaker: Speaker | None = None,
    trials: bool = True,
) -> Diagnosis:
    r"""Look for what is wrong with a training: in its data, its units, its gradients and its history.

    Values that are not finite or about to overflow; unscaled inputs and targets; columns that give the answer away, are
    constant or stand there twice; ignored classes; dead, saturated and symmetric units; vanishing and exploding
    gradients; a rate too high or too low; a run that is not finished; overfitting; a penalty or dropout that is too
    strong; a run that is stuck; too few units, or no hidden layer where a line is not enough; targets without a signal.
    The last six are tried out on copies before they are named.

    Parameters
    ----------
    model : Network or fitted estimator
        It is left as it is.
    X, y : arrays
        The training data (or some hundreds of its rows). NaN in X is found, not refused.
    history : History or None
        What `fit` returned, or a run's while it goes on (`run.history` in a callback). None: what only a history shows
        is not looked for. An estimator's own is taken where it has one.
    sample_weight, penalty
        As for `fit`.
    feature_names, class_names : sequences of names, or None
        What columns and classes are called; None: what a data frame or a fitted estimator knows, else numbers.
    speaker : "network", "estimator", "shell", "page" or None
        In whose words remedies are said; None: by what `model` is.
    trials : bool
        Whether short trainings of copies may be tried (up to a second).

    Returns
    -------
    Diagnosis
        False where nothing was found; `print` it.

    Raises
    ------
    ValueError, TypeError
        If X or y does not fit the network.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid import Dense, Network, diagnose
    >>> X = np.array([[0.0, 4000.0], [1.0, 3000.0], [0.5, 5000.0]])
    >>> net = Network([Dense(2, 3, "tanh"), Dense(3, 2, "softmax")]).initialize("zeros")
    >>> diagnose(net, X, [0, 1, 0]).names
    ('unscaled inputs', 'symmetric units')
    """
    inside = look_inside(model, X, y)
    network, targets, model = inside.network, inside.y, inside.model
    if history is None and isinstance(getattr(model, "history_", None), History):
        history = model.history_
    inputs = np.asarray(inside.X, dtype=network.dtype)
    if inputs.ndim != 2 or inputs.shape[1] != network.n_inputs or not len(inputs):
        raise ValueError(f"X must have shape (n, {network.n_inputs}), got {inputs.shape}")
    if history is not None and not isinstance(history, History):
        raise TypeError(f"history must be what fit returns, or None, got {type(history).__name__}")
    weight = check_sample_weight(sample_weight, len(inputs), network.dtype)
    scales_itself = getattr(model, "scale", None) is not None
    classifies = network.loss.task == "classification"
    names = Names.of(
        network.n_inputs, 2 if classifies and network.n_outputs == 1 else network.n_outputs, 0,
        inside.feature_names if feature_names is None else feature_names,
        inside.class_names if class_names is None else class_names, None,
    )  # fmt: skip
    said_to = speaker or ("network" if isinstance(model, LayerStack) else "estimator")
    alpha = getattr(model, "alpha", None)
    if penalty is None and alpha:
        penalty = L2(float(alpha) / len(inputs))  # an estimator's alpha is divided by the number of samples
    case = examine(
        network, inputs, targets, weight, penalty, history, scales_itself=scales_itself, names=names, speaker=said_to,
        trials=trials,
    )  # fmt: skip
    findings = [finding for illness in ILLNESSES for finding in illness(case)]
    epochs = f"{len(history)} epochs of history" if history is not None else "no history (give history= for more)"
    rows = "1 row" if case.n == 1 else f"{case.n} rows"
    return Diagnosis(findings, f"{rows}, {len(network.layers)} layers, {epochs}")
