r"""Periodic features: sines and cosines of each input, with frequencies that are learned.

A small network bends slowly; features that oscillate let it follow a target that jumps or repeats. For each input a_j
and each of its m coefficients c_jk, with v_jk = 2π c_jk a_j:

    Z = [sin v, cos v] (n, 2 p m)
    ∂J/∂c_jk = 2π Σᵢ a_ij (S_ijk cos v_ijk − C_ijk sin v_ijk)        with [S, C] = δ
    ∂J/∂a_j  = 2π Σₖ c_jk (S_jk cos v_jk − C_jk sin v_jk)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

import numpy as np

from pellucid.maths.checks import check_integer, check_real
from pellucid.maths.initializers import Normal
from pellucid.maths.typing import Array
from pellucid.network.ops.operation import Operation, Parameter

TWO_PI = 2 * np.pi


@dataclass(frozen=True, eq=False)
class Periodic(Operation):
    r"""Z = [sin 2πca, cos 2πca] of each input a, with `frequencies` learned coefficients c for each.

    Columns of Z: the sines of input 1 with each of its coefficients, those of input 2, …, then the cosines likewise.

    Parameters
    ----------
    n_inputs : int
        p. Give them a common scale, as `sigma` is in turns per unit of an input.
    frequencies : int
        m, so that Z has 2 p m columns.
    sigma : float
        The coefficients c (p, m) start from a normal distribution with this standard deviation; it decides how fast the
        features oscillate, and is worth a search. They are not penalized.

    Examples
    --------
    >>> Periodic(2, frequencies=3).units
    12
    >>> Z, _ = Periodic(1, 1).forward((np.array([[0.25]]),), np.array([[1.0]]))  # a quarter of a turn
    >>> Z.round(9)
    array([[1., 0.]])

    Source: Gorishniy, Rubachev, Babenko, "On embeddings for numerical features in tabular deep learning", NeurIPS 2022,
    section 3.3.
    """

    frequencies: int = 8
    sigma: float = 0.1

    name: ClassVar[str] = "periodic"
    title: ClassVar[str] = "Periodic"
    kernel_name: ClassVar[str | None] = "periodic"
    symbols: ClassVar[Mapping[str, str]] = MappingProxyType({"frequencies": "m", "sigma": r"\sigma"})
    formula: ClassVar[str] = r"Z = \left[\sin v,\; \cos v\right],\quad v_{jk} = 2\pi\, c_{jk}\, a_j"
    gradient_formula: ClassVar[dict[str, str]] = {
        "c": r"2\pi \sum_i a_{ij} \left(S_{ijk} \cos v_{ijk} - C_{ijk} \sin v_{ijk}\right),\quad "
        r"\left[S,\; C\right] = \delta"
    }
    backward_formula: ClassVar[str] = (
        r"2\pi \sum_k c_{jk} \left(S_{jk} \cos v_{jk} - C_{jk} \sin v_{jk}\right),\quad \left[S,\; C\right] = \delta"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "frequencies", check_integer("frequencies", self.frequencies, least=1))
        check_real("sigma", self.sigma, above=0)

    @property
    def units(self) -> int:
        """2 p m."""
        return 2 * self.n_inputs * self.frequencies

    def parameters(self) -> tuple[Parameter, ...]:
        """c (p, m), normal at the start."""
        return (Parameter("c", (self.n_inputs, self.frequencies), Normal(scale=self.sigma)),)

    def forward(self, parameters: Sequence[Array], A: Array) -> tuple[Array, tuple[Array, Array]]:
        """Sines first, then cosines."""
        v = A[:, :, None] * (A.dtype.type(TWO_PI) * parameters[0])
        v = v.reshape(len(A), -1)
        Z = np.concatenate([np.sin(v), np.cos(v)], axis=1)
        return Z, (A, Z)

    def _in_v(self, Z: Array, dZ: Array) -> Array:
        """2π ∂J/∂v (n, p, m): the derivative of the sine is the cosine, that of the cosine minus the sine."""
        half = self.n_inputs * self.frequencies
        dv = dZ[:, :half] * Z[:, half:] - dZ[:, half:] * Z[:, :half]
        return (dv * dv.dtype.type(TWO_PI)).reshape(len(Z), self.n_inputs, self.frequencies)

    def gradients(
        self, parameters: Sequence[Array], cache: tuple[Array, Array], dZ: Array, into: Sequence[Array]
    ) -> None:
        """Every sample shares c: a sum over the samples."""
        A, Z = cache
        np.einsum("ij,ijk->jk", A, self._in_v(Z, dZ), out=into[0])

    def backward(self, parameters: Sequence[Array], cache: tuple[Array, Array], dZ: Array) -> Array:
        """An input reaches J through all of its sines and cosines."""
        return np.einsum("jk,ijk->ij", parameters[0], self._in_v(cache[1], dZ))

    def slopes(self, parameters: Sequence[Array]) -> Array:
        """2π c of each sine and cosine: its maximum slope."""
        half = np.zeros((self.n_inputs, self.n_inputs, self.frequencies), dtype=parameters[0].dtype)
        half[np.arange(self.n_inputs), np.arange(self.n_inputs)] = TWO_PI * parameters[0]
        sines: Array = half.reshape(self.n_inputs, -1)
        return np.hstack([sines, sines])

    def jacobian(self, parameters: Sequence[Array], A: Array, dZ: Array) -> Array:
        """The terms of the sum."""
        Z, _ = self.forward(parameters, A)
        return (A[:, :, None] * self._in_v(Z, dZ)).reshape(len(A), -1)
