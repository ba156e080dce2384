"""A network, its objective and its data as the plain arrays that the kernels take (see `kernels.plan`)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pellucid.engines.kernels import plan as at
from pellucid.engines.kernels.level import lanes
from pellucid.maths.activations import Activation
from pellucid.maths.dropout import keep_threshold
from pellucid.maths.losses import Loss
from pellucid.maths.penalties import L1, L2, Penalty
from pellucid.maths.typing import Array
from pellucid.network.objective import Objective
from pellucid.network.parameters import penalized_mask
from pellucid.network.stack import LayerStack
from pellucid.optimizers import Limits

NO_LIMITS = Limits()
TILE = 256
"""At most so many samples are worked on at a time: one unit's fill 2 kB, a layer's stay in the cache."""


@dataclass
class Packed:
    """What a kernel is told of a network and its objective, and the buffers that it works in."""

    layers: Array
    options: Array
    plan: Array
    settings: Array
    theta: Array
    penalized: Array
    work: Array

    @property
    def size(self) -> int:
        """The length of θ, rounded up."""
        return int(self.plan[at.SIZE])


def pack(
    network: LayerStack,
    objective: Objective,
    *,
    n: int,
    batch_size: int,
    total_weight: float,
    threads: int = 1,
    seed: int = 0,
    limits: Limits = NO_LIMITS,
) -> Packed:
    """Plan and buffers for `n` rows in batches; what depends on the data's values is not in here."""
    dtype, width = network.dtype, lanes(network.dtype.itemsize * 8)
    share = -(-batch_size // threads)
    tile = _rounded(-(-share // -(-share // TILE)), width)
    plan = np.zeros(at.PLAN_FIELDS, dtype=np.int64)
    # A whole cache line more than the tile where a power of two would map all rows to the same few lines of the cache.
    lead = tile + (width if (tile * dtype.itemsize) % 512 == 0 else 0)
    layers, options, place = _layers(network, lead)
    k, p = network.n_outputs, network.n_inputs
    widest = max(spec.units for spec in network.specs)
    for block, rows in (
        (at.X_AT, p), (at.Y_AT, k), (at.LABELS_AT, 1), (at.WEIGHT_AT, 1), (at.LOSS_AT, k), (at.DELTA_AT, widest),
        (at.OTHER_AT, widest),
    ):  # fmt: skip
        plan[block] = place
        place += rows * lead
    size = _rounded(network.theta.size, 64)
    last = network.specs[-1].activation
    one_batch = batch_size >= n
    values = {
        at.N_LAYERS: len(network.specs), at.ROWS: n, at.FEATURES: p, at.OUTPUTS: k, at.BATCH: batch_size, at.TILE: tile,
        at.LEAD: lead, at.EPOCHS: 1, at.SIZE: size, at.LOSS: loss_number(network.loss, last),
        at.CANONICAL: int(network.loss.is_canonical_with(last)), at.UPDATE: -1,
        at.METRIC: at.ACCURACY_OF_SIGMOIDS if network.loss.task == "classification" else at.R2,
        at.MEAN: int(objective.reduction == "mean"), at.THREADS: threads, at.SEED: seed,
        at.RESIDENT: int(one_batch and share <= tile), at.WORK: place,
    }  # fmt: skip
    for field, value in values.items():
        plan[field] = value
    settings = np.zeros(at.SETTINGS)
    settings[at.LOSS_OPTION] = getattr(network.loss, "delta", getattr(network.loss, "level", 0.0))
    settings[at.L1], settings[at.L2] = penalty_strengths(objective.penalty)
    settings[at.TOTAL_WEIGHT] = total_weight
    settings[at.CLIP_NORM], settings[at.MAX_NORM] = limits.clip_norm or 0.0, limits.max_norm or 0.0
    penalized = aligned(size, dtype)
    penalized[: network.theta.size] = penalized_mask(network.groups)
    return Packed(layers, options, plan, settings, aligned(size, dtype), penalized, aligned(place * threads, dtype))


def _layers(network: LayerStack, lead: int) -> tuple[Array, Array, int]:
    """Rows of `layers` and `options`, and the length of the workspace so far."""
    layers = np.zeros((len(network.specs), at.LAYER_FIELDS), dtype=np.int64)
    options = np.zeros((len(network.specs), at.LAYER_OPTIONS))
    place = 0
    for i, spec in enumerate(network.specs):
        weights, biases = network.groups[2 * i], network.groups[2 * i + 1]
        name, block = spec.activation.name, spec.units * lead
        # Softmax keeps Z for the loss; the others only where the derivative needs it.
        separate = name in at.NEED_Z or i == len(network.specs) - 1
        h = place + (block if separate else 0)
        a = h + (block if spec.dropout else 0)
        mask = a + (block if spec.dropout else 0)
        layers[i] = (
            spec.n_inputs, spec.units, at.SOFTMAX if name == "softmax" else at.ACTIVATIONS.index(name), weights.start,
            biases.start, place, h, a, mask, keep_threshold(spec.dropout) if spec.dropout else -1,
        )  # fmt: skip
        options[i] = activation_option(spec.activation), 1 / (1 - spec.dropout)
        place = mask + block
    return layers.ravel(), options.ravel(), place


def activation_option(activation: Activation) -> float:
    """The one number that an activation may be given."""
    if activation.name == "selu":
        return 0.0
    return float(getattr(activation, "alpha", getattr(activation, "slope", 0.0)))


def loss_number(loss: Loss, output: Activation) -> int:
    """The loss's number in the kernels' table."""
    if loss.name == "cross_entropy":
        return at.CROSS_ENTROPY
    name = "poisson_from_logits" if loss.name == "poisson" and loss.is_canonical_with(output) else loss.name
    return at.LOSSES.index(name)


def penalty_strengths(penalty: Penalty | None) -> tuple[float, float]:
    """(λ₁, λ₂) with the penalty Σ λ₁ |w| + λ₂/2 w²."""
    if penalty is None:
        return 0.0, 0.0
    ratio = {L1: 1.0, L2: 0.0}.get(type(penalty), getattr(penalty, "l1_ratio", 0.0))
    return penalty.strength * ratio, penalty.strength * (1 - ratio)


def aligned(size: int, dtype: np.dtype[np.floating]) -> Array:
    """Zeros that begin at a cache line."""
    raw = np.zeros(size * dtype.itemsize + 64, dtype=np.uint8)
    start = -raw.ctypes.data % 64
    return raw[start : start + size * dtype.itemsize].view(dtype)


def _rounded(number: int, multiple: int) -> int:
    """The next multiple."""
    return -(-number // multiple) * multiple
