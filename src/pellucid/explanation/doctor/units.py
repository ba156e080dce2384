"""Illnesses of units: dead, saturated, all alike."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pellucid.explanation.doctor.case import Case, Finding
from pellucid.explanation.doctor.words import Remedy

DEAD_SHARE = 0.25
SATURATED_SHARE = 0.5
FLAT = 0.05
"""A slope below this share of the steepest is flat: beyond |z| ≈ 4.4 for sigmoids, 2.2 for tanh."""

ALMOST_ALL = 0.9


def dead(case: Case) -> Iterator[Finding]:
    """Units with slope 0 on every row: no gradient reaches their weights, so they stay as they are."""
    for i, slopes in _hidden_slopes(case):
        if not case.network.specs[i].activation.kinks:
            continue
        silent = int((slopes == 0).all(axis=0).sum())
        if silent and silent / slopes.shape[1] >= DEAD_SHARE:
            yield case.finding(
                "dead units",
                f"{silent} of {slopes.shape[1]} units of layer {i + 1} ({case.network.specs[i].activation.name}) are "
                f"silent on all {case.n} rows.",
                "Their slope is 0 everywhere, so their weights get no gradient: they cannot come back.",
                Remedy("activation", "elu"),
                Remedy("first weights", "he_normal"),
                text="a smaller learning rate, biases that are not negative",
            )


def saturated(case: Case) -> Iterator[Finding]:
    """Units of a bounded activation that sit in its flat ends on nearly every row."""
    for i, slopes in _hidden_slopes(case):
        activation = case.network.specs[i].activation
        if not np.isfinite(activation.image).all() or case.passed is None:
            continue
        origin = np.zeros((1, 1))
        steepest = float(activation.derivative(origin, activation.value(origin))[0, 0])
        flat = (slopes < FLAT * steepest).mean(axis=0) > ALMOST_ALL
        if flat.mean() >= SATURATED_SHARE:
            size = float(np.median(np.abs(case.passed.Z[i])))
            yield case.finding(
                "saturated units",
                f"{int(flat.sum())} of {len(flat)} units of layer {i + 1} ({activation.name}) are in its flat ends on "
                f"nearly every row; the median |Z| is {size:.3g}.",
                "There the slope is almost 0, so hardly any gradient passes: they learn very slowly.",
                Remedy("scale"),
                Remedy("first weights", "xavier_uniform"),
                Remedy("activation", "relu"),
            )


def symmetric(case: Case) -> Iterator[Finding]:
    """Units that are copies of each other: same weights in, same weights out."""
    for i, layer in enumerate(case.network.layers[:-1]):
        if layer.units < 2:
            continue
        stories = np.vstack([layer.W, layer.b[None, :], case.network.layers[i + 1].W.T]).T
        size = float(np.abs(stories).max())
        if not np.isfinite(size):
            continue
        distinct = len(np.unique((stories / (size or 1.0)).round(9), axis=0))
        if distinct <= layer.units / 2:
            zero = " (all weights are 0)" if not layer.W.any() else ""
            one = "1 different one" if distinct == 1 else f"{distinct} different ones"
            yield case.finding(
                "symmetric units",
                f"Layer {i + 1} has {layer.units} units, but only {one}{zero}.",
                f"Equal units get equal gradients and stay equal for ever: the layer is as good as {distinct} "
                f"unit{'s' if distinct > 1 else ''}.",
                Remedy("first weights", "xavier_uniform"),
                text="random first weights, not zeros or a constant",
            )


def _hidden_slopes(case: Case) -> Iterator[tuple[int, np.ndarray]]:
    """f′(Z) of each hidden layer."""
    if case.passed is None:
        return
    for i, layer in enumerate(case.network.layers[:-1]):
        with np.errstate(all="ignore"):
            yield i, layer.activation.derivative(case.passed.Z[i], case.passed.H[i])
