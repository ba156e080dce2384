"""Common mistakes in arguments, and what to write instead: a hint that is appended to the error message."""

from __future__ import annotations

import re
from typing import Any

from pellucid.estimators.constraints import Registered, Words, table
from pellucid.maths.registry import did_you_mean
from pellucid.training.stopping import EarlyStopping

OTHER_SCALES = {
    "minmax": "For columns from 0 to 1, put scikit-learn's MinMaxScaler before the estimator in a pipeline.",
    "maxabs": "For columns up to 1, put scikit-learn's MaxAbsScaler before the estimator in a pipeline.",
}
"""Scalings that estimators do not have; names without blanks and underscores."""


def early_stopping_goes_elsewhere(rule: EarlyStopping) -> str:
    """The arguments of an estimator that correspond to an `EarlyStopping` object."""
    scoring = ", scoring='loss'" if rule.monitor == "validation_loss" else ""
    return (
        f"An estimator takes early stopping as arguments: early_stopping=True, n_iter_no_change={rule.patience}, "
        f"tol={rule.min_delta:g}{scoring} (EarlyStopping objects are for Network.fit)."
    )


def hint(estimator: str, arguments: dict[str, Any], message: str) -> str:
    """A hint at the right argument, given scikit-learn's error message about one; "" if there is no guess."""
    found = re.match(r"The '(\w+)' parameter", message)
    if found is None:
        return ""
    name = found.group(1)
    value, argument = arguments[name], table(estimator)[name]
    if name == "callbacks" and isinstance(value, EarlyStopping):
        return early_stopping_goes_elsewhere(value)
    if name == "loss" and not isinstance(value, str) and (isinstance(value, int) or hasattr(value, "__len__")):
        return (
            f"Did you mean hidden_layer_sizes={value!r}? Its first argument without a name is loss, as in scikit-learn."
        )
    if not isinstance(value, str):
        return ""
    if name == "scale" and (other := OTHER_SCALES.get(re.sub(r"[\W_]", "", value.lower()))):
        return other
    for allowed in argument.allowed:
        near = ""
        if isinstance(allowed, Registered):
            near = allowed.near(value)
        elif isinstance(allowed, Words):
            near = did_you_mean(value, allowed.words)
        if near:
            return near[0].upper() + near[1:] + ("" if near.endswith(("?", ".")) else ".")
    return ""
