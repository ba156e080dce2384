"""A run of epochs: batches, forward, backward, update, loss and metric, without returning to Python."""

import math
from typing import Any

from . import plan as at
from .jit import kernel
from .passes import forward, gradient_of_rows
from .rows import gather, total_weight
from .updates import apply_update
from .vectors import (
    ADD,
    COPY,
    add_squares,
    defect,
    elementwise,
    penalize,
    rescale,
    scaled_by,
    sum_of_squares,
)
from .workers import AGREED, STOP, barrier, peek

LARGEST = 1.7976931348623157e308
"""The largest double."""
SMALLEST = 1e-280
"""Sums of squares below this may have lost terms to underflow."""
SHRINK, STRETCH = 2.0**-600, 2.0**600
"""What a gradient is multiplied by before it is squared, where its squares overflow or become 0."""
TINY_FACTOR = 1e-30
"""A factor below this is applied in two steps: in single precision it may be next to nothing, or nothing."""
STRETCH_OF_PENALTY = 512
"""Parameters whose penalties are added up in θ's precision; the sums of these stretches are added in double."""


@kernel
def shorten(layers: Any, plan: Any, longest: float, theta: Any, work: Any) -> None:
    """Shorten each unit's incoming weights, a column of W (p, h), to the length `longest`.

    Each column is divided by its largest |w| before it is squared, so that no square overflows or becomes 0.
    """
    largest, squares = plan[at.DELTA_AT], plan[at.OTHER_AT]
    for i in range(plan[at.N_LAYERS]):
        o = i * at.LAYER_FIELDS
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
    layers: Any, options: Any, plan: Any, settings: Any, X: Any, Y: Any, labels: Any, weight: Any, order: Any,
    numbers: Any, theta: Any, gradient: Any, first_state: Any, second_state: Any, penalized: Any, decayed: Any,
    before: Any, work: Any, sums: Any, results: Any, sync: Any, wide: Any, worker: int,
) -> int:  # fmt: skip
    """Run epochs; returns how many were finished: fewer than planned if the last one left a loss or a θ that is not
    finite, or if STOP was set in `sync` (then after the batch at hand).

    `order` holds row numbers, an epoch's after the other's; `numbers` the STEP_NUMBERS of each update. `gradient`,
    `work` and `sums` have a part for each worker; θ and the optimizer's states are shared, and each worker updates its
    stretch of them. `penalized` and `decayed` are 1 where the penalty and weight decay act. `before` is θ as it was
    before the last epoch. `wide` holds gradients of many tiles in double precision. `results` gets a row for each
    epoch: see `plan`.
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
                layers, options, plan, settings, X, Y, labels, weight, order, theta, gradient, g0, work,
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
            part = batch_weight / settings[at.TOTAL_WEIGHT]
            if settings[at.L1] != 0.0 or settings[at.L2] != 0.0:
                pull = 1.0 if plan[at.MEAN] else part
                value = 0.0
                for first in range(mine, mine + length, STRETCH_OF_PENALTY):
                    value += penalize(
                        gradient, first, theta, first, penalized, first, min(STRETCH_OF_PENALTY, mine + length - first),
                        settings[at.L1], settings[at.L2], pull,
                    )  # fmt: skip
                sums[s0 + penalty_at] += part * value
            if settings[at.CLIP_NORM] > 0.0:
                factor = 1.0
                squares = 0.0
                for attempt in range(2):
                    sums[s0 + broken_at] = sum_of_squares(gradient, mine, length, factor)
                    barrier(sync, threads)
                    squares = 0.0
                    for other in range(threads):
                        squares += sums[other * columns + broken_at]
                    if attempt == 1 or SMALLEST <= squares <= LARGEST:
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
            o = (step - plan[at.STEP]) * at.STEP_NUMBERS
            apply_update(
                plan[at.UPDATE], length, theta, mine, first_state, mine, second_state, mine, theta, mine, gradient,
                mine, first_state, mine, second_state, mine, decayed, mine, numbers[o], numbers[o + 1], numbers[o + 2],
                numbers[o + 3], numbers[o + 4], numbers[o + 5], numbers[o + 6], numbers[o + 7], numbers[o + 8],
            )  # fmt: skip
            step += 1
            barrier(sync, threads)
            if settings[at.MAX_NORM] > 0.0:
                if worker == 0:
                    shorten(layers, plan, settings[at.MAX_NORM], theta, work)
                barrier(sync, threads)
            if stopping:
                return epoch
        sums[s0 + broken_at] = defect(theta, mine, length)
        barrier(sync, threads)
        broken = False
        total = 0.0  # of workers whose losses are finite, the sum may not be
        for other in range(threads):
            total += sums[other * columns]
            broken = broken or sums[other * columns + broken_at] != 0.0
        # A comparison, which NaN fails: "x − x" of an infinite x may be reordered into 0 here.
        broken = broken or not (abs(total) <= LARGEST)
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
def predict(layers: Any, options: Any, plan: Any, X: Any, order: Any, theta: Any, work: Any, out: Any) -> int:
    """Outputs A of the last layer, row-major (n, k), for all rows; 1, and no outputs, if an input is not finite."""
    k, lead = plan[at.OUTPUTS], plan[at.LEAD]
    h = layers[(plan[at.N_LAYERS] - 1) * at.LAYER_FIELDS + at.H]
    for first in range(0, plan[at.ROWS], plan[at.TILE]):
        count = min(plan[at.TILE], plan[at.ROWS] - first)
        gather(work, plan[at.X_AT], lead, X, plan[at.FEATURES], order, first, count)
        if defect(work, plan[at.X_AT], plan[at.FEATURES] * lead) != 0.0:
            return 1
        forward(layers, options, plan, theta, work, 0, count, 0, -1)
        for s in range(count):
            for j in range(k):
                out[(first + s) * k + j] = work[h + j * lead + s]
    return 0
