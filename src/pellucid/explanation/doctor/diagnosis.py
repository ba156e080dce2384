"""`diagnose`: find the problems of a training by their symptoms."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from html import escape
from typing import Any

import numpy as np

from pellucid.estimators.inside import look_inside
from pellucid.explanation.doctor import course, data, gradients, settings, units
from pellucid.explanation.doctor.case import Case, Finding, examine
from pellucid.explanation.doctor.remedies import Place
from pellucid.explanation.document import Block, Heading, Prose, literal
from pellucid.explanation.names import checked
from pellucid.explanation.report import Report
from pellucid.maths.penalties import L2, Penalty
from pellucid.network.checks import check_sample_weight
from pellucid.network.stack import LayerStack
from pellucid.training.history import History

PROBLEMS: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    data.not_finite,
    data.near_overflow,
    data.no_signal,
    data.leak,
    data.outliers,
    data.unscaled_inputs,
    data.unscaled_targets,
    settings.dropout_too_strong,
    settings.penalty_too_strong,
    units.symmetric,
    course.rate_too_high,
    units.saturated,
    units.dead,
    gradients.fading_or_exploding,
    course.rate_too_low,
    course.not_finished,
    settings.no_hidden_layer,
    settings.too_few_units,
    data.ignored_classes,
    course.overfitting,
    data.duplicate_columns,
    data.constant_columns,
)
"""By importance, which is also the order in which to fix them: the first ones explain many of the rest."""

_WEAK = ("no hidden layer", "too few units", "stuck", "class imbalance ignored")
_SLOW = ("rate too low", "not finished", *_WEAK)

EXPLAINS: dict[str, tuple[str, ...]] = {
    "non-finite values": ("outliers", "dead units", "saturated units", "rate too high", *_SLOW),
    "loss near overflow": (
        "penalty too strong",
        "dropout too strong",
        "rate too high",
        "unscaled targets",
        "unscaled inputs",
        "outliers",
        "exploding gradients",
        "saturated units",
        "dead units",
        *_SLOW,
    ),
    "labels without a signal": ("dead units", "saturated units", *_SLOW),
    "unscaled inputs": ("exploding gradients", "saturated units", "dead units", "rate too high", *_SLOW),
    "unscaled targets": ("saturated units", "dead units", "rate too high", *_SLOW),
    "symmetric units": ("vanishing gradients", "saturated units", *_SLOW),
    "saturated units": ("vanishing gradients", "exploding gradients", *_SLOW),
    "dead units": ("vanishing gradients", *_SLOW),
    "vanishing gradients": _SLOW,
    "exploding gradients": _SLOW,
    "dropout too strong": ("rate too high", "penalty too strong", "overfitting", *_SLOW),
    "penalty too strong": ("symmetric units", "dead units", "vanishing gradients", "rate too high", *_SLOW),
    "rate too high": ("overfitting", "dead units", "saturated units", *_SLOW),
    "rate too low": ("not finished", *_WEAK),
    "not finished": _WEAK,
    "no hidden layer": ("too few units", "stuck"),
    "too few units": ("stuck",),
}
"""For each problem, those that are only its symptoms and are then not reported."""


class Diagnosis(Report):
    """The problems found in a training; false if there are none. Print it, show it in a notebook, or save it.

    Attributes
    ----------
    findings : tuple of Finding
        The most important first. Each has a `name`, the observation (`what`), its numbers (`evidence`), the reason
        why it matters (`why`), `remedies`, and the `advice` in words.
    not_looked_for : tuple of str
        Problems that could not be checked, and why.
    """

    def __init__(self, findings: Sequence[Finding], examined: str, not_looked_for: Sequence[str] = ()) -> None:
        self.findings, self.not_looked_for = tuple(findings), tuple(not_looked_for)
        count = len(self.findings)
        result = {0: "Nothing wrong was found", 1: "1 finding"}.get(count, f"{count} findings")
        if not count and self.not_looked_for:
            missed = " and ".join(reason.split(":")[0] for reason in self.not_looked_for)
            result += f", but {missed} could not be checked"
        blocks: list[Block] = [Heading(result, 1), Prose(literal(f"Examined: {examined}."))]
        blocks += [Prose(literal(f"Not checked: {reason}.")) for reason in self.not_looked_for]
        for finding in self.findings:
            blocks += [
                Heading(finding.name.capitalize()),
                Prose(literal(finding.what)),
                Prose(literal(f"Why it matters: {finding.why}")),
                Prose(literal(f"What to try: {finding.advice}")),
            ]
        super().__init__(result, blocks)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the findings."""
        return tuple(finding.name for finding in self.findings)

    def __bool__(self) -> bool:
        return bool(self.findings)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)

    def _repr_html_(self) -> str:
        def paragraph(text: str) -> str:
            return f"<p style='margin:.2em 0'>{escape(text)}</p>"

        parts = [f"<p style='margin:.2em 0'><b>{escape(self.title)}</b></p>"]
        parts += [paragraph(f"Not checked: {reason}.") for reason in self.not_looked_for]
        for finding in self.findings:
            inner = f"{paragraph('Why it matters: ' + finding.why)}{paragraph('What to try: ' + finding.advice)}"
            summary = f"<b>{escape(finding.name.capitalize())}</b>: {escape(finding.what)}"
            parts.append(f"<details style='margin:.2em 0'><summary>{summary}</summary>{inner}</details>")
        return f"<div>{''.join(parts)}</div>"


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
) -> Diagnosis:
    r"""Find problems of a training: in its data, units, gradients, settings and history.

    Data: non-finite values, labels without a signal, columns that give the answer away, outliers, constant and
    duplicate columns, unscaled inputs and targets, ignored classes. Units and gradients: dead, saturated, symmetric,
    vanishing, exploding. Settings: a learning rate too high or too low, dropout or a penalty too strong, no hidden
    layer, too few units. The run: not finished, near overflow, overfitting.

    Parameters
    ----------
    model : Network or fitted estimator
        It is not changed.
    X, y : arrays
        The training data, or some hundreds of its rows. NaN in X is reported, not an error.
    history : History or None
        The history that `fit` returned, or that of a current run (`run.history` in a callback). None: the history of
        a fitted estimator; problems that only a history shows are not checked without one.
    sample_weight, penalty
        As for `fit`.
    feature_names, class_names : sequence of str or None
        Names of columns and classes in the findings. None: the columns of a data frame, `feature_names_in_` and
        `classes_` of an estimator, else numbers; columns count from 1.

    Returns
    -------
    Diagnosis
        False if nothing was found; `print` it.

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
    return diagnose_in_words_of(
        None, model, X, y, history=history, sample_weight=sample_weight, penalty=penalty,
        feature_names=feature_names, class_names=class_names,
    )  # fmt: skip


def diagnose_in_words_of(
    place: Place | None,
    model: Any,
    X: object,
    y: object,
    *,
    history: History | None = None,
    sample_weight: object = None,
    penalty: Penalty | None = None,
    feature_names: Sequence[object] | None = None,
    class_names: Sequence[object] | None = None,
) -> Diagnosis:
    """`diagnose`, with advice written for a given interface; None: `Network.fit` or the estimator."""
    inside = look_inside(model, X, y)
    network, targets, model = inside.network, inside.y, inside.model
    if place is None:
        place = "network" if isinstance(model, LayerStack) else "estimator"
    if history is None and isinstance(getattr(model, "history_", None), History):
        history = model.history_
    if history is not None and not isinstance(history, History):
        raise TypeError(f"history must be what fit returns, or None, got {type(history).__name__}")
    inputs = np.asarray(inside.X, dtype=network.dtype)
    if inputs.ndim != 2 or inputs.shape[1] != network.n_inputs or not len(inputs):
        raise ValueError(f"X must have shape (n, {network.n_inputs}), got {inputs.shape}")
    weight = check_sample_weight(sample_weight, len(inputs), network.dtype)
    alpha = getattr(model, "alpha", None)
    if penalty is None and isinstance(alpha, float | int) and alpha > 0:
        size = getattr(model, "batch_size", "auto")
        penalty = L2(float(alpha) / min(len(inputs), size if isinstance(size, int) else 200))
    outputs = max(2, network.n_outputs)
    case = examine(
        network, inputs, targets, weight, penalty, history,
        scales_itself=getattr(model, "scale", None) is not None,
        alpha=float(alpha) if isinstance(alpha, float | int) else None,
        feature_names=checked("feature_names", feature_names, network.n_inputs, "columns of X") or inside.feature_names,
        class_names=checked("class_names", class_names, outputs, "outputs") or inside.class_names,
    )  # fmt: skip
    found = [finding for problem in PROBLEMS for finding in problem(case)]
    symptoms: set[str] = set()
    causes = []
    for finding in found:  # the most important first: a symptom does not explain others
        if finding.name not in symptoms:
            causes.append(finding)
            symptoms.update(EXPLAINS.get(finding.name, ()))
    findings = [replace(finding, place=place) for finding in causes]
    epochs = "no history (give history= for more)"
    if history is not None:
        epochs = f"{len(history)} epoch{'' if len(history) == 1 else 's'} of history"
    rows = "1 row" if case.n == 1 else f"{case.n} rows"
    layers = f"{len(network.layers)} layer{'' if len(network.layers) == 1 else 's'}"
    return Diagnosis(findings, f"{rows}, {layers}, {epochs}", _not_looked_for(history, place))


def _not_looked_for(history: History | None, place: Place) -> list[str]:
    if history is not None and (history.has_validation or history.best_epoch is not None):
        return []
    if history is None:
        return ["overfitting: it needs a history (history=net.fit(…))"]
    why: dict[Place, str] = {
        "network": "there were no validation rows (validation=0.2 in fit)",
        "estimator": "there were no validation rows (early_stopping=True)",
        "command line": "fewer than 100 training rows have no validation part",
        "page": "there are no test rows",
    }
    return [f"overfitting: {why[place]}"]
