"""Loss against time."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from pellucid.plots import style


class Record(Protocol):
    """What was kept during training: ``record["loss"]`` and perhaps ``record["validation_loss"]``."""

    def __getitem__(self, name: str, /) -> Any:
        """The values kept under this name, one an epoch."""
        ...


def loss_curve(
    losses: Record | Sequence[float] | NDArray[Any],
    *,
    every: int = 1,
    label: str = "training",
    log: bool = False,
    x: str = "epoch",
    y: str = "loss",
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw training loss, and validation loss where there is one, against epochs.

    `losses` is a training history (an object or mapping with ``["loss"]`` and perhaps ``["validation_loss"]``) or
    plain numbers, one for each `every` epochs, the first after epoch 1.
    `log` draws the loss on a logarithmic scale. Called again with the same ``ax`` and another `label`, it adds a
    curve to compare; a legend appears once there are two.

    >>> axes = loss_curve({"loss": [0.9, 0.5, 0.3], "validation_loss": [1.0, 0.7, 0.6]})
    >>> [text.get_text() for text in axes.get_legend().get_texts()]
    ['training', 'validation']
    """
    if every < 1:
        raise ValueError(f"every={every!r}: expected the number of epochs between two values, 1 or more")
    ax = style.new_axes(ax, style.SMALL)
    for name, values in _named_series(losses, label):
        index = len(ax.lines)
        ax.plot(
            1 + every * np.arange(len(values)),
            values,
            color=style.color(index),
            linestyle=style.DASHES[index % len(style.DASHES)],
            marker="." if len(values) <= 30 else None,
            linewidth=1.6,
            label=name,
        )
    if log:
        style.logarithmic(ax)
    style.whole_numbers(ax)  # there is no half epoch
    if len(ax.lines) > 1:
        style.legend(ax)
    return style.finish(ax, x=x, y=y, title=title, grid=True)


def _named_series(losses: Any, label: str) -> list[tuple[str, NDArray[np.float64]]]:
    """The curves to draw: one for plain numbers, one or two for a history."""
    if isinstance(losses, (Sequence, np.ndarray)) and not isinstance(losses, str):
        return [(label, _numbers(losses))]
    series = [(label, _numbers(losses["loss"]))]
    validation = _kept(losses, "validation_loss")
    if validation is not None and any(value is not None for value in validation):
        # "training" is answered by "validation"; a curve with a name of its own by "NAME, validation".
        series.append(("validation" if label == "training" else f"{label}, validation", _numbers(validation)))
    return series


def _kept(losses: Any, name: str) -> Any:
    """What a history holds under `name`, or None."""
    try:
        return losses[name]
    except KeyError:
        return None


def _numbers(values: Any) -> NDArray[np.float64]:
    """One curve as a flat array."""
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.ndim != 1 or len(numbers) == 0:
        raise ValueError(f"a loss curve needs at least one number in a flat sequence, not shape {numbers.shape}")
    return numbers
