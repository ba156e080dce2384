"""A network's layers as a table, for shells and notebooks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from pellucid.network.layers import Dense, Spec, title

if TYPE_CHECKING:
    from pellucid.network.stack import LayerStack

HEADER = ("layer", "activation", "inputs", "units", "weights", "biases", "dropout")
TEXT_COLUMNS = (0, 1, 6)
"""Columns with text instead of numbers."""


@dataclass(frozen=True)
class Summary:
    """The result of `net.summary()`: text in a shell, a table in a notebook.

    Attributes
    ----------
    rows : tuple of tuples of str
        One row per layer, counted from 1, with the columns of `HEADER`.
    closing : str
        Parameters, loss and dtype in one line.
    """

    rows: tuple[tuple[str, ...], ...]
    closing: str

    @classmethod
    def of(cls, network: LayerStack) -> Summary:
        """The summary of a network."""
        rows = tuple(
            (
                str(number),
                title(spec),
                f"{spec.n_inputs:,}",
                f"{spec.units:,}",
                *_counts(spec),
                f"{spec.dropout:g}" if spec.dropout else "",
            )
            for number, spec in enumerate(network.specs, 1)
        )
        state = "" if network.initialized else "; no weights yet: initialize() or fit() draws them"
        plural = "s" if network.theta.size != 1 else ""
        closing = f"{network.theta.size:,} parameter{plural}, loss {network.loss.name}, {network.dtype.name}{state}"
        return cls(rows, closing)

    def __str__(self) -> str:
        lines = (HEADER, *self.rows)
        widths = [max(len(line[column]) for line in lines) for column in range(len(HEADER))]
        written = [
            "  ".join(
                cell.ljust(width) if column in TEXT_COLUMNS else cell.rjust(width)
                for column, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        ]
        return "\n".join([*written, self.closing])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{escape(name)}</th>" for name in HEADER)
        body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in self.rows)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><p>{escape(self.closing)}</p>"


def _counts(spec: Spec) -> tuple[str, str]:
    """The numbers of weights and of biases; of a layer that is no `Dense`, of all its parameters."""
    sizes = [math.prod(parameter.shape) for parameter in spec.parameters()]
    return (f"{sizes[0]:,}", f"{sizes[1]:,}") if isinstance(spec, Dense) else (f"{sum(sizes):,}", "")
