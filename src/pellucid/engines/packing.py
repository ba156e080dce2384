"""Pack a network, its objective and its data into the arrays that the kernels take (see `kernels.plan`)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pellucid.engines.formulas import Formulas, described, option_values, transform_number
from pellucid.engines.kernels import plan as at
from pellucid.engines.kernels.level import lanes
from pellucid.maths.dropout import keep_threshold
from pellucid.maths.typing import Array
from pellucid.network.layers import Dense
from pellucid.network.objective import Objective
from pellucid.network.parameters import penalized_mask
from pellucid.network.stack import LayerStack
from pellucid.optimizers import FirstOrder, Limits

NO_LIMITS = Limits()
TILE = 256
"""Maximum number of samples per tile: those of a unit fill 2 kB, those of a layer fit into the cache."""


@dataclass
class Packed:
    """The arrays that describe a network and its objective to a kernel, and its workspace."""

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
    formulas: Formulas,
    *,
    n: int,
    batch_size: int,
    total_weight: float,
    threads: int = 1,
    seed: int = 0,
    limits: Limits = NO_LIMITS,
    rule: FirstOrder | None = None,
) -> Packed:
    """Plan and buffers for `n` rows in batches, independent of the values of the data."""
    dtype, width = network.dtype, lanes(network.dtype.itemsize * 8)
    share = -(-batch_size // threads)
    tile = _rounded(-(-share // -(-share // TILE)), width)
    plan = np.zeros(at.PLAN_FIELDS, dtype=np.int64)
    # One cache line more than the tile, because a power of two would map all rows to the same few cache lines.
    ld = tile + (width if (tile * dtype.itemsize) % 512 == 0 else 0)
    layers, options, place = _layers(network, formulas, ld)
    of_loss, of_penalty = option_values(network.loss), option_values(objective.penalty)
    k, p = network.n_outputs, network.n_inputs
    widest = max(spec.units for spec in network.specs)
    for block, rows in (
        (at.X_AT, p), (at.Y_AT, k), (at.LABELS_AT, 1), (at.WEIGHT_AT, 1), (at.LOSS_AT, k), (at.DELTA_AT, widest),
        (at.OTHER_AT, widest),
    ):  # fmt: skip
        plan[block] = place
        place += rows * ld
    size = _rounded(network.theta.size, 64)
    last = network.specs[-1].activation
    one_batch = batch_size >= n
    loss = formulas.loss_number(network.loss, last)
    update = formulas.rule_number(rule)
    penalty = formulas.penalty_number(objective.penalty)
    assert loss is not None, "see `choice.missing_kernel`"
    assert update is not None
    assert penalty is not None
    values = {
        at.N_LAYERS: len(network.specs), at.ROWS: n, at.FEATURES: p, at.OUTPUTS: k, at.BATCH: batch_size, at.TILE: tile,
        at.LD: ld, at.EPOCHS: 1, at.SIZE: size, at.LOSS: loss[0], at.CANONICAL: int(loss[1]),
        at.LOSS_OPTIONS: len(options), at.PENALTY: penalty, at.PENALTY_OPTIONS: len(options) + len(of_loss),
        at.UPDATE: update, at.STEP_NUMBERS: 0 if rule is None else 1 + len(rule.kernel_numbers),
        at.METRIC: at.ACCURACY_OF_SIGMOIDS if network.loss.task == "classification" else at.R2,
        at.MEAN: int(objective.reduction == "mean"), at.THREADS: threads, at.SEED: seed,
        at.RESIDENT: int(one_batch and share <= tile), at.WORK: place,
    }  # fmt: skip
    for field, value in values.items():
        plan[field] = value
    settings = np.zeros(at.SETTINGS)
    settings[at.TOTAL_WEIGHT] = total_weight
    settings[at.CLIP_NORM], settings[at.MAX_NORM] = limits.clip_norm or 0.0, limits.max_norm or 0.0
    penalized = aligned(size, dtype)
    penalized[: network.theta.size] = penalized_mask(network.groups)
    numbers = np.array([*options, *of_loss, *of_penalty])
    return Packed(layers, numbers, plan, settings, aligned(size, dtype), penalized, aligned(place * threads, dtype))


def _layers(network: LayerStack, formulas: Formulas, ld: int) -> tuple[Array, list[float], int]:
    """Rows of `layers`, the numbers in `options` that they point to, and the length of the workspace so far."""
    layers = np.zeros((len(network.specs), at.LAYER_FIELDS), dtype=np.int64)
    options: list[float] = []
    place = 0
    for i, spec in enumerate(network.specs):
        dense = isinstance(spec, Dense)
        transform = transform_number(spec)
        number = formulas.activation_number(spec.activation) if dense else at.NO_ACTIVATION
        assert transform is not None, "see `choice.missing_kernel`"
        assert number is not None
        starts = [group.start for group in network.groups if group.layer == i]
        block = spec.units * ld
        # Softmax keeps Z for the loss; other activations only if the derivative needs it.
        separate = dense and (spec.activation.derivative_from == "z" or i == len(network.specs) - 1)
        h = place + (block if separate else 0)
        a = h + (block if spec.dropout else 0)
        mask = a + (block if spec.dropout else 0)
        layers[i] = (
            spec.n_inputs, spec.units, number, starts[0], starts[-1], place, h, a, mask,
            keep_threshold(spec.dropout) if spec.dropout else -1, len(options) + 1, len(options), transform,
        )  # fmt: skip
        options += [1 / (1 - spec.dropout), *(option_values(described(spec.activation)) if dense else ())]
        place = mask + block
    return layers.ravel(), options, place


def aligned(size: int, dtype: np.dtype[np.floating]) -> Array:
    """Zeros, aligned to a cache line."""
    raw = np.zeros(size * dtype.itemsize + 64, dtype=np.uint8)
    start = -raw.ctypes.data % 64
    return raw[start : start + size * dtype.itemsize].view(dtype)


def _rounded(number: int, multiple: int) -> int:
    """The next multiple."""
    return -(-number // multiple) * multiple
