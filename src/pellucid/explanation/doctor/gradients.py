"""Problems of gradients: they vanish or explode from the last layer to the first."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pellucid.explanation.doctor.case import Case, Finding
from pellucid.explanation.doctor.data import initializer_for, smaller_rate
from pellucid.explanation.doctor.remedies import Remedy

FACTOR = 1e3
"""Ratio between δ of the first layer and δ of the last above which gradients explode, or below 1/which they vanish."""

TINY = 1e-12


def fading_or_exploding(case: Case) -> Iterator[Finding]:
    """Compare the root mean square of δ in the first and in the last layer."""
    if case.gradient is None or len(case.gradient.deltas) < 3:
        return
    with np.errstate(all="ignore"):
        sizes = [float(np.sqrt(np.mean(delta.astype(np.float64) ** 2))) for delta in case.gradient.deltas]
    if not np.isfinite(sizes).all() or sizes[-1] < TINY:
        return
    listed = ", ".join(f"{size:.1e}" for size in sizes)
    ratio = sizes[0] / sizes[-1]
    names = sorted({spec.activation.name for spec in case.network.specs[:-1]})
    if 0 < ratio < 1 / FACTOR:
        yield Finding(
            "vanishing gradients",
            f"δ shrinks from the last layer to the first: {listed} (root mean square, first to last layer).",
            f"The first layer learns {1 / ratio:.0e} times more slowly than the last: each layer multiplies by a "
            f"derivative below 1 ({', '.join(names)}).",
            (Remedy("activation", "elu"), Remedy("fewer_layers")),
            {"ratio": ratio},
        )
    elif ratio > FACTOR:
        yield Finding(
            "exploding gradients",
            f"δ grows from the last layer to the first: {listed} (root mean square, first to last layer).",
            "A step size that suits the last layer is far too large for the first ones.",
            (Remedy("initializer", initializer_for(case)), *smaller_rate(case)),
            {"ratio": ratio},
        )
