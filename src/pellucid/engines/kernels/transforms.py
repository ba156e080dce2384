"""The transforms of a layer besides the affine one: those of `pellucid.network.ops`, forward and backward.

Both compute with products of one input and each of its m coefficients, v_jk = c_jk a_j. Such a product is the matrix
product of `blocks` with a single input, done for one input after the other:

* `Scale` has m = 1: Z = v, c = s;
* `Periodic` has Z = [sin 2πv, cos 2πv].
"""

from typing import Any

from pellucid.maths.elementary import sincospi

from . import plan as at
from .blocks import gemm, gemm_nt
from .jit import kernel
from .products import NO_BIAS
from .tables import table

TWO_PI = 6.283185307179586


def sine_and_cosine(v: Any) -> Any:
    """sin 2πv and cos 2πv."""
    return sincospi(v + v)


def through_sine_and_cosine(ds: Any, dc: Any, s: Any, c: Any) -> Any:
    """∂J/∂v = 2π (∂J/∂s · c − ∂J/∂c · s) with s = sin 2πv and c = cos 2πv; ∂J/∂c is kept."""
    return (ds * c - dc * s) * TWO_PI, None


sines_and_cosines = table([sine_and_cosine], outputs=2, inputs=1, parameters=0)
through_sines_and_cosines = table([through_sine_and_cosine], outputs=2, inputs=4, parameters=0)


@kernel
def coefficients(kind: int, units: int, inputs: int) -> int:
    """m, the coefficients of an input."""
    return 1 if kind == at.SCALE else units // (2 * inputs)


@kernel
def transform(
    kind: int, work: Any, z: int, units: int, theta: Any, c: int, source: int, inputs: int, ld: int, count: int
) -> None:
    """Z from A, which is at `source`."""
    m = coefficients(kind, units, inputs)
    for j in range(inputs):
        gemm(
            work, z + j * m * ld, m, theta, c + j * m, 1, 1, 1, work, source + j * ld, ld, count, theta, NO_BIAS
        )  # fmt: skip
    if kind == at.PERIODIC:
        half = inputs * m * ld
        sines_and_cosines(0, half, work, z, work, z + half, work, z)


@kernel
def transform_gradient(
    kind: int, gradient: Any, g: int, work: Any, source: int, inputs: int, z: int, delta: int, units: int, ld: int,
    count: int, keep: int,
) -> None:  # fmt: skip
    """∂J/∂c_jk = Σₛ a_j ∂J/∂v_jk. ∂J/∂v takes the place of δ, or of its first half, for `transform_vjp`."""
    m = coefficients(kind, units, inputs)
    if kind == at.PERIODIC:
        half = inputs * m * ld
        through_sines_and_cosines(
            0, half, work, delta, work, delta + half, work, delta, work, delta + half, work, z, work, z + half
        )  # fmt: skip
    for j in range(inputs):
        gemm_nt(gradient, g + j * m, work, source + j * ld, 1, work, delta + j * m * ld, m, ld, count, keep)


@kernel
def transform_vjp(
    kind: int, work: Any, other: int, inputs: int, theta: Any, c: int, delta: int, units: int, ld: int, count: int
) -> None:
    """∂J/∂a_j = Σₖ c_jk ∂J/∂v_jk, from the ∂J/∂v that `transform_gradient` left in place of δ."""
    m = coefficients(kind, units, inputs)
    for j in range(inputs):
        gemm(
            work, other + j * ld, 1, theta, c + j * m, m, 1, m, work, delta + j * m * ld, ld, count, theta, NO_BIAS
        )  # fmt: skip
