"""A run as a video: the decision boundary and the loss over time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.animation import AbstractMovieWriter, FFMpegWriter, PillowWriter
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from pellucid.plots import style
from pellucid.plots.boundary import decision_boundary
from pellucid.plots.points import class_labels, plane
from pellucid.plots.trail import Trail, check_trail

SIZE = (10.0, 4.4)  # inches; both are even numbers of pixels at 100 dots per inch, as video codecs require
DOTS = 100
POINT = 14.0


def animation(
    trail: Trail,
    X: ArrayLike,
    y: ArrayLike,
    path: str | Path,
    *,
    frames: int = 60,
    frames_per_second: int = 12,
    resolution: int = 100,
    names: tuple[str, str] | None = None,
    log: bool = False,
) -> Path:
    """Write a video of a run on two features: the decision boundary, and the mean loss so far. Returns `path`.

    `path` ends in .gif, or in .mp4 if the program ffmpeg is installed. At most `frames` points of the trail are drawn,
    evenly spaced and including the first and the last; the last frame stays for a second.

    Shapes: ``X (n, 2)``; ``y (n,)`` or one-hot rows ``(n, k)``.
    """
    check_trail(trail)
    path = Path(path)
    points, labels = plane(X), class_labels(y, len(np.asarray(X)))
    if len(trail) < 2:
        raise ValueError(f"a trail of {len(trail)} points makes no film: train for at least one epoch")
    if frames < 2 or frames_per_second < 1:
        raise ValueError(f"frames={frames!r}, frames_per_second={frames_per_second!r}: expected at least 2 and 1")
    writer = _writer(path, frames_per_second)

    positions = np.unique(np.linspace(0, len(trail) - 1, min(frames, len(trail))).round().astype(int))
    models = [trail.network_at(position) for position in positions]
    epochs = trail.epochs[positions]
    losses = np.array([model.loss_value(points, y) for model in models])

    # Made without pyplot, so that no notebook displays the figure.
    figure = Figure(figsize=SIZE, dpi=DOTS, layout="constrained")
    left, right = figure.subplots(1, 2)
    with writer.saving(figure, str(path), DOTS):
        for number, (model, epoch) in enumerate(zip(models, epochs, strict=True)):
            for panel in (left, right):
                panel.clear()
            accuracy = np.mean(np.asarray(model.predict(points)) == labels)
            title = f"after {epoch} epochs: accuracy {accuracy:.3f}"
            decision_boundary(
                model, points, labels, names=names, title=title, resolution=resolution, point_size=POINT, ax=left
            )
            _curve_so_far(right, epochs, losses, number, log=log)
            for _ in range(1 if number < len(models) - 1 else 1 + frames_per_second):
                writer.grab_frame()
            figure.set_layout_engine("none")  # laid out once: panels must not move from frame to frame
    return path


def _curve_so_far(ax: Axes, epochs: NDArray[np.int64], losses: NDArray[np.float64], number: int, *, log: bool) -> None:
    """The loss up to a frame, on axes scaled for the whole run."""
    ax.plot(epochs[: number + 1], losses[: number + 1], color=style.color(0), linewidth=1.8)
    ax.plot(epochs[number], losses[number], color=style.INK, marker="o", linestyle="none")
    room = 0.03 * (epochs[-1] - epochs[0])
    ax.set_xlim(epochs[0] - room, epochs[-1] + room)
    if log:
        style.logarithmic(ax)
        ax.set_ylim(losses.min() / 1.2, losses.max() * 1.2)
    else:
        ax.set_ylim(0.0, 1.05 * losses.max())
    style.whole_numbers(ax)
    style.finish(ax, x="epoch", y="mean loss", title=f"loss {losses[number]:.3f}", grid=True)


def _writer(path: Path, frames_per_second: int) -> AbstractMovieWriter:
    """The writer for this kind of file; RuntimeError if ffmpeg is missing."""
    if path.suffix.lower() == ".gif":
        return PillowWriter(fps=frames_per_second)
    if path.suffix.lower() != ".mp4":
        raise ValueError(f"path={str(path)!r}: a film ends in .gif or .mp4")
    if not FFMpegWriter.isAvailable():
        raise RuntimeError(
            f"path={str(path)!r}: an .mp4 is written by the program ffmpeg, which is not installed or not on PATH; "
            "install it (Debian: apt-get install ffmpeg), or end the path in .gif"
        )
    return FFMpegWriter(fps=frames_per_second, bitrate=1500)
