"""The largest sizes that the playground takes; the page learns them from the `catalog` message."""

from __future__ import annotations

from pellucid.datasets import classes
from pellucid.playground.protocol import MAX_PIECE

MAX_CLASSES = classes.MAX_CLASSES

MAX_LAYERS = 8
"""Hidden layers."""

MAX_UNITS = 16
"""Units of a hidden layer."""

MAX_TEXT = 8_000_000
"""Characters of a table."""

MAX_ROWS = 20_000
"""Rows of a table; of more, so many are drawn at random."""

MAX_INPUTS = 50
"""Inputs that a table's columns become."""

MAX_POINTS = 5_000
"""Points drawn by hand."""

LIMITS = {
    "classes": MAX_CLASSES,
    "layers": MAX_LAYERS,
    "units": MAX_UNITS,
    "text": MAX_TEXT,
    "piece": MAX_PIECE,
    "rows": MAX_ROWS,
    "points": MAX_POINTS,
}
