"""Loss curves."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from pellucid.estimators.inside import innermost
from pellucid.network.stack import LayerStack
from pellucid.plots import style
from pellucid.plots.models import described

LONG = 1000  # number of values above which a noisy line is drawn by windows
WINDOWS = 250

ACCEPTED = (
    "a History (what fit returned), a fitted MLPClassifier or MLPRegressor, a fitted pipeline or search that ends in "
    'one, a mapping with "loss", or plain numbers'
)


class Record(Protocol):
    """Values recorded during training: ``record["loss"]`` and perhaps ``record["validation_loss"]``."""

    def __getitem__(self, name: str, /) -> Any:
        """The values with this name, one per epoch."""
        ...


def loss_curve(
    losses: Record | Sequence[float] | NDArray[Any] | Any,
    *,
    every: int = 1,
    label: str = "training",
    log: bool = False,
    x: str = "epoch",
    y: str = "loss",
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the training loss, and the validation loss if there is one, against epochs.

    `losses` is a training history (an object or mapping with ``["loss"]`` and perhaps ``["validation_loss"]``), a
    fitted estimator, a fitted pipeline or search around one, or plain numbers, one per `every` epochs, the first
    after epoch 1. For more than 1000 noisy values, the line is the median of each of 250 windows, and a shaded band
    shows their minimum and maximum. Values that are not finite, or not positive on a logarithmic scale, leave a gap.
    `log` selects a logarithmic scale. Another call with the same ``ax`` and another `label` adds a curve; a legend
    appears once there are two.

    >>> axes = loss_curve({"loss": [0.9, 0.5, 0.3], "validation_loss": [1.0, 0.7, 0.6]})
    >>> [text.get_text() for text in axes.get_legend().get_texts()]
    ['training', 'validation']
    """
    if every < 1:
        raise ValueError(f"every={every!r}: expected the number of epochs between two values, 1 or more")
    series = _named_series(losses, label)
    ax = style.new_axes(ax, style.SMALL)
    for name, values in series:
        _draw(ax, 1 + every * np.arange(len(values)), values, style.plain(name), positive=log)
    finite = any(np.isfinite(np.asarray(line.get_ydata(), dtype=float)).any() for line in ax.lines)
    if not finite:  # say why the plot is empty
        ax.set_xlim(0.5, max(len(values) for _, values in series) * every + 0.5)
        ax.text(0.5, 0.5, "no positive loss" if log else "no finite loss", ha="center", transform=ax.transAxes)
    elif log:
        style.logarithmic(ax)
    style.whole_numbers(ax)  # epochs are integers
    if max(np.size(line.get_xdata()) for line in ax.lines) == 1:
        ax.set_xlim(0.5, 1.5)
    style.finish(ax, x=x, y=y, title=title, grid=True)
    if len(ax.lines) > 1:
        style.legend(ax)
    return ax


def _draw(ax: Axes, epochs: NDArray[Any], values: NDArray[np.float64], name: str, *, positive: bool) -> None:
    """Draw one curve, in the next colour and dash pattern."""
    index = len(ax.lines)
    shown = np.where(np.isfinite(values) & ((values > 0) | (not positive)), values, np.nan)
    if len(shown) > LONG and _jumps(shown):
        epochs, lowest, shown, highest = _windows(epochs, shown)
        ax.fill_between(epochs, lowest, highest, color=style.color(index), alpha=0.2, linewidth=0)
    ax.plot(
        epochs,
        shown,
        color=style.color(index),
        linestyle=style.DASHES[index % len(style.DASHES)],
        marker="o" if len(values) == 1 else "." if len(values) <= 30 else None,
        linewidth=1.6,
        label=name,
    )


def _jumps(values: NDArray[np.float64]) -> bool:
    """Whether a curve is so noisy that its line would fill the plot."""
    return bool(np.mean(values[1:] > values[:-1] * (1 + 1e-3)) > 0.05)


def _windows(epochs: NDArray[Any], values: NDArray[np.float64]) -> tuple[NDArray[Any], ...]:
    """The middle epoch, lowest, median and highest value of each of `WINDOWS` windows."""
    rows = []
    for places in np.array_split(np.arange(len(values)), WINDOWS):
        finite = values[places][np.isfinite(values[places])]
        middle = float(np.mean(epochs[places]))
        rows.append([middle, *(np.percentile(finite, (0, 50, 100)) if len(finite) else [np.nan] * 3)])
    return tuple(np.array(rows).T)


def _named_series(losses: Any, label: str) -> list[tuple[str, NDArray[np.float64]]]:
    """The curves to draw: one for plain numbers, one or two for a history."""
    losses = _record(losses)
    if isinstance(losses, (Sequence, np.ndarray)):
        return [(label, _numbers(losses))]
    series = [(label, _numbers(losses["loss"]))]
    validation = _kept(losses, "validation_loss")
    if validation is not None and any(value is not None for value in validation):
        # Labels: "training" and "validation", or "NAME" and "NAME, validation".
        series.append(("validation" if label == "training" else f"{label}, validation", _numbers(validation)))
    return series


def _record(losses: Any) -> Any:
    """A history or plain numbers, taken from an estimator if one was given; TypeError for anything else."""
    inner = innermost(losses)
    if isinstance(inner, LayerStack):
        raise TypeError(
            f"losses must be {ACCEPTED}; a {type(inner).__name__} keeps no losses: give what its fit returned"
        )
    curve = getattr(inner, "loss_curve_", None)
    history = getattr(inner, "history_", None)
    if history is not None and len(history) and (curve is None or len(history) == len(curve)):
        return history
    if curve is not None and not isinstance(inner, type):  # of several partial_fit calls, or of scikit-learn's models
        return list(curve)
    if isinstance(losses, str) or inner is not losses or not hasattr(losses, "__getitem__"):
        raise TypeError(f"losses must be {ACCEPTED}, got {described(losses)}")
    if not isinstance(losses, (Sequence, np.ndarray)) and _kept(losses, "loss") is None:
        raise TypeError(f'losses must be {ACCEPTED}, got a {type(losses).__name__} without "loss"')
    return losses


def _kept(losses: Any, name: str) -> Any:
    """The values of a history with this name, or None."""
    try:
        return losses[name]
    except (KeyError, IndexError, TypeError):
        return None


def _numbers(values: Any) -> NDArray[np.float64]:
    """One curve as a flat array."""
    try:
        numbers = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise TypeError(f"losses must be {ACCEPTED}, got something that is not a number: {error}") from error
    if numbers.ndim != 1 or len(numbers) == 0:
        raise ValueError(f"a loss curve needs at least one number in a flat sequence, not shape {numbers.shape}")
    return numbers
