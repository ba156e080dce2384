"""Products larger than the processor's first cache, a part at a time.

A part is chosen so that what it reads over and over stays in the first cache (32 kB or more): the samples of `DEPTH`
rows, one cache line each, and `ROWS` weights beside each other of as many; or `CACHED` bytes of δ. Layers up to about
96 × 128 are one part. The parts add up in the order of the undivided sum, so the result is the same to the bit.
"""

from typing import Any

from .jit import kernel
from .products import GO_ON, combine, correlate

DEPTH, ROWS = 128, 96
CACHED = 24_576


@kernel
def combine_in_blocks(
    out: Any, o: int, rows: int, w: Any, w0: int, row_step: int, depth_step: int, depth: int, a: Any, a0: int,
    lead: int, count: int, bias: Any, b0: int,
) -> None:  # fmt: skip
    """`combine`, in parts of ROWS × DEPTH weights."""
    for r in range(0, rows, ROWS):
        for k in range(0, depth, DEPTH):
            start = b0
            if k > 0:
                start = GO_ON
            elif b0 >= 0:
                start = b0 + r
            combine(
                out, o + r * lead, min(ROWS, rows - r), w, w0 + r * row_step + k * depth_step, row_step, depth_step,
                min(DEPTH, depth - k), a, a0 + k * lead, lead, count, bias, start,
            )  # fmt: skip


@kernel
def correlate_in_blocks(
    out: Any, o: int, a: Any, a0: int, rows: int, d: Any, d0: int, columns: int, lead: int, count: int, keep: int
) -> None:
    """`correlate` into a matrix (rows, columns), in parts of as many columns as have their δ in CACHED bytes."""
    width = max(8, CACHED // (lead * d.itemsize) // 8 * 8)
    for c in range(0, columns, width):
        correlate(
            out, o + c, columns, a, a0, rows, d, d0 + c * lead, min(width, columns - c), lead, count, keep
        )  # fmt: skip
