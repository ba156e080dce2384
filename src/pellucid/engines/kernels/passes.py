"""Forward and backward through all layers, for one tile of samples: the control flow of `pellucid.network`."""

from typing import Any

from . import plan as at
from .blocks import gemm, gemm_nt
from .dropout import drop
from .formulas import apply_activation, apply_loss, apply_vjp
from .jit import kernel
from .outputs import cross_entropy, right_answers, softmax, softmax_vjp, squared_errors, weigh
from .products import NO_BIAS, row_sums
from .rows import gather, gather_weights
from .transforms import transform, transform_gradient, transform_vjp
from .vectors import MULTIPLY, elementwise


@kernel
def forward(
    layers: Any, options: Any, plan: Any, theta: Any, work: Any, base: int, count: int, row: int, step: int
) -> None:  # fmt: skip
    """Zˡ = Aˡ⁻¹ Wˡ + bˡ or another transform of Aˡ⁻¹, Hˡ = f(Zˡ), Aˡ = Hˡ ⊙ mask, from the inputs to Z of the last
    layer (and A, unless the loss makes it). `row` is the number of the first sample in its batch, for dropout;
    `step` < 0 means no dropout.
    """
    ld = plan[at.LD]
    last = plan[at.N_LAYERS] - 1
    source = base + plan[at.X_AT]
    for i in range(plan[at.N_LAYERS]):
        o = i * at.LAYER_FIELDS
        inputs, units = layers[o + at.INPUTS], layers[o + at.UNITS]
        z, h = base + layers[o + at.Z], base + layers[o + at.H]
        if layers[o + at.TRANSFORM] == at.AFFINE:
            gemm(
                work, z, units, theta, layers[o + at.W], 1, units, inputs, work, source, ld, count, theta,
                layers[o + at.B],
            )  # fmt: skip
        else:
            transform(
                layers[o + at.TRANSFORM], work, z, units, theta, layers[o + at.W], source, inputs, ld, count
            )  # fmt: skip
        activation = layers[o + at.ACTIVATION]
        if activation != at.BY_ROWS:
            # Rows are side by side, so all units are one stretch; what lies beyond `count` in a row is only padding.
            apply_activation(activation, units * ld, work, h, work, z, options, layers[o + at.OPTIONS])
        elif i < last or plan[at.LOSS] != at.BY_ROWS or step < 0:
            softmax(work, h, work, z, units, ld, count)
        source = h
        if step >= 0 and layers[o + at.THRESHOLD] >= 0:
            source = base + layers[o + at.A]
            drop(
                work, source, work, base + layers[o + at.MASK], work, h, units, ld, count, row, plan[at.SEED], step,
                i, layers[o + at.THRESHOLD], options[layers[o + at.DROPOUT_SCALE]],
            )  # fmt: skip


@kernel
def output_delta(
    layers: Any, options: Any, plan: Any, work: Any, base: int, count: int, scale: float, sums: Any,
    s0: int,
) -> None:  # fmt: skip
    """δ of the last layer, scaled by each sample's part in J; the loss and the metric's tally are added to `sums`."""
    ld, k = plan[at.LD], plan[at.OUTPUTS]
    o = (plan[at.N_LAYERS] - 1) * at.LAYER_FIELDS
    z, h = base + layers[o + at.Z], base + layers[o + at.H]
    y, w = base + plan[at.Y_AT], base + plan[at.WEIGHT_AT]
    delta, losses = base + plan[at.DELTA_AT], base + plan[at.LOSS_AT]
    if plan[at.LOSS] == at.BY_ROWS:
        labels = base + plan[at.LABELS_AT]
        cross_entropy(work, delta, work, z, work, y, work, labels, work, w, k, ld, count, scale, sums, s0)
        return
    apply_loss(
        plan[at.LOSS], k * ld, work, losses, work, delta, work, y, work, h, work, z, options,
        plan[at.LOSS_OPTIONS],
    )  # fmt: skip
    if not plan[at.CANONICAL]:
        if layers[o + at.ACTIVATION] == at.BY_ROWS:
            softmax_vjp(work, delta, work, h, k, ld, count)
        else:
            apply_vjp(
                layers[o + at.ACTIVATION], k * ld, work, delta, work, delta, work, z, work, h, options,
                layers[o + at.OPTIONS],
            )  # fmt: skip
    weigh(work, delta, work, losses, work, w, k, ld, count, scale, sums, s0)
    if plan[at.METRIC] == at.R2:
        squared_errors(sums, s0 + at.TALLY, work, h, work, y, work, w, k, ld, count)
    else:
        right_answers(sums, s0 + at.TALLY, work, h, work, y, work, w, k, ld, count)


@kernel
def backward(
    layers: Any, options: Any, plan: Any, theta: Any, work: Any, base: int, count: int, gradient: Any, g0: int,
    keep: int, dropping: int,
) -> None:  # fmt: skip
    """∂J/∂Wˡ = (Aˡ⁻¹)ᵀ δˡ, ∂J/∂bˡ = Σ δˡ and δˡ⁻¹ = f′ ⊙ (W δ ⊙ mask), from the last layer to the first; other
    transforms have other derivatives in place of the gradients and of W δ.

    `keep` is 1 to add to the gradient of the tiles before.
    """
    ld = plan[at.LD]
    delta, other = base + plan[at.DELTA_AT], base + plan[at.OTHER_AT]
    for i in range(plan[at.N_LAYERS] - 1, -1, -1):
        o = i * at.LAYER_FIELDS
        inputs, units = layers[o + at.INPUTS], layers[o + at.UNITS]
        before = o - at.LAYER_FIELDS
        source = base + plan[at.X_AT]
        if i > 0:
            source = base + layers[before + at.A]
        affine = layers[o + at.TRANSFORM] == at.AFFINE
        if affine:
            gemm_nt(gradient, g0 + layers[o + at.W], work, source, inputs, work, delta, units, ld, count, keep)
            row_sums(gradient, g0 + layers[o + at.B], work, delta, units, ld, count, keep)
        else:
            transform_gradient(
                layers[o + at.TRANSFORM], gradient, g0 + layers[o + at.W], work, source, inputs,
                base + layers[o + at.Z], delta, units, ld, count, keep,
            )  # fmt: skip
        if i == 0:
            break
        if affine:
            gemm(
                work, other, inputs, theta, layers[o + at.W], units, 1, units, work, delta, ld, count, theta, NO_BIAS
            )  # fmt: skip
        else:
            transform_vjp(
                layers[o + at.TRANSFORM], work, other, inputs, theta, layers[o + at.W], delta, units, ld, count
            )  # fmt: skip
        size = inputs * ld
        if dropping and layers[before + at.THRESHOLD] >= 0:
            elementwise(MULTIPLY, size, work, other, work, other, work, base + layers[before + at.MASK])
        z, h = base + layers[before + at.Z], base + layers[before + at.H]
        apply_vjp(
            layers[before + at.ACTIVATION], size, work, other, work, other, work, z, work, h, options,
            layers[before + at.OPTIONS],
        )  # fmt: skip
        delta, other = other, delta


@kernel
def gradient_of_rows(
    layers: Any, options: Any, plan: Any, X: Any, Y: Any, labels: Any, weight: Any, order: Any,
    theta: Any, gradient: Any, g0: int, work: Any, base: int, start: int, low: int, high: int, scale: float, step: int,
    sums: Any, s0: int, fresh: int, wide: Any,
) -> None:  # fmt: skip
    """The gradient of the rows order[low:high] of a batch that begins at `start`, tile by tile.

    `fresh` is 0 where the tile of the step before is the tile of this one too, and is still in place. Of each
    TILES_PER_SUM tiles the gradients are added up in θ's precision; the sums of these are added up in `wide`, in double
    precision, so that the rounding of a sum over millions of samples does not grow with their number.
    """
    ld, tile, size = plan[at.LD], plan[at.TILE], plan[at.SIZE]
    tiles, sums_in_wide = 0, 0
    for first in range(low, high, tile):
        if tiles == at.TILES_PER_SUM:
            if sums_in_wide == 0:
                for i in range(g0, g0 + size):
                    wide[i] = 0.0
            for i in range(g0, g0 + size):
                wide[i] += gradient[i]
            tiles, sums_in_wide = 0, 1
        count = min(tile, high - first)
        if fresh:
            gather(work, base + plan[at.X_AT], ld, X, plan[at.FEATURES], order, first, count)
            gather(work, base + plan[at.Y_AT], ld, Y, plan[at.OUTPUTS], order, first, count)
            if plan[at.LOSS] == at.BY_ROWS:
                gather(work, base + plan[at.LABELS_AT], ld, labels, 1, order, first, count)
            gather_weights(work, base + plan[at.WEIGHT_AT], weight, plan[at.HAS_WEIGHT], order, first, count, ld)
        forward(layers, options, plan, theta, work, base, count, first - start, step)
        output_delta(layers, options, plan, work, base, count, scale, sums, s0)
        backward(layers, options, plan, theta, work, base, count, gradient, g0, int(tiles > 0), 1)
        tiles += 1
    if sums_in_wide:
        for i in range(g0, g0 + size):
            gradient[i] = wide[i] + gradient[i]
