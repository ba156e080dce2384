"""Predictions compared with the true values: confusion matrix and residuals."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from pellucid.plots import style
from pellucid.plots.boundary import Classifier
from pellucid.plots.models import check_predicts, described, format_label, predictions
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
    """Draw a confusion matrix: one row per true class, one column per predicted class.

    The cells are counts, or with `normalize` shares of each row ("true"), of each column ("pred") or of "all". It is
    drawn by scikit-learn's `ConfusionMatrixDisplay`; `labels` gives the order of the classes (default: sorted).

    `model` is a Network, a fitted classifier, a fitted pipeline or search around one, or any object with ``predict``.
    Shapes: ``X (n, p)``; ``y (n,)`` or one-hot rows ``(n, k)``.

    >>> class Always:
    ...     def predict(self, X):
    ...         return ["cat"] * len(X)
    >>> axes = confusion_matrix(Always(), [[0], [1], [2]], ["cat", "cat", "dog"])
    >>> [text.get_text() for text in axes.texts]  # row by row
    ['2', '0', '1', '0']
    """
    from sklearn.metrics import ConfusionMatrixDisplay  # imported here, because other figures do not need it

    check_predicts("model", model)
    truth = class_labels(y, len(np.asarray(X)))
    found = predictions(model, X)
    if found.shape not in ((len(truth),), (len(truth), 1)):
        raise ValueError(
            f"the model's prediction has shape {found.shape}; expected one class for each of {len(truth)} rows"
        )
    found = found.reshape(-1)
    if _are_words(truth) != _are_words(found):
        raise ValueError(
            f"y holds labels such as {format_label(truth[0])}, and the model predicts labels such as "
            f"{format_label(found[0])}: give y as the model was trained with it"
        )
    if found.dtype.kind == "f" and not np.array_equal(found, np.rint(found)):
        raise TypeError(f"model must be a classifier: {described(model)} predicts numbers such as {found[0]:.4g}")
    classes = np.unique(np.concatenate([truth, found])) if labels is None else np.asarray(labels)
    shown_names = [style.plain(name, 24) for name in classes]
    size = max(4.4, (0.42 if normalize is None else 0.5) * len(classes)) + 0.075 * max(map(len, shown_names))
    ax = style.new_axes(ax, (size + 0.8, size))
    display = ConfusionMatrixDisplay.from_predictions(
        truth,
        found,
        labels=classes,
        display_labels=shown_names,
        normalize=normalize,
        values_format=None if normalize is None else ".2f",
        xticks_rotation="vertical" if sum(len(str(name)) for name in classes) > 40 else "horizontal",
        cmap="Blues",
        colorbar=False,  # the numbers are in the cells
        ax=ax,
    )
    if len(classes) > 10:  # smaller numbers for small cells
        for text in display.text_.ravel():
            text.set_fontsize("small" if len(classes) <= 20 else "x-small")
    return style.finish(ax, x="predicted class", y="true class", title=title)


def _are_words(labels: NDArray[Any]) -> bool:
    return labels.dtype.kind in "UO" and isinstance(labels.reshape(-1)[0], str)


def residuals(
    model: Any,
    X: ArrayLike,
    y: ArrayLike,
    *,
    unit: str = "",
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the residuals, true value − prediction, against the prediction.

    For a good model they scatter evenly around 0. A curved pattern shows that the model misses a nonlinearity, a
    funnel that its error grows with the value. Drawn by scikit-learn's `PredictionErrorDisplay`. `unit` is the unit
    of y, for the labels.

    Shapes: ``X (n, p)``; ``y (n,)`` or ``(n, 1)``: one number per sample.

    >>> class Doubles:
    ...     def predict(self, X):
    ...         return 2.0 * X[:, 0]
    >>> axes = residuals(Doubles(), [[1.0], [2.0]], [2.5, 4.0], unit="mm")
    >>> axes.collections[0].get_offsets().tolist(), axes.get_xlabel()
    ([[2.0, 0.5], [4.0, 0.0]], 'prediction (mm)')
    """
    from sklearn.metrics import PredictionErrorDisplay

    check_predicts("model", model)
    rows = len(np.asarray(X))
    truth, found = np.asarray(y), predictions(model, X)
    for name, values in (("y", truth), ("the model's prediction", found)):
        if values.shape not in ((rows,), (rows, 1)):
            raise ValueError(f"{name} has shape {values.shape}; residuals need one number for each of {rows} rows")
        if values.dtype.kind not in "buif":
            raise TypeError(
                f"{name} holds labels such as {format_label(values.reshape(-1)[0])}; residuals are for regression"
            )
    ax = style.new_axes(ax, style.SMALL)
    PredictionErrorDisplay.from_predictions(
        truth.reshape(-1).astype(np.float64),
        found.reshape(-1).astype(np.float64),
        kind="residual_vs_predicted",
        subsample=None,
        scatter_kwargs={"color": style.color(0), "edgecolors": style.INK, "linewidths": 0.4, "s": 22, "alpha": 0.8},
        line_kwargs={"color": style.INK, "linestyle": "--", "linewidth": 1.0},
        ax=ax,
    )
    measured = f" ({style.plain(unit)})" if unit else ""
    x, y_label = f"prediction{measured}", f"true value − prediction{measured}"
    return style.finish(ax, x=x, y=y_label, title=title, grid=True)
