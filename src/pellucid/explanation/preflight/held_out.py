"""The step "inputs help": a trained network beats the constant baseline on held-out rows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from pellucid.explanation.preflight.baseline import constant_network, losses
from pellucid.explanation.preflight.result import Verdict
from pellucid.explanation.preflight.trial import Trial
from pellucid.optimizers import FirstOrder

HELD_OUT = 0.3
"""Fraction of the rows held out."""

MIN_HELD_OUT = 20
"""Smallest number of held-out rows."""

MIN_GAIN = 0.1
"""Smallest gain, relative to the baseline loss, that counts as undetermined if it is within the noise."""


def inputs_help(trial: Trial) -> Iterator[Verdict]:
    """Compare the trained network with the constant baseline on held-out rows."""
    n = len(trial.data)
    order = np.random.default_rng(trial.options["random_state"]).permutation(n)
    cut = round(HELD_OUT * n)
    if cut < MIN_HELD_OUT:
        what = f"{n} rows are too few to hold {MIN_HELD_OUT} out"
        yield Verdict("inputs help", "cannot be told", what)
        return
    held_out, training = trial.data.rows(np.sort(order[:cut])), trial.data.rows(np.sort(order[cut:]))
    rule = trial.rule
    if isinstance(rule, FirstOrder):
        if trial.best_rate is None:
            yield Verdict("inputs help", "cannot be told", "no rate lowers the loss, so nothing is learned")
            return
        rule = replace(rule, learning_rate=trial.best_rate)
    best, lowest = trial.network, trial.loss(trial.network, held_out)
    for share in (0.1, 0.3, 1.0):  # short runs, too: a long one may overfit
        updates = max(1, round(share * trial.updates))
        network, trained = replace(trial, updates=updates).train(rule, training)
        loss = trial.loss(network, held_out) if math.isfinite(trained) else math.inf
        if loss < lowest:
            best, lowest = network, loss
    without_inputs, constant = replace(held_out, X=np.zeros((cut, 1))), constant_network(trial.network, training)
    gains = losses(constant, without_inputs) - losses(best, held_out)
    weight = np.ones(cut) if held_out.weight is None else held_out.weight
    gain = float(np.average(gains, weights=weight)) if weight.any() else 0.0
    error = float(np.std(gains) / math.sqrt(cut))
    reference = trial.loss(constant, without_inputs)
    what = f"held-out loss {lowest:.4g}, without inputs {reference:.4g}"
    if gain > 2 * error:
        yield Verdict("inputs help", "ok", what)
    elif gain > MIN_GAIN * reference:
        yield Verdict("inputs help", "cannot be told", f"{what}: better, but by less than two standard errors")
    else:
        advice = (
            "The inputs do not help to predict the targets: are rows and labels in the same order, and are the columns "
            "those that matter?"
        )
        yield Verdict("inputs help", "FAILED", what, advice)
