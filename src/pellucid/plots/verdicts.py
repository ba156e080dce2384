"""How a model's answers compare with the truth: which classes it takes for which, and how far its numbers are off."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from pellucid.plots import style
from pellucid.plots.asking import as_fitted
from pellucid.plots.boundary import Classifier
from pellucid.plots.points import class_labels


def confusion_matrix(
    model: Classifier,
    X: ArrayLike,
    y: ArrayLike,
    *,
    normalize: Literal["true", "pred", "all"] | None = None,
    labels: ArrayLike | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw how often each class was taken for which: a row for each true class, a column for each answer.

    Counts, or with `normalize` shares of each row ("true"), column ("pred") or of all. Drawn by scikit-learn's
    `ConfusionMatrixDisplay`; `labels` are the classes in the order wanted (default: those that occur, sorted).

    Shapes: ``X (n, p)``; ``y (n,)`` or one-hot rows ``(n, k)``.

    >>> class Always:
    ...     def predict(self, X):
    ...         return ["cat"] * len(X)
    >>> axes = confusion_matrix(Always(), [[0], [1], [2]], ["cat", "cat", "dog"])
    >>> [text.get_text() for text in axes.texts]  # row by row
    ['2', '0', '1', '0']
    """
    from sklearn.metrics import ConfusionMatrixDisplay  # here: other figures need no scikit-learn

    rows = np.asarray(X)
    truth = class_labels(y, len(rows))
    ax = style.new_axes(ax, style.SQUARE)
    ConfusionMatrixDisplay.from_predictions(
        truth,
        np.asarray(model.predict(as_fitted(model, X))).reshape(len(rows)),
        labels=labels,
        normalize=normalize,
        values_format=None if normalize is None else ".2f",
        cmap="Blues",
        colorbar=False,  # the numbers stand in the cells
        ax=ax,
    )
    return style.finish(ax, x="the model's answer", y="true class", title=title)


def residuals(
    model: Any,
    X: ArrayLike,
    y: ArrayLike,
    *,
    unit: str = "",
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw what is left over, true value − prediction, against the prediction; a good model leaves a level cloud.

    A bow says that the model misses a bend, a funnel that its error grows with the value. Drawn by scikit-learn's
    `PredictionErrorDisplay`. `unit` is what y is measured in, for the labels.

    Shapes: ``X (n, p)``; ``y (n,)`` or ``(n, 1)``: one number a sample.

    >>> class Doubles:
    ...     def predict(self, X):
    ...         return 2.0 * X[:, 0]
    >>> axes = residuals(Doubles(), [[1.0], [2.0]], [2.5, 4.0], unit="mm")
    >>> axes.collections[0].get_offsets().tolist(), axes.get_xlabel()
    ([[2.0, 0.5], [4.0, 0.0]], 'prediction (mm)')
    """
    from sklearn.metrics import PredictionErrorDisplay

    rows = np.asarray(X)
    truth, answers = (
        np.asarray(values, dtype=np.float64)
        for values in (y, model.predict(as_fitted(model, rows if not hasattr(X, "columns") else X)))
    )
    for name, values in (("y", truth), ("the model's answer", answers)):
        if values.shape not in ((len(rows),), (len(rows), 1)):
            raise ValueError(f"{name} has shape {values.shape}; residuals need one number for each of {len(rows)} rows")
    ax = style.new_axes(ax, style.SMALL)
    PredictionErrorDisplay.from_predictions(
        truth.reshape(-1),
        answers.reshape(-1),
        kind="residual_vs_predicted",
        subsample=None,
        scatter_kwargs={"color": style.color(0), "edgecolors": style.INK, "linewidths": 0.4, "s": 22, "alpha": 0.8},
        line_kwargs={"color": style.INK, "linestyle": "--", "linewidth": 1.0},
        ax=ax,
    )
    measured = f" ({unit})" if unit else ""
    x, y_label = f"prediction{measured}", f"true value − prediction{measured}"
    return style.finish(ax, x=x, y=y_label, title=title, grid=True)
