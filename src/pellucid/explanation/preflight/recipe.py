"""`preflight`: all steps in order."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from pellucid.defaults import NETWORK
from pellucid.estimators.inside import look_inside
from pellucid.explanation.preflight.before_training import first_look, gradient, initial_loss
from pellucid.explanation.preflight.held_out import inputs_help
from pellucid.explanation.preflight.learning_rates import learning_rates
from pellucid.explanation.preflight.overfitting import overfit_one_batch
from pellucid.explanation.preflight.result import Preflight, Verdict
from pellucid.explanation.preflight.trial import Trial
from pellucid.maths.checks import check_integer
from pellucid.maths.penalties import Penalty
from pellucid.network.objective import Reduction
from pellucid.network.stack import LayerStack
from pellucid.optimizers import OPTIMIZERS, Optimizer
from pellucid.training.automatic import DEFAULT_OPTIMIZER, Auto, check_counts, chosen_counts
from pellucid.training.data import check_data
from pellucid.training.interruption import interruptible
from pellucid.training.progress import Steps

MAX_ROWS = 1000
"""Number of rows drawn from larger data, so that a preflight takes seconds."""

MAX_UPDATES = 300
"""Largest number of updates of one training."""

STEPS: tuple[tuple[str, Callable[[Trial], Iterator[Verdict]]], ...] = (
    ("first look", first_look),
    ("gradient", gradient),
    ("loss at the start", initial_loss),
    ("one batch by heart", overfit_one_batch),
    ("learning rates", learning_rates),
    ("inputs help", inputs_help),
)


def preflight(
    model: Any,
    X: object,
    y: object,
    *,
    optimizer: str | Optimizer | type[Optimizer] = DEFAULT_OPTIMIZER,
    epochs: int | Auto = NETWORK.epochs,
    batch_size: int | Auto | None = NETWORK.batch_size,
    penalty: Penalty | None = None,
    reduction: Reduction = "mean",
    sample_weight: object = None,
    random_state: int = 0,
    progress: bool | None = None,
) -> Preflight:
    """Run the checks of an expert before a long training, in seconds.

    Parameters
    ----------
    model : Network, fitted estimator, or fitted pipeline around one
        It is not changed. A network is trained from its current weights (initialized if it has none), that of an
        estimator from new ones.
    X, y : arrays
        The training data; of more than 1000 rows, 1000 are drawn (all, with reduction="sum").
    optimizer, epochs, batch_size, penalty, reduction, sample_weight
        The arguments planned for `Network.fit`; the defaults are the same.
    random_state : int
        Seed of the rows, the split and the order: the same seed gives the same verdicts.
    progress : bool or None
        Report the current step on standard error after a second; None: on a terminal.

    Returns
    -------
    Preflight
        False if a step failed; `print` it. Ctrl-C ends it and keeps the verdicts so far.

    Raises
    ------
    ValueError, TypeError
        If X or y does not fit the network.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid import Network, preflight
    >>> from pellucid.optimizers import Adam
    >>> X = np.random.default_rng(0).normal(size=(200, 2))
    >>> y = (X[:, 0] * X[:, 1] > 0).astype(int)
    >>> net = Network([2, 8, 2], "tanh").initialize(random_state=0)
    >>> bool(preflight(net, X, y, optimizer=Adam(0.01), batch_size=10))
    True
    >>> shuffled = np.random.default_rng(1).permutation(y)
    >>> preflight(net, X, shuffled, optimizer=Adam(0.01), batch_size=10)["inputs help"].outcome
    'FAILED'
    """
    inside = look_inside(model, X, y) if not isinstance(model, LayerStack) else None
    network: Any = model.copy() if inside is None else inside.network.copy()
    rng = np.random.default_rng(check_integer("random_state", random_state, least=0))
    if inside is not None or not network.initialized:
        network.initialize(random_state=random_state)
    if inside is not None:
        X, y = inside.X, inside.y
    data = check_data(network, X, y, sample_weight)
    n_all = len(data)
    if reduction == "mean" and n_all > MAX_ROWS:
        data = data.rows(np.sort(rng.choice(n_all, MAX_ROWS, replace=False)))
    if not isinstance(data.X, np.ndarray):
        data = replace(data, X=data.X.toarray())
    check_counts(epochs, batch_size)
    rule = OPTIMIZERS.resolve(optimizer)
    epochs, batch_size = chosen_counts(epochs, batch_size, len(data), rule)
    options = {"penalty": penalty, "reduction": reduction, "batch_size": batch_size, "random_state": random_state}
    updates = min(MAX_UPDATES, epochs * math.ceil(len(data) / (batch_size or len(data))))
    verdicts: list[Verdict] = []
    with interruptible() as interrupted, Steps("preflight", progress) as steps:
        trial = Trial(network, data, rule, options, updates, interrupted)
        for name, step in STEPS:
            steps.show(name)
            found = list(step(trial))
            if interrupted():  # this step was cut short: its measurements do not count
                break
            verdicts += found
    rows = f"{len(data)} of {n_all} rows" if len(data) < n_all else f"{n_all} row{'s' if n_all > 1 else ''}"
    summary = f"{rows}, {network.theta.size} parameters, {rule.name}, {updates} updates a try"
    return Preflight(verdicts, summary, interrupted())
