r"""Toy data in the plane for classification.

Shapes: n points, k classes. ``X (n, 2)`` within about −1.2 … 1.2 without noise, ``y (n,)`` class numbers 0 … k−1,
in random order; class sizes differ by at most one point.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pellucid.maths.checks import check_integer, check_real
from pellucid.maths.typing import RandomState
from pellucid.network.stack import as_generator

Points = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]
Random = np.random.Generator | np.random.RandomState

MAX_CLASSES = 8
CLOUD_RADIUS = 0.8
CLOUD_SPREAD = 0.15
ARM_DISTANCE = 0.4
ARM_START = 0.1


def moons(n: int, *, noise: float = 0.1, random_state: RandomState = None) -> tuple[Points, Labels]:
    r"""Two interleaving half circles, which no straight line separates.

    .. math:: 0.8\,(\cos t - 0.5,\; \sin t - 0.25) \quad\text{and}\quad 0.8\,(0.5 - \cos t,\; 0.25 - \sin t),
              \qquad 0 \le t \le \pi

    `noise` is the standard deviation of normal noise on both coordinates. scikit-learn's `make_moons`, the model for
    this set, is 1/0.8 times as large: its noise of 0.2 corresponds to 0.16 here.

    >>> X, y = moons(200, random_state=0)
    >>> X.shape, np.bincount(y)
    ((200, 2), array([100, 100]))

    Source: scikit-learn, `sklearn.datasets.make_moons`.
    """
    labels, random = _begin(n, noise, 2, random_state)
    upper, lower = (np.linspace(0, np.pi, int(np.sum(labels == label))) for label in (0, 1))
    shapes = 0.8 * np.column_stack([
        np.concatenate([np.cos(upper) - 0.5, 0.5 - np.cos(lower)]),
        np.concatenate([np.sin(upper) - 0.25, 0.25 - np.sin(lower)]),
    ])  # fmt: skip
    return _blurred(_dealt(shapes, np.repeat([0, 1], [len(upper), len(lower)]), labels, random), noise, random), labels


def circles(n: int, *, noise: float = 0.1, random_state: RandomState = None) -> tuple[Points, Labels]:
    r"""A ring (class 0) around a smaller one (class 1): the decision boundary must be closed, or linear in r².

    .. math:: r\,(\cos t,\; \sin t), \qquad r = 1 \text{ or } \tfrac12

    `noise` is the standard deviation of normal noise on both coordinates.

    >>> X, y = circles(200, noise=0, random_state=0)
    >>> np.hypot(*X[y == 1].T).round(6).min()
    np.float64(0.5)

    Source: scikit-learn, `sklearn.datasets.make_circles`.
    """
    labels, random = _begin(n, noise, 2, random_state)
    outer, inner = (np.linspace(0, 2 * np.pi, int(np.sum(labels == label)), endpoint=False) for label in (0, 1))
    angles, radii = np.concatenate([outer, inner]), np.repeat([1.0, 0.5], [len(outer), len(inner)])
    shapes = radii[:, None] * np.column_stack([np.cos(angles), np.sin(angles)])
    return _blurred(_dealt(shapes, (radii < 1).astype(int), labels, random), noise, random), labels


def xor(n: int, *, noise: float = 0.1, random_state: RandomState = None) -> tuple[Points, Labels]:
    r"""Exclusive or: four squares of alternating class. The product x₁·x₂ separates them; no straight line does.

    .. math:: y = [x_1 x_2 < 0], \qquad -1 \le x_1, x_2 \le 1 \text{ before the noise}

    `noise` is the standard deviation of normal noise on both coordinates, added after the class is assigned.

    >>> X, y = xor(200, noise=0, random_state=0)
    >>> bool(np.all((X[:, 0] * X[:, 1] < 0) == y))
    True

    Source: Minsky, Papert, "Perceptrons" (1969).
    """
    labels, random = _begin(n, noise, 2, random_state)
    X = 1.0 - random.uniform(size=(n, 2))
    X[:, 0] *= np.where(labels == 1, -1.0, 1.0)  # both coordinates are in (0, 1] before, so no point is on an axis
    X *= np.where(random.uniform(size=n) < 0.5, -1.0, 1.0)[:, None]
    return _blurred(X, noise, random), labels


def clouds(n: int, *, noise: float = 0.1, classes: int = 2, random_state: RandomState = None) -> tuple[Points, Labels]:
    r"""Round Gaussian clouds with their centres on a circle: the more of them, the more they overlap.

    .. math:: x = 0.8\,(\cos t_c,\; \sin t_c) + \sqrt{0.15^2 + \text{noise}^2}\; \varepsilon, \qquad
              t_c = \tfrac{\pi}{4} + 2 \pi c / k, \quad \varepsilon \sim \mathcal N(0, I)

    `classes`, k, is 2 to 8. The optimal boundary between two such clouds is the straight line halfway between them.

    >>> X, y = clouds(300, classes=3, random_state=0)
    >>> np.bincount(y)
    array([100, 100, 100])

    Source: Fisher, "The use of multiple measurements in taxonomic problems" (1936): normally distributed classes.
    """
    labels, random = _begin(n, noise, classes, random_state)
    angle = np.pi / 4 + 2 * np.pi * labels / classes
    X = CLOUD_RADIUS * np.column_stack([np.cos(angle), np.sin(angle)])
    return _blurred(X, float(np.hypot(CLOUD_SPREAD, noise)), random), labels


def spirals(n: int, *, noise: float = 0.1, classes: int = 2, random_state: RandomState = None) -> tuple[Points, Labels]:
    r"""Intertwined spiral arms: the hardest of the classic two-dimensional sets.

    .. math:: r\,(\cos t,\; \sin t), \qquad 0.1 \le r \le 1, \quad t = 2 \pi \left(\frac{c}{k} + \frac{r}{0.4\,k}\right)

    Neighbouring arms are 0.4 apart for every number k = `classes` (2 to 8): two arms make 1¼ turns, eight less than
    one third. `noise` is relative to that distance: the standard deviation on both coordinates is 0.4 · noise.

    >>> X, y = spirals(300, classes=3, random_state=0)
    >>> X.shape, np.bincount(y)
    ((300, 2), array([100, 100, 100]))

    Source: Lang, Witbrock, "Learning to tell two spirals apart" (1988), there with three turns.
    """
    labels, random = _begin(n, noise, classes, random_state)
    radius = random.uniform(ARM_START, 1.0, size=n)
    angle = 2 * np.pi * (labels / classes + radius / (ARM_DISTANCE * classes))
    X = radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return _blurred(X, ARM_DISTANCE * noise, random), labels


def _begin(n: int, noise: float, classes: int, random_state: RandomState) -> tuple[Labels, Random]:
    """Validate the arguments; return the class of each row and the random generator."""
    if check_integer("classes", classes, least=2) > MAX_CLASSES:
        raise ValueError(f"classes must be a whole number from 2 to {MAX_CLASSES}, got {classes}")
    check_integer("n", n, least=classes)
    check_real("noise", noise, least=0)
    random = as_generator(random_state)
    return random.permutation(np.arange(n, dtype=np.int64) % classes), random


def _dealt(shapes: Points, classes: Labels, labels: Labels, random: Random) -> Points:
    """Assign the points of each class of a ready-made set, in random order, to the rows with that label."""
    X = np.empty_like(shapes)
    for label in range(2):
        X[labels == label] = random.permutation(shapes[classes == label])
    return X


def _blurred(X: Points, deviation: float, random: Random) -> Points:
    return X + deviation * random.standard_normal(X.shape)
