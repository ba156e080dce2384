"""The two long messages: `catalog`, the choices, and `build`, the structure that the page shows."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import numpy as np

from pellucid.datasets import DATASETS
from pellucid.maths.typing import Array
from pellucid.playground.limits import LIMITS
from pellucid.playground.presets import PRESETS, Preset
from pellucid.playground.protocol import PROTOCOL
from pellucid.playground.rows.data import thumbnails
from pellucid.playground.rows.rows import Rows
from pellucid.playground.schema import FIELDS
from pellucid.playground.state import PlaygroundState
from pellucid.playground.views.pictures import GRID, as_bytes

MAX_SHOWN = 1000
"""Training points in the picture, and test points; more would hide each other."""

Packet = tuple[dict[str, Any], dict[str, Array]]


def catalog_message() -> Packet:
    """The choices: settings, data sets, presets, limits."""
    return {
        "t": "catalog",
        "protocol": PROTOCOL,
        "version": version("pellucid"),
        "schema": [field.as_json() for field in FIELDS],
        "datasets": [
            {"name": toy.name, "title": toy.title, "task": toy.task,
             "classes": list(toy.classes) if toy.classes else None}
            for toy in DATASETS.values()
        ],
        "presets": [_summary(preset) for preset in PRESETS.values()],
        "limits": LIMITS,
    }, {"thumbnails": thumbnails()}  # fmt: skip


def build_message(state: PlaygroundState, generation: int, note: str) -> Packet:
    """The structure on the page: layers, points, features, settings."""
    rows, run = state.rows, state.run
    (low_x, high_x), (low_y, high_y) = rows.ranges
    grid = GRID // 2
    maps, scales = as_bytes(rows.grid_of_all(grid).T.reshape(-1, grid, grid))
    table = None
    if rows.table is not None:
        table = {"name": rows.name, "notes": list(rows.notes)} | rows.table
    message = {
        "t": "build",
        "generation": generation,
        "settings": state.settings.as_json(),
        "task": rows.task,
        "classes": list(rows.classes),
        "features": [
            {"name": name, "label": label, "on": place in rows.on}
            for place, (name, label) in enumerate(zip(rows.names, rows.labels, strict=True))
        ],
        "layers": [
            {"units": spec.units, "activation": spec.activation.name, "dropout": spec.dropout}
            for spec in run.network.specs
        ],
        "outputs": rows.output_labels(run.network.n_outputs),
        "range": {"x": [low_x, high_x], "y": [low_y, high_y]},
        "axes": list(rows.axes),
        "value_range": list(rows.value_range),
        "grid": GRID,
        "n_train": len(rows.train),
        "n_test": len(rows.test),
        "table": table,
        "preset": None if state.preset is None else _summary(state.preset),
        "note": " ".join(part for part in (note, rows.needed, *(() if table else rows.notes)) if part),
    }
    buffers = {
        "train": _points(rows, rows.train),
        "test": _points(rows, rows.test),
        "feature_maps": maps,
        "feature_scales": scales,
    }
    return message, buffers


def _summary(preset: Preset) -> dict[str, str]:
    return {"name": preset.name, "title": preset.title, "notice": preset.notice}


def _points(rows: Rows, chosen: Array) -> Array:
    """(n, 3): x1, x2 and y of some rows, evenly thinned if there are too many."""
    if len(chosen) > MAX_SHOWN:
        chosen = chosen[np.linspace(0, len(chosen) - 1, MAX_SHOWN).astype(int)]
    return np.column_stack([rows.points[chosen], rows.y[chosen]]).astype(np.float32)
