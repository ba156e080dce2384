"""One decision boundary for each size of network, side by side."""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from pellucid.plots import style
from pellucid.plots.asking import as_fitted
from pellucid.plots.boundary import Classifier, decision_boundary
from pellucid.plots.points import class_labels

PANEL = (3.1, 2.9)  # inches
POINT = 12.0  # the area of a marker, in points squared: small, as the panels are


def hidden_size_grid(
    models: Mapping[Any, Classifier] | Sequence[Classifier],
    X: ArrayLike,
    y: ArrayLike,
    *,
    columns: int | None = None,
    resolution: int = 150,
    names: tuple[str, str] = ("$x_1$", "$x_2$"),
    title: str | None = None,
    figure: Figure | None = None,
) -> NDArray[Any]:
    """Draw the decision boundary of each model; the panels' titles give its size and its accuracy on X, y.

    `models` maps a size to a model, or is a sequence of models whose size can be read from them: networks with
    ``layers``, or scikit-learn's ``hidden_layer_sizes``.
    Returns the Axes in the order of the models, a flat array; `figure` is the matplotlib Figure to draw into.

    >>> class Always:
    ...     def __init__(self, answer):
    ...         self.answer = answer
    ...     def predict(self, X):
    ...         return [self.answer] * len(X)
    >>> X, y = [[0.0, 0.0], [1.0, 1.0], [2.0, 1.0]], [0, 1, 1]
    >>> axes = hidden_size_grid({1: Always(0), 2: Always(1)}, X, y)
    >>> [panel.get_title() for panel in axes]
    ['h = 1, accuracy 0.333', 'h = 2, accuracy 0.667']
    """
    sized = list(models.items()) if isinstance(models, Mapping) else [(_size(model), model) for model in models]
    if not sized:
        raise ValueError("models is empty: a grid needs at least one model")
    if columns is not None and columns < 1:
        raise ValueError(f"columns={columns!r}: expected 1 or more")
    labels = class_labels(y, len(np.asarray(X)))
    if columns is None:  # at most four in a row, and rows as even as can be
        columns = ceil(len(sized) / ceil(len(sized) / 4))
    columns = min(columns, len(sized))
    rows = ceil(len(sized) / columns)
    if figure is None:
        figure = style.new_figure((PANEL[0] * columns, PANEL[1] * rows))

    panels = []
    for position, (size, model) in enumerate(sized, start=1):
        accuracy = np.mean(
            np.asarray(model.predict(as_fitted(model, np.asarray(X, dtype=np.float64)))).reshape(-1) == labels
        )
        panel = decision_boundary(
            model,
            X,
            labels,
            names=names,
            title=f"h = {size}, accuracy {accuracy:.3f}",
            resolution=resolution,
            point_size=POINT,
            legend=position == 1,
            ax=figure.add_subplot(rows, columns, position),
        )
        panel.label_outer()  # the panels share their axes: the labels stand once, on the left and below
        panels.append(panel)
    # A panel with none below it, in a last row that is not full, keeps its own labels.
    for panel in panels[max(0, len(panels) - columns) :]:
        panel.tick_params(labelbottom=True)
        panel.set_xlabel(names[0])
    if title:
        figure.suptitle(title, color=style.INK)
    return np.array(panels, dtype=object)


def _size(model: Classifier) -> str:
    """The hidden units of a model, layer by layer, as it is known from outside."""
    if (layers := getattr(model, "layers", None)) is not None:
        return ", ".join(str(layer.W.shape[1]) for layer in layers[:-1]) or "0"
    if (sizes := getattr(model, "hidden_layer_sizes", None)) is not None:
        return ", ".join(str(size) for size in np.atleast_1d(sizes))
    raise TypeError(
        f"the size of a {type(model).__name__} cannot be read from it; give models as a mapping from size to model"
    )
