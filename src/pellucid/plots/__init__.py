"""Numbers in, matplotlib Axes out.

Every function takes data, or any object with ``predict`` (better also ``predict_proba``), and returns the Axes it
drew on, so that the figure can be changed or saved with matplotlib::

    axes = plots.decision_boundary(model, X, y)
    axes.figure.savefig("boundary.png")

Pictures of a whole run are drawn from a `Trail`, a callback that records θ during training::

    trail = plots.Trail(every=10)
    net.fit(X, y, callbacks=[trail])
    plots.gradient_norms(trail, X, y)

Give ``ax=`` to draw on existing Axes. No window is needed, and the current backend is not changed.

Shapes: n samples, p features, k classes. ``X (n, p)``; ``y (n,)``, or one-hot rows ``(n, k)``.
"""

from pellucid.plots.animation import animation
from pellucid.plots.boundary import decision_boundary
from pellucid.plots.curves import loss_curve
from pellucid.plots.diagram import network_diagram
from pellucid.plots.fits import fitted_curves
from pellucid.plots.flow import gradient_norms, update_ratios
from pellucid.plots.functions import activation, activations
from pellucid.plots.grid import hidden_size_grid
from pellucid.plots.landscape import descent, descents
from pellucid.plots.pictures import pictures
from pellucid.plots.points import dataset
from pellucid.plots.surface import loss_surface
from pellucid.plots.trail import Trail
from pellucid.plots.units import unit_maps
from pellucid.plots.verdicts import confusion_matrix, residuals

__all__ = [
    "Trail",
    "activation",
    "activations",
    "animation",
    "confusion_matrix",
    "dataset",
    "decision_boundary",
    "descent",
    "descents",
    "fitted_curves",
    "gradient_norms",
    "hidden_size_grid",
    "loss_curve",
    "loss_surface",
    "network_diagram",
    "pictures",
    "residuals",
    "unit_maps",
    "update_ratios",
]
