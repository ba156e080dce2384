"""The data of a run, for training and for validation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pellucid.maths.checks import check_real
from pellucid.maths.typing import Array
from pellucid.network.checks import check_inputs, check_same_length, check_sample_weight
from pellucid.network.stack import LayerStack


@dataclass(frozen=True)
class Data:
    """Inputs X (n, p), dense or CSR, encoded targets Y (n, k) and sample weights (n,) or None."""

    X: Array
    Y: Array
    weight: Array | None = None

    def __len__(self) -> int:
        return len(self.Y)

    @property
    def total_weight(self) -> float:
        """Σw, n without weights."""
        return float(len(self) if self.weight is None else self.weight.sum(dtype=np.float64))

    def rows(self, index: Array) -> Data:
        """A copy of some rows."""
        return Data(self.X[index], self.Y[index], None if self.weight is None else self.weight[index])


def check_data(
    network: LayerStack, X: object, y: object, sample_weight: object = None, *, relative: bool = True
) -> Data:
    """Validate a user's data against the network. `relative`: whether only the ratios of weights count."""
    inputs = check_inputs(X, network.n_inputs, network.dtype)
    Y = network.encode(y)
    check_same_length(inputs, Y)
    return Data(inputs, Y, check_sample_weight(sample_weight, len(Y), network.dtype, relative=relative))


def split_validation(
    network: LayerStack,
    data: Data,
    validation: Any,
    random: np.random.Generator | np.random.RandomState,
    held_out: Array | None = None,
) -> tuple[Data, Data | None, Array | None]:
    """Training data, validation data, and the rows held out for it: `validation` is None, a pair (X_val, y_val), or the
    share to hold out at random. An earlier run's rows, `held_out`, are held out again.
    """
    if validation is None:
        return data, None, None
    if isinstance(validation, (tuple, list)):
        if len(validation) not in (2, 3):
            raise ValueError(
                f"validation must be (X_val, y_val) or (X_val, y_val, sample_weight_val), got {len(validation)} parts"
            )
        try:
            return data, check_data(network, *validation), None
        except ValueError as error:
            raise ValueError(f"validation: {error}") from error
    share = check_real("validation", validation, above=0, below=1)
    n_validation = round(share * len(data))
    if not 0 < n_validation < len(data):
        raise ValueError(
            f"validation={share:g} of {len(data)} rows leaves {n_validation} to validate on and "
            f"{len(data) - n_validation} to train on: both need at least one"
        )
    if held_out is None:
        held_out = np.sort(random.permutation(len(data))[:n_validation])
    kept = np.ones(len(data), dtype=bool)
    kept[held_out] = False
    parts = data.rows(np.flatnonzero(kept)), data.rows(held_out)
    for part, purpose in zip(parts, ("train", "validate"), strict=True):
        if part.weight is not None and not part.weight.any():
            raise ValueError(
                f"validation={share:g} leaves only rows of sample_weight 0 to {purpose} on ({len(part)} of "
                f"{len(data)}): leave rows of weight 0 out, take another share or random_state, or give "
                "validation=(X_val, y_val)"
            )
    return *parts, held_out
