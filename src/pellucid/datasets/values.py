r"""Toy data in the plane for regression.

Shapes: n points. ``X (n, 2)``, uniform on −1 … 1; ``y (n,)`` within −1 … 1 before `noise`, which is the standard
deviation of normal noise on y.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from pellucid.maths.checks import check_integer, check_real
from pellucid.maths.typing import RandomState
from pellucid.network.stack import as_generator

Floats = npt.NDArray[np.float64]

SUMMITS = np.array([[-0.5, 0.5], [0.5, -0.5], [0.0, 0.0]])
HOLLOWS = np.array([[0.5, 0.5], [-0.5, -0.5]])
HILL_WIDTH = 0.2


def plane(n: int, *, noise: float = 0.1, random_state: RandomState = None) -> tuple[Floats, Floats]:
    r"""A linear function: linear regression, which needs no hidden layer.

    .. math:: y = \tfrac12 (x_1 + x_2)

    >>> X, y = plane(100, noise=0, random_state=0)
    >>> bool(np.allclose(y, X.mean(axis=1)))
    True

    Source: Gauss, "Theoria motus corporum coelestium" (1809): the line that least squares fits.
    """
    return _sampled(lambda X: 0.5 * (X[:, 0] + X[:, 1]), n, noise, random_state)


def hills(n: int, *, noise: float = 0.1, random_state: RandomState = None) -> tuple[Floats, Floats]:
    r"""Three hills and two hollows, each a Gaussian of width 0.2.

    .. math:: y = \sum_{m} s_m \exp\left(-\frac{\lVert x - m \rVert^2}{2 \cdot 0.2^2}\right)

    with s = 1 at the maxima (−½, ½), (½, −½), (0, 0), and s = −1 at the minima (½, ½), (−½, −½).

    >>> X, y = hills(1000, noise=0, random_state=0)
    >>> bool(np.abs(y).max() < 1)
    True

    Source: Broomhead, Lowe, "Multivariable functional interpolation and adaptive networks" (1988): sums of Gaussians.
    """

    def height(X: Floats) -> Floats:
        y = np.zeros(len(X))
        for sign, centres in ((1.0, SUMMITS), (-1.0, HOLLOWS)):
            for centre in centres:
                y += sign * np.exp(-((X - centre) ** 2).sum(axis=1) / (2 * HILL_WIDTH**2))
        return y

    return _sampled(height, n, noise, random_state)


def waves(n: int, *, noise: float = 0.1, random_state: RandomState = None) -> tuple[Floats, Floats]:
    r"""A periodic surface: a sine in x₁ times a cosine in x₂.

    .. math:: y = \sin(\pi x_1) \cos(\pi x_2)

    >>> X, y = waves(100, noise=0, random_state=0)
    >>> bool(np.allclose(y, np.sin(np.pi * X[:, 0]) * np.cos(np.pi * X[:, 1])))
    True

    Source: Barron, "Universal approximation bounds for superpositions of a sigmoidal function" (1993).
    """
    return _sampled(lambda X: np.sin(np.pi * X[:, 0]) * np.cos(np.pi * X[:, 1]), n, noise, random_state)


def _sampled(
    height: Callable[[Floats], Floats], n: int, noise: float, random_state: RandomState
) -> tuple[Floats, Floats]:
    check_integer("n", n, least=2)
    check_real("noise", noise, least=0)
    random = as_generator(random_state)
    X = random.uniform(-1.0, 1.0, size=(n, 2))
    return X, height(X) + noise * random.standard_normal(n)
