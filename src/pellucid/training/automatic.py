"""Resolve the "auto" arguments of `fit`, which depend on the data: epochs and batch size."""

from __future__ import annotations

from typing import Literal

from pellucid.defaults import ITERATIONS, NETWORK, automatic_batch_size, automatic_epochs
from pellucid.maths.checks import check_integer
from pellucid.optimizers import Adam, Optimizer

Auto = Literal["auto"]

DEFAULT_OPTIMIZER = Adam(learning_rate=NETWORK.learning_rate)


def check_counts(epochs: int | Auto, batch_size: int | Auto | None) -> None:
    """Check that both are whole numbers or "auto" (`batch_size` also None)."""
    if not _automatic("epochs", epochs):
        check_integer("epochs", epochs, least=1)
    if batch_size is not None and not _automatic("batch_size", batch_size):
        check_integer("batch_size", batch_size, least=1)


def chosen_counts(
    epochs: int | Auto, batch_size: int | Auto | None, n_rows: int, rule: Optimizer
) -> tuple[int, int | None]:
    """Epochs and batch size (None: all rows) for `n_rows` of training data.

    >>> chosen_counts("auto", "auto", 1000, DEFAULT_OPTIMIZER)
    (250, 128)
    >>> chosen_counts(5, None, 1000, DEFAULT_OPTIMIZER)
    (5, None)
    """
    if rule.full_batch:
        return ITERATIONS if epochs == "auto" else epochs, None
    if batch_size == "auto":  # a given number of epochs keeps the full batch
        batch_size = automatic_batch_size(n_rows) if epochs == "auto" else None
    return automatic_epochs(n_rows, batch_size or n_rows) if epochs == "auto" else epochs, batch_size


def _automatic(name: str, value: object) -> bool:
    if isinstance(value, str) and value != "auto":
        also = ", None" if name == "batch_size" else ""
        raise ValueError(f'{name} must be a whole number of at least 1{also} or "auto", got {value!r}')
    return isinstance(value, str)
