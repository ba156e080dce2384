"""A network and its baselines learn from the same columns and are evaluated on the same held-out rows."""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, Ridge

from pellucid import EarlyStopping, History, Network, TrainingInterruptedWarning
from pellucid.cli.interruption import HeldBack
from pellucid.cli.memory import check_network_fits
from pellucid.cli.plan import Plan
from pellucid.cli.scores import Evaluator, Scores
from pellucid.cli.weights import weights_of_rows
from pellucid.defaults import COMMAND
from pellucid.maths.activations import Identity
from pellucid.maths.losses import CrossEntropy
from pellucid.models.encoded_table import EncodedTable, Floats
from pellucid.models.recipes import (
    Head,
    build_network,
    head_for_classes,
    head_for_values,
    hidden_layers,
    suitable_initializer,
)
from pellucid.models.table_model import TableModel
from pellucid.network.stack import LayerStack
from pellucid.tables.errors import UserError, quoted
from pellucid.training.callbacks import Callback, Run
from pellucid.training.divergence import DivergenceError

PATIENCE = COMMAND.patience or 0


@dataclass(frozen=True)
class Trained:
    """A network after its training, with what it learned from; `problem` says why the training broke off, if it did.

    `y` holds class numbers, or the target in units of its spread.
    """

    network: Network
    y: Floats
    weight: Floats | None
    history: History | None
    problem: DivergenceError | None


@dataclass(frozen=True)
class Outcome:
    """The fitted model, its history, and its scores on the held-out rows next to those of the baselines.

    `linear` is None if Ctrl-C ended the linear model's fit.
    """

    model: TableModel
    history: History
    seconds: float
    evaluator: Evaluator
    scores: Scores
    linear: Scores | None
    linear_name: str
    constant: Scores

    @property
    def models(self) -> list[Scores]:
        """The scores of all models, the network first."""
        return [model for model in (self.scores, self.linear, self.constant) if model is not None]


def run(encoded: EncodedTable, plan: Plan, held: HeldBack, *, progress: bool | None = None) -> Outcome:
    """Train the network and the baselines, and evaluate all three on the held-out rows.

    Ctrl-C ends the network's training, or the linear model's; what was learned until then is evaluated.
    """
    start = time.perf_counter()
    trained = train(encoded, plan, progress=progress, held=held)
    seconds = time.perf_counter() - start
    if trained.problem is not None:
        raise UserError(f"{trained.problem} See --learning-rate, --activation.") from trained.problem
    if trained.history is None or not len(trained.history):
        raise KeyboardInterrupt  # Ctrl-C within the first epoch: there is nothing to report
    network, task, parts = trained.network, encoded.task, encoded.parts
    evaluator = Evaluator.of(task, parts, weighted=trained.weight is not None)
    X, X_test = encoded.X[parts.train_valid], encoded.X[parts.test]
    weight = None if trained.weight is None else trained.weight[parts.train_valid]
    name = f"network ({sizes(network)})"
    if task.classifies:
        scores = evaluator.evaluate_classes(name, network.predict(X_test), network.predict_proba(X_test))
    else:
        scores = evaluator.evaluate_values(name, encoded.target.decode(network.predict(X_test)))

    def fit(name: str, model: Any) -> Scores:
        with warnings.catch_warnings():
            # One that ends before its minimum is as near to it as a baseline needs to be.
            warnings.filterwarnings("ignore", category=ConvergenceWarning)
            model.fit(X, task.y[parts.train_valid], sample_weight=weight)
        if task.classifies:
            return evaluator.evaluate_classes(
                name, model.predict(X_test), _all_classes(model, X_test, len(task.classes))
            )
        return evaluator.evaluate_values(name, model.predict(X_test))

    (linear_name, linear), (constant_name, constant) = (
        _classifiers(encoded, plan.settings.seed) if task.classifies else _regressors(encoded)
    )
    linear_scores = None
    try:
        with held.let_through():
            linear_scores = fit(linear_name, linear)
    except KeyboardInterrupt:
        linear_scores = None
    weight = None  # the constant baseline is the commonest class or the mean, whatever rows weigh
    return Outcome(
        TableModel(encoded.encoder, network),
        trained.history,
        seconds,
        evaluator,
        scores,
        linear_scores,
        linear_name,
        fit(constant_name, constant),
    )


class _Remember(Callback):
    """Keeps hold of the history, also of a run that ends with an error, at no cost."""

    def __init__(self, held: HeldBack | None) -> None:
        self.history: History | None = None
        self._held = held

    def epochs_until_callback(self, run: Run) -> float:
        """Any number."""
        return np.inf

    def on_fit_begin(self, run: Run) -> None:
        """Store the history, which grows during the run; not if Ctrl-C was pressed on the way to it.

        From here on the fit handles Ctrl-C; whatever was deferred before would be lost.
        """
        if self._held is not None and self._held.pressed:
            raise KeyboardInterrupt
        self.history = run.history


def train(
    encoded: EncodedTable,
    plan: Plan,
    *,
    stop_early: bool = True,
    progress: bool | None = None,
    held: HeldBack | None = None,
) -> Trained:
    """The network for these rows, trained for as many epochs as asked for, which may be none."""
    X, parts, task = encoded.X, encoded.parts, encoded.task
    y: Any = np.asarray(encoded.y)
    weight = weights_of_rows(task, parts, plan.settings.class_weight)
    network = network_for(X.shape[1], len(task.classes), plan)
    if not plan.settings.epochs:
        return Trained(network, y, weight, None, None)
    parts_of = [y] if weight is None else [y, weight]
    validates = len(parts.validation) > 0
    remembered, problem = _Remember(held), None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TrainingInterruptedWarning)  # what was learned is shown, with a word on it
        try:
            network.fit(
                X[parts.training],
                y[parts.training],
                sample_weight=None if weight is None else weight[parts.training],
                validation=tuple(part[parts.validation] for part in (X, *parts_of)) if validates else None,
                early_stopping=EarlyStopping(patience=PATIENCE) if validates and stop_early else None,
                progress=progress,
                **plan.fit_options(remembered),
            )
        except DivergenceError as error:
            problem = error
        except KeyboardInterrupt:  # a second Ctrl-C broke the run off in the midst of an epoch
            if remembered.history is None or not len(remembered.history):
                raise
            remembered.history.stopped = remembered.history.ending = "interrupted"
    return Trained(network, y, weight, remembered.history, problem)


def network_for(n_inputs: int, n_classes: int, plan: Plan) -> Network:
    """The hidden layers asked for, and an output layer that suits the task (no classes: one value)."""
    settings = plan.settings
    if settings.label_smoothing and not n_classes:
        raise UserError(
            f"--label-smoothing must be left out where no classes are learned, got {settings.label_smoothing:g}"
        )
    head = _head(plan, n_classes)
    check_network_fits([n_inputs, *settings.hidden, head.units])
    count = len(settings.hidden)
    hidden = hidden_layers(n_inputs, settings.hidden, [plan.activation] * count, [settings.dropout] * count)
    chosen = settings.initializer
    start = suitable_initializer(plan.activation) if chosen == "auto" else chosen
    return build_network(hidden, head, n_inputs=n_inputs).initialize(start, random_state=settings.seed)


def _head(plan: Plan, n_classes: int) -> Head:
    """Outputs and loss for the task; a loss that is asked for and needs other outputs is refused."""
    if n_classes:
        if plan.loss is not None and not isinstance(plan.loss, CrossEntropy):
            raise UserError(f"--loss must be cross_entropy where classes are learned, got {plan.settings.loss}")
        return head_for_classes(n_classes, label_smoothing=plan.settings.label_smoothing)
    head = head_for_values(loss=plan.loss)
    try:
        head.loss.check_output(Identity())
    except ValueError as error:
        raise UserError(
            f"--loss must be squared_error, absolute_error, huber or quantile where numbers are learned, got "
            f"{plan.settings.loss}"
        ) from error
    return head


def _all_classes(model: Any, X: Floats, n_classes: int) -> Floats:
    """Probabilities of every class, 0 for those that a model never saw."""
    full = np.zeros((len(X), n_classes))
    full[:, model.classes_.astype(int)] = model.predict_proba(X)
    return full


def _classifiers(encoded: EncodedTable, seed: int) -> list[tuple[str, Any]]:
    known = encoded.task.y[encoded.parts.train_valid].astype(np.int64)
    commonest = encoded.task.classes[int(np.bincount(known).argmax())]
    return [
        ("logistic regression", LogisticRegression(max_iter=1000, random_state=seed)),
        (f"always {quoted(commonest, longest=30)}", DummyClassifier(strategy="prior")),
    ]


def _regressors(encoded: EncodedTable) -> list[tuple[str, Any]]:
    mean = encoded.task.y[encoded.parts.train_valid].mean()
    # As little penalty as logistic regression has by default: one-hot columns sum to one and have no plain solution.
    return [("linear regression", Ridge(alpha=1.0)), (f"always the mean ({mean:.4g})", DummyRegressor())]


def sizes(network: LayerStack) -> str:
    """The units of each layer from the inputs to the outputs, such as "30 → 50 → 2"."""
    return " → ".join(str(count) for count in (network.n_inputs, *(layer.units for layer in network.layers)))
