"""Decision boundaries of networks of different sizes, side by side."""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from pellucid.estimators.inside import innermost
from pellucid.maths.renamed import renamed_arguments
from pellucid.plots import style
from pellucid.plots.boundary import Classifier, decision_boundary
from pellucid.plots.models import check_mapping, check_predicts, predictions
from pellucid.plots.points import class_labels

PANEL = (3.1, 2.9)  # inches
POINT = 12.0  # the area of a marker, in points squared: small, as the panels are


@renamed_arguments(most_points="max_points")
def hidden_size_grid(
    models: Mapping[Any, Classifier] | Sequence[Classifier],
    X: ArrayLike,
    y: ArrayLike,
    *,
    columns: int | None = None,
    resolution: int = 150,
    names: tuple[str, str] | None = None,
    margin: float | None = None,
    equal: bool = False,
    max_points: int | None = None,
    title: str | None = None,
    figure: Figure | None = None,
) -> NDArray[Any]:
    """Draw the decision boundary of each model; the panel titles give its size and its accuracy on X, y.

    `models` maps sizes to models, or is a sequence of models that know their size: networks with ``layers``, or
    models with ``hidden_layer_sizes``. `margin`, `equal`, `names` and `max_points` are those of
    `decision_boundary`.
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
    check_mapping(models, "{3: model, 10: other}")
    sized = list(models.items()) if isinstance(models, Mapping) else [(_size(model), model) for model in models]
    if not sized:
        raise ValueError("models is empty: a grid needs at least one model")
    if columns is not None and columns < 1:
        raise ValueError(f"columns={columns!r}: expected 1 or more")
    labels = class_labels(y, len(np.asarray(X)))
    if columns is None:  # at most four per row, in rows of nearly equal length
        columns = ceil(len(sized) / ceil(len(sized) / 4))
    columns = min(columns, len(sized))
    rows = ceil(len(sized) / columns)
    own = figure is None
    if figure is None:
        width = PANEL[1] if equal else PANEL[0]
        figure = style.new_figure((width * columns, PANEL[1] * rows + (0.6 if title else 0.3)))

    panels = []
    for position, (size, model) in enumerate(sized, start=1):
        check_predicts(f"models[{size!r}]", model)
        accuracy = np.mean(predictions(model, X).reshape(-1) == labels)
        panel = decision_boundary(
            model,
            X,
            labels,
            names=names,
            margin=margin,
            equal=equal,
            max_points=max_points,
            title=f"h = {style.plain(size)}, accuracy {accuracy:.3f}",
            resolution=resolution,
            point_size=POINT,
            legend=False,
            ax=figure.add_subplot(rows, columns, position),
        )
        panels.append(panel)
    style.label_outer(panels, columns)
    marks, labels_shown = _classes_shown(panels)
    legend_columns = max(1, int(figure.get_figwidth() / style.legend_width(labels_shown)))
    if own:  # a long legend is placed below the panels
        figure.set_figheight(figure.get_figheight() + 0.19 * ceil(len(marks) / legend_columns))
    figure.legend(
        marks,
        labels_shown,
        loc="outside lower center",
        ncols=legend_columns,
        frameon=False,
        fontsize="small",
    )
    if title:
        figure.suptitle(title, color=style.INK)
    return np.array(panels, dtype=object)


def _classes_shown(panels: Sequence[Axes]) -> tuple[list[Artist], list[str]]:
    """Entries of a common legend: each class once."""
    shown: dict[str, Artist] = {}
    for panel in panels:
        for mark, label in zip(*panel.get_legend_handles_labels(), strict=True):
            shown.setdefault(label, mark)
    return list(shown.values()), list(shown)


def _size(model: Classifier) -> str:
    """The hidden layer sizes of a model, as text."""
    model = innermost(model)
    if (layers := getattr(model, "layers", None)) is not None:
        return ", ".join(str(layer.units) for layer in layers[:-1]) or "0"
    if (sizes := getattr(model, "hidden_layer_sizes", None)) is not None:
        return ", ".join(str(size) for size in np.atleast_1d(sizes))
    raise TypeError(
        f"the size of a {type(model).__name__} cannot be read from it; give models as a mapping from size to model"
    )
