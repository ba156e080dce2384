"""Problems of units: dead, saturated or symmetric."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pellucid.explanation.doctor.case import Case, Finding
from pellucid.explanation.doctor.data import smaller_rate
from pellucid.explanation.doctor.remedies import Remedy
from pellucid.network.layers import Dense

DEAD_SHARE = 0.25
SATURATED_SHARE = 0.5
MIN_UNITS = 2
FLAT = 0.05
"""A derivative below this share of the largest one is flat: beyond |z| ≈ 4.4 for sigmoids, 2.2 for tanh."""

ALMOST_ALL = 0.98
MOSTLY = 0.75
FAR = 6.0
"""Typical |Z| expected from the size of weights and inputs: about 1 after a good initialisation, 2 to 4 after training.
"""


def dead(case: Case) -> Iterator[Finding]:
    """Units with derivative 0 on every row: no gradient reaches their weights."""
    for i, slopes in _hidden_slopes(case):
        if not case.network.specs[i].activation.kinks:
            continue
        silent = int((slopes == 0).all(axis=0).sum())
        if silent and silent / slopes.shape[1] >= DEAD_SHARE:
            yield Finding(
                "dead units",
                f"{silent} of {slopes.shape[1]} units of layer {i + 1} ({case.network.specs[i].activation.name}) are "
                f"inactive on all {case.n} rows.",
                "Their derivative is 0 on every row, so their weights get no gradient and cannot recover.",
                (Remedy("initializer", "he_normal"), Remedy("activation", "elu"), *smaller_rate(case)),
                {"silent": silent, "units": slopes.shape[1]},
            )


def saturated(case: Case) -> Iterator[Finding]:
    """Units of a bounded activation that are in its flat range on nearly every row."""
    for i, slopes in _hidden_slopes(case):
        activation = case.network.specs[i].activation
        if not np.isfinite(activation.image).all() or case.passed is None:
            continue
        origin = np.zeros((1, 1))
        steepest = float(activation.derivative(origin, activation.value(origin))[0, 0])
        flat = (slopes < FLAT * steepest).mean(axis=0)
        size = float(np.median(np.abs(case.passed.Z[i])))
        scale = _inputs_size(case, i) * np.sqrt(case.network.specs[i].n_inputs)
        spread = float(np.sqrt(np.mean(case.network.layers[i].W.astype(np.float64) ** 2)))
        ends = (flat > ALMOST_ALL).mean()
        far = float(flat.mean()) > MOSTLY and spread * scale > FAR
        if len(flat) > MIN_UNITS and (ends >= SATURATED_SHARE or far):
            yield Finding(
                "saturated units",
                f"The {len(flat)} units of layer {i + 1} ({activation.name}) are saturated on {flat.mean():.0%} of the "
                f"rows; the median |Z| is {size:.3g}, the root mean square of the weights {spread:.3g}.",
                "There the derivative is almost 0, so hardly any gradient passes: they learn very slowly.",
                (
                    Remedy("initializer", "xavier_uniform"),
                    *(() if case.scales_itself or _inputs_size(case, 0) < 3 else (Remedy("scale_inputs"),)),
                ),
                {"flat": float(flat.mean()), "median |Z|": size, "spread": spread},
            )
            return  # the layers above see only saturated values


def _inputs_size(case: Case, layer: int) -> float:
    """The root mean square of a layer's inputs."""
    assert case.passed is not None
    return float(np.sqrt(np.mean(case.passed.inputs_of(layer).astype(np.float64) ** 2)))


def symmetric(case: Case) -> Iterator[Finding]:
    """Units that are copies of each other: same incoming and same outgoing weights."""
    for i, layer in enumerate(case.network.layers[:-1]):
        above = case.network.layers[i + 1]
        if layer.units < 2 or not isinstance(layer.spec, Dense) or not isinstance(above.spec, Dense):
            continue
        weights = np.vstack([layer.W, layer.b[None, :], above.W.T]).T
        size = float(np.abs(weights).max())
        if not np.isfinite(size):
            continue
        distinct = len(np.unique((weights / (size or 1.0)).round(9), axis=0))
        if distinct <= layer.units / 2:
            zero = " (all weights are 0)" if not layer.W.any() else ""
            yield Finding(
                "symmetric units",
                f"Layer {i + 1} has {layer.units} units, but only {distinct} different one(s){zero}.",
                f"Equal units get equal gradients and stay equal: the layer is equivalent to {distinct} unit(s).",
                (Remedy("initializer", "xavier_uniform"),),
                {"units": layer.units, "different": distinct},
            )


def _hidden_slopes(case: Case) -> Iterator[tuple[int, np.ndarray]]:
    """f′(Z) of each hidden layer."""
    if case.passed is None:
        return
    for i, layer in enumerate(case.network.layers[:-1]):
        with np.errstate(all="ignore"):
            yield i, layer.activation.derivative(case.passed.Z[i], case.passed.H[i])
