"""A network and its baselines learn from the same columns and are judged by the same held-out rows."""

from __future__ import annotations

import itertools
import time
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import balanced_accuracy_score, r2_score
from sklearn.preprocessing import StandardScaler

from pellucid import Dense, EarlyStopping, History, Network, TrainingInterruptedWarning
from pellucid.cli.parts import Floats, Prepared
from pellucid.cli.plan import Plan
from pellucid.maths.losses import CrossEntropy
from pellucid.tables.errors import UserError, quoted
from pellucid.training.divergence import DivergenceError

PATIENCE = 20
"""Epochs without a better validation loss before training stops."""

FEWEST_THAT_DIFFER = 6


@dataclass(frozen=True)
class Judged:
    """A model's errors on the held-out rows, one for each: 0 or 1 for a class, the squared error for a value."""

    name: str
    errors: Floats
    scores: dict[str, float]


@dataclass(frozen=True)
class Outcome:
    """The trained network, its history, and the scores: the network's first, the dullest baseline's last."""

    network: Network
    history: History
    seconds: float
    judged: tuple[Judged, Judged, Judged]


def run(prepared: Prepared, plan: Plan) -> Outcome:
    """Train the network and the baselines, and judge all three by the held-out rows."""
    start = time.perf_counter()
    network, history, predicted = _train_network(prepared, plan)
    seconds = time.perf_counter() - start
    baselines = _classifiers(prepared, plan.settings.seed) if prepared.task.classifies else _regressors(prepared)
    judged = [judge(prepared, f"network ({sizes(network)})", predicted)]
    X, y, known, test = prepared.X, prepared.task.y, prepared.parts.known, prepared.parts.test
    for baseline_name, model in baselines:
        with warnings.catch_warnings():
            # One that ends before its minimum is as near to it as a baseline needs to be.
            warnings.filterwarnings("ignore", category=ConvergenceWarning)
            model.fit(X[known], y[known])
        judged.append(judge(prepared, baseline_name, model.predict(X[test])))
    return Outcome(network, history, seconds, (judged[0], judged[1], judged[2]))


def _train_network(prepared: Prepared, plan: Plan) -> tuple[Network, History, Floats]:
    """The network, its history and its predictions for the held-out rows, in the target's own unit."""
    X, parts, task = prepared.X, prepared.parts, prepared.task
    y: Any = task.y
    unit = StandardScaler().fit(y[parts.known, None])
    if not task.classifies:
        y = unit.transform(y[:, None])
    network = build_network(X.shape[1], len(task.classes), plan)
    validates = len(parts.validation) > 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TrainingInterruptedWarning)  # the report says so, too
        try:
            history = network.fit(
                X[parts.training],
                y[parts.training],
                validation=(X[parts.validation], y[parts.validation]) if validates else None,
                early_stopping=EarlyStopping(patience=PATIENCE) if validates else None,
                **plan.fit_options(),
            )
        except DivergenceError as error:
            raise UserError(f"{error} See --learning-rate, --activation.") from error
    if not len(history):
        raise KeyboardInterrupt  # Ctrl-C within the first epoch: there is nothing to report
    predicted = network.predict(X[parts.test])
    return network, history, predicted if task.classifies else unit.inverse_transform(predicted.reshape(-1, 1))[:, 0]


def build_network(n_inputs: int, n_classes: int, plan: Plan) -> Network:
    """The hidden layers asked for, and an output layer that suits the task (no classes: one value)."""
    settings = plan.settings
    if settings.label_smoothing and not n_classes:
        raise UserError(
            f"--label-smoothing must be left out where no classes are learned, got {settings.label_smoothing:g}"
        )
    sizes = [n_inputs, *settings.hidden]
    layers = [Dense(p, h, plan.activation, dropout=settings.dropout) for p, h in itertools.pairwise(sizes)]
    output = Dense(sizes[-1], n_classes, "softmax") if n_classes else Dense(sizes[-1], 1, "identity")
    network = Network([*layers, output], CrossEntropy(settings.label_smoothing) if n_classes else "squared_error")
    # He's spread makes up for the half of its inputs that a rectifier silences; Xavier's suits the others.
    saturates = np.isfinite(plan.activation.image).all()
    fitting = "xavier_uniform" if saturates else "he_normal"
    start = fitting if settings.initializer == "auto" else settings.initializer
    return network.initialize(start, random_state=settings.seed)


def judge(prepared: Prepared, name: str, predicted: Floats) -> Judged:
    """Compare predictions for the held-out rows with what is there."""
    y = prepared.task.y[prepared.parts.test]
    if prepared.task.classifies:
        errors = (predicted != y).astype(np.float64)
        balanced = float(balanced_accuracy_score(y, predicted))
        return Judged(name, errors, {"accuracy": 1.0 - float(errors.mean()), "balanced accuracy": balanced})
    errors = (predicted - y) ** 2
    return Judged(name, errors, {"R²": float(r2_score(y, predicted)), "RMSE": float(np.sqrt(errors.mean()))})


def _classifiers(prepared: Prepared, seed: int) -> list[tuple[str, Any]]:
    known = prepared.task.y[prepared.parts.known].astype(np.int64)
    commonest = prepared.task.classes[int(np.bincount(known).argmax())]
    return [
        ("logistic regression", LogisticRegression(max_iter=1000, random_state=seed)),
        (f"always {quoted(commonest, longest=30)}", DummyClassifier(strategy="most_frequent")),
    ]


def _regressors(prepared: Prepared) -> list[tuple[str, Any]]:
    mean = prepared.task.y[prepared.parts.known].mean()
    # As little penalty as logistic regression has by default: one-hot columns sum to one and have no plain solution.
    return [("linear regression", Ridge(alpha=1.0)), (f"always the mean ({mean:.4g})", DummyRegressor())]


def sizes(network: Network) -> str:
    """The units of each layer from the inputs to the outputs, such as "30 → 50 → 2"."""
    return " → ".join(str(count) for count in (network.n_inputs, *(layer.units for layer in network.layers)))


def clear_difference(first: Judged, second: Judged) -> int:
    """Which model is better on the held-out rows: 1 the first, -1 the second, 0 where chance may have decided.

    Both are judged by the same rows, so it is the differences of their errors, row by row, that count. Their mean is
    clear of zero when it is more than two of its standard errors away, and when there are enough rows that differ: a
    coin that falls the same way `FEWEST_THAT_DIFFER` times is the first to be odd at the level of 5 in 100.
    """
    difference = second.errors - first.errors
    if np.count_nonzero(difference) < FEWEST_THAT_DIFFER:
        return 0
    mean = float(difference.mean())
    standard_error = float(difference.std(ddof=1)) / np.sqrt(len(difference))
    return int(np.sign(mean)) if abs(mean) > 2 * standard_error else 0
