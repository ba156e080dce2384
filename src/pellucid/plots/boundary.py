"""Decision boundaries of models with two inputs."""

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, ListedColormap
from numpy.typing import ArrayLike, NDArray

from pellucid.estimators.inside import innermost
from pellucid.maths.renamed import renamed_arguments
from pellucid.network.stack import LayerStack
from pellucid.plots import style
from pellucid.plots.models import axis_names, check_predicts, described, like, predictions
from pellucid.plots.points import class_labels, plane, reach, scatter

LEVELS = np.linspace(0.0, 1.0, 11)  # one step of shade per tenth of probability
SHADE = 0.55  # strength of the background colour at probability 1; the points on it have full colour
REGION = 0.35  # the same for regions of a single colour


class Classifier(Protocol):
    """Any object that predicts a class for each row of X. With ``predict_proba``, the plot shows probabilities."""

    def predict(self, X: NDArray[np.float64], /) -> Any:
        """The class of each row."""
        ...


@renamed_arguments(most_points="max_points")
def decision_boundary(
    model: Classifier,
    X: ArrayLike,
    y: ArrayLike,
    *,
    test: tuple[ArrayLike, ArrayLike] | None = None,
    names: tuple[str, str] | None = None,
    title: str | None = None,
    resolution: int = 250,
    margin: float | None = None,
    equal: bool = False,
    point_size: float | None = None,
    max_points: int | None = None,
    legend: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Draw a model's decision regions in the plane, with the data points.

    For two classes and a model with ``predict_proba``, the shade is the probability, in steps of a tenth and white
    at one half, where a line marks the boundary. Otherwise each region has the colour of its class, and lines
    separate them.

    Shapes: ``X (n, 2)``; ``y (n,)`` or one-hot rows ``(n, k)``.
    `model` is a Network, a fitted classifier, a fitted pipeline or search around one, or any object with ``predict``.
    `test` is ``(X, y)`` of held-out points: they are drawn hollow.
    `names` label the axes (default: a data frame's columns, else x₁ and x₂); `equal` gives both the same scale.
    `resolution` is the number of grid points along each axis, `margin` the distance from the points to the edge of
    the plot (default: a seventh of their extent).
    `point_size` is the area of a marker, in points squared (default: smaller for many points); at most `max_points`
    points are drawn.

    >>> class Threshold:
    ...     def predict(self, X):
    ...         return (X[:, 0] > 0.5).astype(int)
    >>> decision_boundary(Threshold(), [[0.0, 0.0], [1.0, 1.0]], [0, 1]).get_xlabel()
    '$x_1$'
    """
    _check_classifier(model)
    points, labels = plane(X), class_labels(y, len(np.asarray(X)))
    kept_back = None if test is None else (plane(test[0]), class_labels(test[1], len(np.asarray(test[0]))))
    ax = style.new_axes(ax, style.SQUARE)
    everywhere = points if kept_back is None else np.concatenate([points, kept_back[0]])
    low, high = reach(everywhere, margin)
    across, up = (np.linspace(low[axis], high[axis], resolution) for axis in (0, 1))
    grid = like(X, np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2))

    probabilities = _probabilities(model, grid)
    classes = _classes(model, labels, probabilities)
    if probabilities is not None and probabilities.shape[1] == 2:
        _shade_probability(ax, across, up, probabilities[:, 1].reshape(resolution, resolution))
    else:
        scores = np.eye(len(classes))[_predicted(model, grid, classes)] if probabilities is None else probabilities
        _tint_regions(ax, across, up, scores.reshape(resolution, resolution, -1))

    scatter(ax, points[:max_points], labels[:max_points], classes, point_size)
    if kept_back is not None:
        scatter(ax, *kept_back, classes, point_size, kept_back=True)
    ax.set_xlim(low[0], high[0])
    ax.set_ylim(low[1], high[1])
    if equal:
        ax.set_aspect("equal")
    x, y_name = axis_names(names, X)
    style.finish(ax, x=x, y=y_name, title=title)
    if legend:
        style.legend(ax, None if kept_back is None else "beside")
    return ax


def _check_classifier(model: Any) -> None:
    """TypeError if the model has no ``predict``, or predicts numbers."""
    check_predicts("model", model)
    inner = innermost(model)
    regression = inner.loss.task == "regression" if isinstance(inner, LayerStack) else _is_regressor(inner)
    if regression:
        raise TypeError(
            f"model must be a classifier: {described(model)} predicts numbers, which have no decision boundary; "
            "plots.residuals shows how far they are off, plots.fitted_curves a function of one input"
        )


def _is_regressor(model: Any) -> bool:
    """Whether the model is a regressor, by scikit-learn's tags."""
    return getattr(model, "_estimator_type", None) == "regressor" or (
        not hasattr(model, "classes_") and hasattr(model, "__sklearn_tags__") and _tagged(model)
    )


def _tagged(model: Any) -> bool:
    return bool(model.__sklearn_tags__().estimator_type == "regressor")


def _shade_probability(ax: Axes, across: NDArray[Any], up: NDArray[Any], probability: NDArray[Any]) -> None:
    """Shade from the first class's colour through white to the second's, and draw the contour at one half."""
    shades = LinearSegmentedColormap.from_list(
        "first to second class", [style.tint(0, SHADE), (1.0, 1.0, 1.0), style.tint(1, SHADE)]
    )
    ax.contourf(across, up, probability, levels=LEVELS, cmap=shades, vmin=0.0, vmax=1.0)
    if probability.min() < 0.5 < probability.max():
        ax.contour(across, up, probability, levels=[0.5], colors=[style.INK], linewidths=1.6)


def _tint_regions(ax: Axes, across: NDArray[Any], up: NDArray[Any], scores: NDArray[Any]) -> None:
    """Fill the region where each class has the largest score; draw lines where regions meet."""
    n_classes = scores.shape[-1]
    region = scores.argmax(axis=-1)
    tints = ListedColormap([style.tint(index, REGION) for index in range(n_classes)])
    ax.pcolormesh(across, up, region, cmap=tints, vmin=-0.5, vmax=n_classes - 0.5, shading="nearest", rasterized=True)
    for index in np.unique(region)[:-1]:  # the last region's edges are all drawn by then
        others = np.delete(scores, index, axis=-1).max(axis=-1)
        ax.contour(across, up, scores[..., index] - others, levels=[0.0], colors=[style.INK], linewidths=1.2)


def _probabilities(model: Classifier, grid: Any) -> NDArray[np.float64] | None:
    """``(m, k)`` class probabilities; None if the model has none.

    A single output, ``(m,)`` or ``(m, 1)``, is read as the probability of the second class.
    """
    predict_proba: Callable[..., Any] | None = getattr(model, "predict_proba", None)
    if predict_proba is None:
        return None
    probabilities = predictions(model, grid, "predict_proba").astype(np.float64)
    if probabilities.ndim == 1 or probabilities.shape[1] == 1:
        second = probabilities.reshape(-1)
        return np.column_stack([1.0 - second, second])
    return probabilities


def _classes(model: Classifier, labels: NDArray[Any], probabilities: NDArray[Any] | None) -> NDArray[Any]:
    """The classes in the model's order: its ``classes_``, else those of `y`, else column numbers."""
    if (known := getattr(model, "classes_", None)) is not None:
        return np.asarray(known)
    found = np.unique(labels)
    if probabilities is not None and len(found) != probabilities.shape[1]:
        return np.arange(probabilities.shape[1])
    return found


def _predicted(model: Classifier, grid: Any, classes: NDArray[Any]) -> NDArray[np.intp]:
    """The model's predictions as positions in `classes`."""
    found = predictions(model, grid).reshape(len(grid))
    if unknown := sorted(set(found.tolist()) - set(classes.tolist())):
        raise ValueError(f"model.predict returns {unknown[0]!r}, which is not among the classes {classes.tolist()}")
    return np.searchsorted(classes, found)
