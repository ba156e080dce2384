"""Products larger than the processor's first cache, a part at a time.

A part is chosen so that what it reads over and over stays in the first cache (32 kB or more): the samples of `DEPTH`
rows, one cache line each, and `ROWS` weights beside each other of as many; or `CACHED` bytes of δ. Layers up to about
96 × 128 are one part. The parts add up in the order of the undivided sum, so the result is the same to the bit.
"""

from typing import Any

from .jit import kernel
from .products import GO_ON, gemm_block, gemm_nt_block

DEPTH, ROWS = 128, 96
CACHED = 24_576


@kernel
def gemm(
    out: Any, o: int, rows: int, w: Any, w0: int, row_step: int, depth_step: int, depth: int, a: Any, a0: int,
    ld: int, count: int, bias: Any, b0: int,
) -> None:  # fmt: skip
    """`gemm_block`, in parts of ROWS × DEPTH weights."""
    for r in range(0, rows, ROWS):
        for k in range(0, depth, DEPTH):
            start = b0
            if k > 0:
                start = GO_ON
            elif b0 >= 0:
                start = b0 + r
            gemm_block(
                out, o + r * ld, min(ROWS, rows - r), w, w0 + r * row_step + k * depth_step, row_step, depth_step,
                min(DEPTH, depth - k), a, a0 + k * ld, ld, count, bias, start,
            )  # fmt: skip


@kernel
def gemm_nt(
    out: Any, o: int, a: Any, a0: int, rows: int, d: Any, d0: int, columns: int, ld: int, count: int, keep: int
) -> None:
    """`gemm_nt_block` into a matrix (rows, columns), in parts of as many columns as have their δ in CACHED bytes."""
    width = max(8, CACHED // (ld * d.itemsize) // 8 * 8)
    for c in range(0, columns, width):
        gemm_nt_block(
            out, o + c, columns, a, a0, rows, d, d0 + c * ld, min(width, columns - c), ld, count, keep
        )  # fmt: skip
