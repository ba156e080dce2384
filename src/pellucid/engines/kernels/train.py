"""A run of epochs: batches, forward, backward, update, loss and metric, without returning to Python."""

import math
from typing import Any

from . import plan as at
from .formulas import apply_update, penalize
from .jit import kernel
from .passes import forward, gradient_of_rows
from .rows import gather, total_weight
from .vectors import (
    ADD,
    COPY,
    add_squares,
    elementwise,
    nonfinite_flag,
    rescale,
    scaled_by,
    sum_of_squares,
)
from .workers import AGREED, STOP, barrier, peek

MAX_DOUBLE = 1.7976931348623157e308
"""The largest double."""
MIN_SQUARES = 1e-280
"""Sums of squares below this may have lost terms to underflow."""
SHRINK, STRETCH = 2.0**-600, 2.0**600
"""What a gradient is multiplied by before it is squared, where its squares overflow or become 0."""
TINY_FACTOR = 1e-30
"""A factor below this is applied in two steps: in single precision it may be next to nothing, or nothing."""
ELEMENTS_PER_PENALTY_SUM = 512
"""Parameters whose penalties are added up in θ's precision; the sums of these stretches are added in double."""


@kernel
def apply_max_norm(layers: Any, plan: Any, longest: float, theta: Any, work: Any) -> None:
    """Shorten each unit's incoming weights, a column of W (p, h) of an affine layer, to the length `longest`.

    Each column is divided by its largest |w| before it is squared, so that no square overflows or becomes 0.
    """
    largest, squares = plan[at.DELTA_AT], plan[at.OTHER_AT]
    for i in range(plan[at.N_LAYERS]):
        o = i * at.LAYER_FIELDS
        if layers[o + at.TRANSFORM] != at.AFFINE:
            continue
        inputs, units, w = layers[o + at.INPUTS], layers[o + at.UNITS], layers[o + at.W]
        for j in range(units):
            work[largest + j] = 0.0
            work[squares + j] = 0.0
        for k in range(inputs):
            for j in range(units):
                size = abs(theta[w + k * units + j])
                work[largest + j] = size if size > work[largest + j] else work[largest + j]
        for k in range(inputs):
            add_squares(work, squares, theta, w + k * units, work, largest, units)
        for j in range(units):
            root = math.sqrt(1.0 * work[squares + j])
            work[squares + j] = longest / root if root * work[largest + j] > longest else 0.0
        for k in range(inputs):
            rescale(theta, w + k * units, work, largest, work, squares, units)


@kernel
def train(
    layers: Any, plan: Any, order: Any, options: Any, X: Any, theta: Any, work: Any, settings: Any, Y: Any, labels: Any,
    weight: Any, numbers: Any, gradient: Any, state: Any, penalized: Any, before: Any, sums: Any, results: Any,
    sync: Any, wide: Any, worker: int,
) -> int:  # fmt: skip
    """Run epochs, on the arrays of `pellucid.engines.abi.TRAIN_ARRAYS`.

    Returns how many were finished: fewer than planned if the last one left a loss or a θ that is not finite, or if STOP
    was set in `sync` (then after the current batch).

    `order` holds row numbers, an epoch's after the other's; `numbers` the STEP_NUMBERS of each update. `gradient`,
    `work` and `sums` have a part for each worker; θ and the vectors of the optimizer's state, one after the other in
    `state`, are shared, and each worker updates its stretch of them. `penalized` is 1 where the penalty acts. `before`
    is θ as it was before the last epoch. `wide` holds gradients of many tiles in double precision. `results` gets a row
    for each epoch: see `plan`.
    """
    threads, size, n, batch = plan[at.THREADS], plan[at.SIZE], plan[at.ROWS], plan[at.BATCH]
    stretch = ((size + threads - 1) // threads + 63) // 64 * 64
    mine = min(worker * stretch, size)
    length = min(mine + stretch, size) - mine
    g0 = worker * size
    columns = at.TALLY + plan[at.OUTPUTS] + 2
    s0 = worker * columns
    penalty_at, broken_at = columns - 2, columns - 1
    step = plan[at.STEP]
    fresh = 1
    for epoch in range(plan[at.EPOCHS]):
        for i in range(columns):
            sums[s0 + i] = 0.0
        elementwise(COPY, length, before, mine, theta, mine, theta, mine)
        rows = epoch * plan[at.ORDER_STEP]
        for start in range(rows, rows + n, batch):
            stop = min(start + batch, rows + n)
            share = (stop - start + threads - 1) // threads
            low = min(start + worker * share, stop)
            high = min(low + share, stop)
            batch_weight = total_weight(weight, plan[at.HAS_WEIGHT], order, start, stop - start)
            scale = 1.0
            if plan[at.MEAN]:
                scale = 0.0
                if batch_weight > 0.0:
                    scale = 1.0 / batch_weight
            if low == high:
                for i in range(g0, g0 + size):
                    gradient[i] = 0.0
            gradient_of_rows(
                layers, options, plan, X, Y, labels, weight, order, theta, gradient, g0, work,
                worker * plan[at.WORK], start, low, high, scale, step, sums, s0, fresh, wide,
            )  # fmt: skip
            fresh = 1 - plan[at.RESIDENT]
            if worker == 0:
                sync[AGREED] = int(peek(sync, STOP))
            barrier(sync, threads)
            # Between two barriers, so that all workers read the same.
            stopping = sync[AGREED]
            for other in range(1, threads):
                elementwise(ADD, length, gradient, mine, gradient, mine, gradient, other * size + mine)
            batch_fraction = batch_weight / settings[at.TOTAL_WEIGHT]
            if plan[at.PENALTY] != at.NONE:
                penalty_scale = 1.0 if plan[at.MEAN] else batch_fraction
                value = 0.0
                for first in range(mine, mine + length, ELEMENTS_PER_PENALTY_SUM):
                    count = min(ELEMENTS_PER_PENALTY_SUM, mine + length - first)
                    value += penalize(
                        plan[at.PENALTY], count, gradient, first, theta, first, penalized, first, options,
                        plan[at.PENALTY_OPTIONS], penalty_scale,
                    )  # fmt: skip
                sums[s0 + penalty_at] += batch_fraction * value
            if settings[at.CLIP_NORM] > 0.0:
                factor = 1.0
                squares = 0.0
                for attempt in range(2):
                    sums[s0 + broken_at] = sum_of_squares(gradient, mine, length, factor)
                    barrier(sync, threads)
                    squares = 0.0
                    for other in range(threads):
                        squares += sums[other * columns + broken_at]
                    if attempt == 1 or MIN_SQUARES <= squares <= MAX_DOUBLE:
                        break
                    factor = STRETCH if squares < 1.0 else SHRINK
                    barrier(sync, threads)  # all have read the sums before they are written again
                norm, bound = math.sqrt(squares), factor * settings[at.CLIP_NORM]
                if norm > bound:
                    ratio = bound / norm
                    if ratio < TINY_FACTOR:
                        ratio = math.sqrt(ratio)
                        scaled_by(0, length, gradient, mine, gradient, mine, ratio)
                    scaled_by(0, length, gradient, mine, gradient, mine, ratio)
            apply_update(
                plan[at.UPDATE], length, theta, mine, gradient, mine, state, mine, size, numbers,
                (step - plan[at.STEP]) * plan[at.STEP_NUMBERS],
            )  # fmt: skip
            step += 1
            barrier(sync, threads)
            if settings[at.MAX_NORM] > 0.0:
                if worker == 0:
                    apply_max_norm(layers, plan, settings[at.MAX_NORM], theta, work)
                barrier(sync, threads)
            if stopping:
                return epoch
        sums[s0 + broken_at] = nonfinite_flag(theta, mine, length)
        barrier(sync, threads)
        broken = False
        total = 0.0  # of workers whose losses are finite, the sum may not be
        for other in range(threads):
            total += sums[other * columns]
            broken = broken or sums[other * columns + broken_at] != 0.0
        # A comparison, which NaN fails: "x − x" of an infinite x may be reordered into 0 here.
        broken = broken or not (abs(total) <= MAX_DOUBLE)
        if worker == 0:
            for i in range(columns - 1):
                results[epoch * columns + i] = 0.0
                for other in range(threads):
                    results[epoch * columns + i] += sums[other * columns + i]
        barrier(sync, threads)
        if broken:
            return epoch + 1
    return plan[at.EPOCHS]


@kernel
def predict(
    layers: Any, plan: Any, order: Any, options: Any, X: Any, theta: Any, work: Any, out: Any, worker: int
) -> int:
    """Outputs A of the last layer, row-major (n, k), for all rows; 1, and no outputs, if an input is not finite."""
    k, ld = plan[at.OUTPUTS], plan[at.LD]
    h = layers[(plan[at.N_LAYERS] - 1) * at.LAYER_FIELDS + at.H]
    for first in range(0, plan[at.ROWS], plan[at.TILE]):
        count = min(plan[at.TILE], plan[at.ROWS] - first)
        gather(work, plan[at.X_AT], ld, X, plan[at.FEATURES], order, first, count)
        if nonfinite_flag(work, plan[at.X_AT], plan[at.FEATURES] * ld) != 0.0:
            return 1
        forward(layers, options, plan, theta, work, 0, count, 0, -1)
        for s in range(count):
            for j in range(k):
                out[(first + s) * k + j] = work[h + j * ld + s]
    return 0
