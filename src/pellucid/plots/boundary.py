"""What a model answers at every point of the plane."""

from typing import Any, Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, ListedColormap
from numpy.typing import ArrayLike, NDArray

from pellucid.plots import style
from pellucid.plots.asking import as_fitted
from pellucid.plots.points import class_labels, plane, scatter

LEVELS = np.linspace(0.0, 1.0, 11)  # a step of shade for each tenth of probability
SHADE = 0.55  # how strongly the plane is coloured where the model is sure; the points on it are in full colour
REGION = 0.35  # the same for whole regions, which have no white between them


class Classifier(Protocol):
    """Anything that names a class for each row of X. With ``predict_proba`` too, the plot shows how sure it is."""

    def predict(self, X: NDArray[np.float64], /) -> Any:
        """The class of each row."""
        ...


def decision_boundary(
    model: Classifier,
    X: ArrayLike,
    y: ArrayLike,
    *,
    names: tuple[str, str] = ("$x_1$", "$x_2$"),
    title: str | None = None,
    resolution: int = 250,
    margin: float = 0.5,
    point_size: float | None = None,
    legend: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Draw the regions a model divides the plane into, with the points it was given.

    For two classes and a model with ``predict_proba``, the shade is the probability, in steps of a tenth, white
    where the model is undecided, and a line marks one half. Otherwise each region has the tint of its class, and
    lines part them.

    Shapes: ``X (n, 2)``; ``y (n,)`` or one-hot rows ``(n, k)``.
    `resolution` is the number of grid points along each axis, `margin` how far the plane goes beyond the points,
    `point_size` the area of a marker (in points squared; smaller for many points, if none is given).

    >>> class Threshold:
    ...     def predict(self, X):
    ...         return (X[:, 0] > 0.5).astype(int)
    >>> decision_boundary(Threshold(), [[0.0, 0.0], [1.0, 1.0]], [0, 1]).get_xlabel()
    '$x_1$'
    """
    X, labels = plane(X), class_labels(y, len(np.asarray(X)))
    ax = style.new_axes(ax, style.SQUARE)
    low, high = X.min(axis=0) - margin, X.max(axis=0) + margin
    across, up = (np.linspace(low[axis], high[axis], resolution) for axis in (0, 1))
    grid = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)

    probabilities = _probabilities(model, grid)
    classes = _classes(model, labels, probabilities)
    if probabilities is not None and probabilities.shape[1] == 2:
        _shade_probability(ax, across, up, probabilities[:, 1].reshape(resolution, resolution))
    else:
        scores = np.eye(len(classes))[_answers(model, grid, classes)] if probabilities is None else probabilities
        _tint_regions(ax, across, up, scores.reshape(resolution, resolution, -1))

    scatter(ax, X, labels, classes, point_size)
    ax.set_xlim(low[0], high[0])
    ax.set_ylim(low[1], high[1])
    if legend:
        style.legend(ax)
    return style.finish(ax, x=names[0], y=names[1], title=title)


def _shade_probability(ax: Axes, across: NDArray[Any], up: NDArray[Any], probability: NDArray[Any]) -> None:
    """Shade from the first class's colour through white to the second's, and draw the line of one half."""
    shades = LinearSegmentedColormap.from_list(
        "first to second class", [style.tint(0, SHADE), (1.0, 1.0, 1.0), style.tint(1, SHADE)]
    )
    ax.contourf(across, up, probability, levels=LEVELS, cmap=shades, vmin=0.0, vmax=1.0)
    if probability.min() < 0.5 < probability.max():
        ax.contour(across, up, probability, levels=[0.5], colors=[style.INK], linewidths=1.6)


def _tint_regions(ax: Axes, across: NDArray[Any], up: NDArray[Any], scores: NDArray[Any]) -> None:
    """Fill the region where each class has the largest score with its tint; draw lines where regions meet."""
    n_classes = scores.shape[-1]
    region = scores.argmax(axis=-1)
    tints = ListedColormap([style.tint(index, REGION) for index in range(n_classes)])
    ax.pcolormesh(across, up, region, cmap=tints, vmin=-0.5, vmax=n_classes - 0.5, shading="nearest", rasterized=True)
    for index in np.unique(region)[:-1]:  # the last region's edges are all drawn by then
        others = np.delete(scores, index, axis=-1).max(axis=-1)
        ax.contour(across, up, scores[..., index] - others, levels=[0.0], colors=[style.INK], linewidths=1.2)


def _probabilities(model: Classifier, grid: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """``(m, k)`` class probabilities, where the model gives them.

    A single output, ``(m,)`` or ``(m, 1)``, is read as the probability of the second class.
    """
    predict_proba = getattr(model, "predict_proba", None)
    if predict_proba is None:
        return None
    probabilities = np.asarray(predict_proba(as_fitted(model, grid)), dtype=np.float64)
    if probabilities.ndim == 1 or probabilities.shape[1] == 1:
        second = probabilities.reshape(-1)
        return np.column_stack([1.0 - second, second])
    return probabilities


def _classes(model: Classifier, labels: NDArray[Any], probabilities: NDArray[Any] | None) -> NDArray[Any]:
    """The classes in the model's order: its own ``classes_``, else those of `y`, else column numbers."""
    if (known := getattr(model, "classes_", None)) is not None:
        return np.asarray(known)
    found = np.unique(labels)
    if probabilities is not None and len(found) != probabilities.shape[1]:
        return np.arange(probabilities.shape[1])
    return found


def _answers(model: Classifier, grid: NDArray[np.float64], classes: NDArray[Any]) -> NDArray[np.intp]:
    """The model's answers as positions in `classes`."""
    answers = np.asarray(model.predict(as_fitted(model, grid))).reshape(len(grid))
    if strangers := sorted(set(answers.tolist()) - set(classes.tolist())):
        raise ValueError(f"model.predict answers {strangers[0]!r}, which is not among the classes {classes.tolist()}")
    return np.searchsorted(classes, answers)
