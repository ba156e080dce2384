"""Illnesses of gradients: they fade, or blow up, on the way down."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pellucid.explanation.doctor.case import Case, Finding
from pellucid.explanation.doctor.words import Remedy

FACTOR = 1e3
"""δ of the first layer this much smaller or larger than δ of the last."""

TINY = 1e-12


def fading_or_exploding(case: Case) -> Iterator[Finding]:
    """The root mean square of δ, first layer against last."""
    if case.gradient is None or len(case.gradient.deltas) < 3:
        return
    with np.errstate(all="ignore"):
        sizes = [float(np.sqrt(np.mean(delta.astype(np.float64) ** 2))) for delta in case.gradient.deltas]
    if not np.isfinite(sizes).all() or sizes[-1] < TINY:
        return
    shown = ", ".join(f"{size:.1e}" for size in sizes)
    ratio = sizes[0] / sizes[-1]
    names = sorted({spec.activation.name for spec in case.network.specs[:-1]})
    if 0 < ratio < 1 / FACTOR:
        yield case.finding(
            "vanishing gradients",
            f"δ fades from layer to layer on its way down: {shown} (first to last layer, root mean square).",
            f"The first layer learns {1 / ratio:.0e} times more slowly than the last: each layer multiplies by a slope "
            f"below 1 ({', '.join(names)}).",
            Remedy("activation", "relu"),
            Remedy("first weights", "he_normal"),
            text="fewer layers",
        )
    elif ratio > FACTOR:
        yield case.finding(
            "exploding gradients",
            f"δ grows from layer to layer on its way down: {shown} (first to last layer, root mean square).",
            "A step that suits the last layer throws the first ones far away.",
            Remedy("first weights", "xavier_uniform"),
            text="smaller first weights, a smaller learning rate",
        )
