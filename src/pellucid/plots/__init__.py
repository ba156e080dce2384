"""Numbers in, matplotlib Axes out.

Every function takes data, or any object with ``predict`` (and, better, ``predict_proba``), and returns the Axes it
drew on, so that a figure can be finished or saved in matplotlib's own words::

    axes = plots.decision_boundary(model, X, y)
    axes.figure.savefig("boundary.png")

Give ``ax=`` to draw on Axes of your own. No window is needed, and the backend in use is left as it is.

Shapes: n samples, p features, k classes. ``X (n, p)``; ``y (n,)``, or one-hot rows ``(n, k)``.
"""

from pellucid.plots.boundary import decision_boundary
from pellucid.plots.curves import loss_curve
from pellucid.plots.functions import activation
from pellucid.plots.grid import hidden_size_grid
from pellucid.plots.landscape import descent
from pellucid.plots.pictures import pictures
from pellucid.plots.points import dataset

__all__ = [
    "activation",
    "dataset",
    "decision_boundary",
    "descent",
    "hidden_size_grid",
    "loss_curve",
    "pictures",
]
