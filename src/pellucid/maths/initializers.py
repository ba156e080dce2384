r"""Initializers: distributions of the initial weights and biases.

The weights (p, h) of a layer with p inputs and h units are drawn at once, row by row; `biases=` takes the same objects,
and draws the h biases as a matrix (1, h) with the p and h of the layer.

>>> import numpy as np
>>> from pellucid import initializers
>>> W = initializers.XavierUniform().sample(np.random.default_rng(0), (2, 3), n_inputs=2, n_units=3)
>>> W.shape, bool((abs(W) <= (6 / 5) ** 0.5).all())
((2, 3), True)
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from pellucid.maths.checks import check_real
from pellucid.maths.options import Option
from pellucid.maths.registry import Registry
from pellucid.maths.typing import Array

__all__ = [
    "INITIALIZERS",
    "Constant",
    "HeNormal",
    "HeUniform",
    "Initializer",
    "LeCunNormal",
    "Normal",
    "NormalFanIn",
    "Orthogonal",
    "Uniform",
    "XavierNormal",
    "XavierUniform",
    "Zeros",
]

Generator = np.random.Generator | np.random.RandomState


@dataclass(frozen=True, eq=False)
class Initializer(Option):
    """A distribution of initial values. `formula` is the distribution in LaTeX."""

    formula: ClassVar[str] = r"w \sim \ldots"

    def sample(self, random: Generator, shape: tuple[int, int], *, n_inputs: int, n_units: int) -> Array:
        """Draw float64 values of `shape`, for a layer with `n_inputs` inputs and `n_units` units."""
        raise NotImplementedError(f"{type(self).__name__} must define sample(random, shape, *, n_inputs, n_units)")


INITIALIZERS: Registry[Initializer] = Registry(
    "initializer",
    Initializer,
    aliases={
        "glorot_uniform": "xavier_uniform",
        "glorot_normal": "xavier_normal",
        "kaiming_uniform": "he_uniform",
        "kaiming_normal": "he_normal",
    },
)


@INITIALIZERS.register
@dataclass(frozen=True)
class Zeros(Initializer):
    """All zero: suitable for biases. As weights, all units of a hidden layer stay equal to each other for ever."""

    name: ClassVar[str] = "zeros"
    title: ClassVar[str] = "all zero"
    formula: ClassVar[str] = r"w = 0"

    def sample(self, random: Generator, shape: tuple[int, int], *, n_inputs: int, n_units: int) -> Array:
        """Zeros, without using the generator."""
        return np.zeros(shape)


@dataclass(frozen=True)
class Constant(Initializer):
    """All `value`: for parameters that multiply or shift. It has no name of its own, as for weights it would be a trap:
    units that start equal stay equal.
    """

    value: float = 1.0

    name: ClassVar[str] = "constant"
    title: ClassVar[str] = "constant"
    symbols: ClassVar[Mapping[str, str]] = {"value": "c"}
    formula: ClassVar[str] = r"w = c"

    def __post_init__(self) -> None:
        check_real("Constant value", self.value)

    def sample(self, random: Generator, shape: tuple[int, int], *, n_inputs: int, n_units: int) -> Array:
        """`value` everywhere; nothing is drawn."""
        return np.full(shape, float(self.value))


@INITIALIZERS.register
@dataclass(frozen=True)
class Normal(Initializer):
    """N(0, `scale`²), independent of the layer's size."""

    scale: float = 1.0

    name: ClassVar[str] = "normal"
    title: ClassVar[str] = "normal"
    symbols: ClassVar[Mapping[str, str]] = {"scale": "s"}
    formula: ClassVar[str] = r"w \sim N(0, s^2)"

    def __post_init__(self) -> None:
        check_real("Normal scale", self.scale, above=0)

    def sample(self, random: Generator, shape: tuple[int, int], *, n_inputs: int, n_units: int) -> Array:
        """Standard normal numbers times `scale`."""
        return random.standard_normal(shape) * self.scale


@INITIALIZERS.register
@dataclass(frozen=True)
class NormalFanIn(Initializer):
    """N(0, 1)/√p: for standardised inputs, Z has variance 1 at first. The same distribution as `LeCunNormal`, computed
    as in from-scratch tutorials, so that their weights are reproduced bit by bit.
    """

    name: ClassVar[str] = "normal_fan_in"
    title: ClassVar[str] = "normal / √inputs"
    formula: ClassVar[str] = r"w \sim N(0, 1) / \sqrt{p}"

    def sample(self, random: Generator, shape: tuple[int, int], *, n_inputs: int, n_units: int) -> Array:
        """Standard normal numbers divided by √p."""
        return random.standard_normal(shape) / math.sqrt(n_inputs)


@INITIALIZERS.register
@dataclass(frozen=True)
class Uniform(Initializer):
    """U(−`bound`, `bound`), independent of the layer's size."""

    bound: float = 0.5

    name: ClassVar[str] = "uniform"
    title: ClassVar[str] = "uniform"
    symbols: ClassVar[Mapping[str, str]] = {"bound": "c"}
    formula: ClassVar[str] = r"w \sim U(-c, c)"

    def __post_init__(self) -> None:
        check_real("Uniform bound", self.bound, above=0)

    def sample(self, random: Generator, shape: tuple[int, int], *, n_inputs: int, n_units: int) -> Array:
        """Uniform numbers within ± bound."""
        return random.uniform(-self.bound, self.bound, shape)


@INITIALIZERS.register
@dataclass(frozen=True)
class XavierUniform(Initializer):
    r"""U(−c, c) with c = √(6/(p + h)) = √(3/(½(p + h))): variance 2/(p + h), a compromise between keeping the variance
    of Z forwards (1/p) and of δ backwards (1/h). Designed for tanh. Also called Glorot.

    Source: Glorot, Bengio, "Understanding the difficulty of training deep feedforward networks" (2010), equation 16.
    """

    name: ClassVar[str] = "xavier_uniform"
    title: ClassVar[str] = "Xavier, uniform"
    formula: ClassVar[str] = r"w \sim U(-c, c),\quad c = \sqrt{6 / (p + h)}"

    def sample(self, random: Generator, shape: tuple[int, int], *, n_inputs: int, n_units: int) -> Array:
        """Uniform numbers within ± √(6/(p + h))."""
        bound = math.sqrt(6 / (n_inputs + n_units))
        return random.uniform(-bound, bound, shape)


@INITIALIZERS.register
@dataclass(frozen=True)
class XavierNormal(Initializer):
    r"""N(0, 2/(p + h)): the normal version of `XavierUniform`. Source: the same."""

    name: ClassVar[str] = "xavier_normal"
    title: ClassVar[str] = "Xavier, normal"
    formula: ClassVar[str] = r"w \sim N(0, 2 / (p + h))"

    def sample(self, random: Generator, shape: tuple[int, int], *, n_inputs: int, n_units: int) -> Array:
        """Normal numbers of variance 2/(p + h)."""
        return random.standard_normal(shape) * math.sqrt(2 / (n_inputs + n_units))


@INITIALIZERS.register
@dataclass(frozen=True)
class HeNormal(Initializer):
    r"""N(0, 2/p): keeps the variance of Z from layer to layer under ReLU, which sets half of the outputs to 0.

    Source: He, Zhang, Ren, Sun, "Delving deep into rectifiers" (2015), equation 10.
    """

    name: ClassVar[str] = "he_normal"
    title: ClassVar[str] = "He, normal"
    formula: ClassVar[str] = r"w \sim N(0, 2 / p)"

    def sample(self, random: Generator, shape: tuple[int, int], *, n_inputs: int, n_units: int) -> Array:
        """Normal numbers of variance 2/p."""
        return random.standard_normal(shape) * math.sqrt(2 / n_inputs)


@INITIALIZERS.register
@dataclass(frozen=True)
class HeUniform(Initializer):
    r"""U(−c, c) with c = √(6/p), variance 2/p: the uniform version of `HeNormal`. Source: the same."""

    name: ClassVar[str] = "he_uniform"
    title: ClassVar[str] = "He, uniform"
    formula: ClassVar[str] = r"w \sim U(-c, c),\quad c = \sqrt{6 / p}"

    def sample(self, random: Generator, shape: tuple[int, int], *, n_inputs: int, n_units: int) -> Array:
        """Uniform numbers within ± √(6/p)."""
        bound = math.sqrt(6 / n_inputs)
        return random.uniform(-bound, bound, shape)


@INITIALIZERS.register
@dataclass(frozen=True)
class LeCunNormal(Initializer):
    r"""N(0, 1/p): Z has the variance of the inputs at first, as SELU's fixed point requires.

    Source: LeCun, Bottou, Orr, Müller, "Efficient BackProp" (1998), section 4.6.
    """

    name: ClassVar[str] = "lecun_normal"
    title: ClassVar[str] = "LeCun, normal"
    formula: ClassVar[str] = r"w \sim N(0, 1 / p)"

    def sample(self, random: Generator, shape: tuple[int, int], *, n_inputs: int, n_units: int) -> Array:
        """Normal numbers of variance 1/p."""
        return random.standard_normal(shape) * math.sqrt(1 / n_inputs)


@INITIALIZERS.register
@dataclass(frozen=True)
class Orthogonal(Initializer):
    r"""A random matrix with orthonormal rows or columns (whichever are fewer) times `gain`: preserves lengths.

    Computed by the QR decomposition of a normal matrix, with the signs of R's diagonal moved into Q so that every
    orthogonal matrix is equally likely.

    Source: Saxe, McClelland, Ganguli (2014), arXiv:1312.6120; the signs: Mezzadri, arXiv:math-ph/0609050, section 5.
    """

    gain: float = 1.0

    name: ClassVar[str] = "orthogonal"
    title: ClassVar[str] = "orthogonal"
    symbols: ClassVar[Mapping[str, str]] = {"gain": "g"}
    formula: ClassVar[str] = r"W^T W = g^2 I \;\mathrm{or}\; W W^T = g^2 I"

    def __post_init__(self) -> None:
        check_real("Orthogonal gain", self.gain, above=0)

    def sample(self, random: Generator, shape: tuple[int, int], *, n_inputs: int, n_units: int) -> Array:
        """An orthogonal matrix, cut to `shape`."""
        long, short = max(shape), min(shape)
        Q, R = np.linalg.qr(random.standard_normal((long, short)))
        Q *= np.where(np.diag(R) < 0, -1.0, 1.0)
        return self.gain * (Q if shape[0] >= shape[1] else Q.T)
