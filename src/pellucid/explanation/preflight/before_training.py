"""Steps without training: the first look, the gradient, the loss at the start."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from pellucid.explanation.doctor.diagnosis import diagnose
from pellucid.explanation.preflight.baseline import constant_loss
from pellucid.explanation.preflight.result import Verdict
from pellucid.explanation.preflight.trial import Trial
from pellucid.gradcheck.gradient_check import check_gradients

GRADIENT_ROWS = 5
"""Rows on which the gradient is checked."""

MAX_GRADIENT_SIZE = 20_000
"""Largest parameters × rows for which the gradient is checked; beyond, it would take most of the time."""

MAX_LOSS_RATIO = 4.0
"""Largest ratio of the loss at the start to that of an uninformed answer."""


def first_look(trial: Trial) -> Iterator[Verdict]:
    """The findings of the training doctor before training."""
    data = trial.data
    findings = diagnose(trial.network, data.X, data.Y, sample_weight=data.weight).findings
    if not findings:
        yield Verdict("first look", "ok", "the training doctor finds nothing wrong with the data and the weights")
        return
    names = ", ".join(finding.name for finding in findings)
    yield Verdict("first look", "FAILED", names, " ".join(str(finding) for finding in findings))


def gradient(trial: Trial) -> Iterator[Verdict]:
    """Back-propagation against finite differences."""
    rows = min(GRADIENT_ROWS, len(trial.data))
    if trial.network.theta.size * rows > MAX_GRADIENT_SIZE:
        what = f"{trial.network.theta.size} parameters are too many to check here"
        yield Verdict("gradient", "cannot be told", what, "Check a smaller network of the same kinds of layers.")
        return
    few = trial.data.rows(np.arange(rows))
    check = check_gradients(trial.network, few.X, few.Y, penalty=trial.options["penalty"])
    if check.passed:
        yield Verdict("gradient", "ok", f"relative error {check.error:.1e} on {rows} rows")
    else:
        yield Verdict("gradient", "FAILED", f"relative error {check.error:.1e}", check.verdict)


def initial_loss(trial: Trial) -> Iterator[Verdict]:
    """The loss before training against that of an uninformed answer."""
    network, start = trial.network, trial.loss(trial.network, trial.data)
    constant = constant_loss(network, trial.data, trial.data)
    if network.loss.task == "classification":
        outputs = network.n_outputs
        ignorance = math.log(outputs) if network.loss.canonical == "softmax" else outputs * math.log(2)
        most, called = MAX_LOSS_RATIO * max(ignorance, constant), f"{ignorance:.4g} when nothing is known"
        advice = "The first answers are sure of themselves and wrong: scale the inputs, or draw smaller weights."
    else:
        most, called = MAX_LOSS_RATIO * constant, f"{constant:.4g} of the best constant"
        advice = "The first answers are far from the targets: scale inputs and targets to mean 0 and deviation 1."
    what = f"{start:.4g}, beside {called}"
    if not math.isfinite(start):
        yield Verdict("loss at the start", "FAILED", what, "The loss is not finite: scale the inputs.")
    elif start <= most or most == 0:
        yield Verdict("loss at the start", "ok", what)
    else:
        yield Verdict("loss at the start", "FAILED", what, advice)
