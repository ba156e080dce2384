"""A network and its baselines learn from the same columns and are judged by the same held-out rows."""

from __future__ import annotations

import itertools
import time
import warnings
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import balanced_accuracy_score, r2_score
from sklearn.preprocessing import StandardScaler

from pellucid import Dense, EarlyStopping, History, Network, TrainingInterruptedWarning
from pellucid.cli.parts import Floats, Prepared
from pellucid.cli.settings import Settings
from pellucid.maths.activations import ACTIVATIONS, Activation
from pellucid.maths.initializers import INITIALIZERS
from pellucid.maths.losses import CrossEntropy
from pellucid.maths.penalties import L2, Penalty
from pellucid.maths.registry import Registry
from pellucid.maths.schedules import SCHEDULES, Constant, Schedule
from pellucid.optimizers import LBFGS, OPTIMIZERS, FirstOrder, Optimizer
from pellucid.tables.errors import UserError, quoted
from pellucid.training.callbacks import MaxSeconds
from pellucid.training.divergence import DivergenceError

T = TypeVar("T")

BATCH_SIZE = 32
PATIENCE = 20
"""Epochs without a better validation loss before training stops."""

FEWEST_THAT_DIFFER = 6


@dataclass(frozen=True)
class Plan:
    """The settings with their names resolved; a `batch_size` of None is all rows at once."""

    settings: Settings
    activation: Activation
    optimizer: Optimizer
    schedule: Schedule
    batch_size: int | None

    @property
    def penalty(self) -> Penalty | None:
        """On large weights, or none."""
        return L2(self.settings.l2) if self.settings.l2 else None

    def fit_options(self, *callbacks: Any) -> dict[str, Any]:
        """For `Network.fit`."""
        settings = self.settings
        limit = [] if settings.max_seconds is None else [MaxSeconds(settings.max_seconds)]
        return {
            "optimizer": self.optimizer,
            "epochs": settings.epochs,
            "batch_size": self.batch_size,
            "schedule": self.schedule,
            "penalty": self.penalty,
            "random_state": settings.seed,
            "clip_norm": settings.clip_norm,
            "max_norm": settings.max_norm,
            "engine": settings.engine,
            "threads": settings.threads,
            "callbacks": [*callbacks, *limit],
        }


def plan_for(settings: Settings) -> Plan:
    """The plan, or the user's error: an unknown name, or what does not go together."""
    rule = resolve_optimizer(settings.optimizer, settings.learning_rate)
    schedule = _resolve("--schedule", SCHEDULES, settings.schedule)
    if settings.initializer != "auto":
        _resolve("--initializer", INITIALIZERS, settings.initializer)
    if isinstance(rule, LBFGS):
        given = {
            "--schedule": None if isinstance(schedule, Constant) else settings.schedule,
            "--dropout": settings.dropout or None,
            "--clip-norm": settings.clip_norm,
            "--max-norm": settings.max_norm,
        }
        for flag, value in given.items():
            if value is not None:
                raise UserError(
                    f"{flag} must be left out for --optimizer lbfgs, which searches along lines, got {value}"
                )
    batch_size = batch_size_for(rule, settings.batch_size)
    return Plan(settings, resolve_activation(settings.activation), rule, schedule, batch_size)


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


def resolve_activation(name: str) -> Activation:
    """The hidden layers' activation; softmax is refused, for it makes a layer's units compete for a sum of one."""
    activation = _resolve("--activation", ACTIVATIONS, name)
    if not activation.elementwise:
        raise UserError(
            f"--activation must be one for hidden layers, got {name}, which is for outputs; try relu or tanh"
        )
    return activation


def resolve_optimizer(name: str, learning_rate: float | None) -> Optimizer:
    """The update rule, with a learning rate of one's own where one is given."""
    optimizer = _resolve("--optimizer", OPTIMIZERS, name)
    if learning_rate is None:
        return optimizer
    if not isinstance(optimizer, FirstOrder):
        raise UserError(
            f"--learning-rate must be left out for --optimizer {name}, which has none; got {learning_rate:g}"
        )
    return replace(optimizer, learning_rate=learning_rate)


def batch_size_for(optimizer: Optimizer, asked: int | None) -> int | None:
    """The rows a step: as asked for (0: all), else `BATCH_SIZE`; L-BFGS searches along lines and needs all."""
    if not isinstance(optimizer, LBFGS):
        return BATCH_SIZE if asked is None else asked or None
    if asked:
        raise UserError(f"--batch-size must be 0 or left out for --optimizer lbfgs, which needs all rows, got {asked}")
    return None


def _resolve(option: str, registry: Registry[T], name: str) -> T:
    try:
        return registry.resolve(name)
    except ValueError as unknown:
        raise UserError(f"{option}: {unknown}") from unknown


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
