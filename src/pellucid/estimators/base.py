"""`BaseMLP`: the steps of a fit, from arguments to fitted attributes; base class of both estimators."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from scipy.sparse import issparse
from sklearn.base import BaseEstimator
from sklearn.callback import CallbackSupportMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import check_scoring
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import InvalidParameterError
from sklearn.utils.validation import _check_sample_weight, validate_data

from pellucid.defaults import ESTIMATORS_BATCH_ROWS
from pellucid.engines import EngineName
from pellucid.estimators import blueprint, hints
from pellucid.estimators.callback_adapter import SklearnCallbackAdapter
from pellucid.estimators.fitted import FittedMixin
from pellucid.estimators.progress import FitProgress
from pellucid.estimators.rows import Role, Rows, pays_sparse, weighed
from pellucid.estimators.scaling import Scaling, fit_scaling
from pellucid.estimators.solvers import needs_full_batch
from pellucid.estimators.stopping import Patience, Score, StoppingRule
from pellucid.maths.activations import Activation
from pellucid.maths.alone import alone
from pellucid.maths.losses import Loss
from pellucid.maths.notices import say, warn
from pellucid.maths.typing import Array
from pellucid.model import Network
from pellucid.models.recipes import Head, build_network
from pellucid.network.checks import refuse_dates, text_in
from pellucid.network.stack import LayerStack
from pellucid.optimizers import FirstOrder
from pellucid.training.callbacks import Callback, MaxSeconds, Run, as_callbacks
from pellucid.training.divergence import DivergenceError
from pellucid.training.stepper import new_state
from pellucid.training.stopping import EarlyStopping

NON_FINITE = (
    "Solver produced non-finite parameter weights. The input data may contain large values and need to be preprocessed."
)
OUTPUT_NAMES = {"sigmoid": "logistic", "exponential": "exp"}
"""Names of output activations that differ: Pellucid's → scikit-learn's."""


class BaseMLP(FittedMixin, CallbackSupportMixin, BaseEstimator):
    """Base class of `MLPClassifier` and `MLPRegressor`. The weights are in `coefs_` and `intercepts_`."""

    _is_classifier = False

    def _get_doc_link(self) -> str:
        """Link of scikit-learn's HTML representation; without one it shows no help on the parameters."""
        return "#"

    # ---------------------------------------------------------------- overridden by the two estimators

    def _check_y(self, y: Any, role: Role) -> tuple[Array, Any]:
        """Targets as Y (n, k), and as they are scored. In the role "first", fit the encoding of targets."""
        raise NotImplementedError

    def _class_weights(self, y: Any, weight: Array | None, role: Role) -> Array | None:
        """Sample weights multiplied by class weights."""
        return weight

    def _output(self) -> tuple[Activation, Loss]:
        """The last layer's activation, and the loss."""
        raise NotImplementedError

    def _engine(self) -> EngineName:
        """The engine to request from the training loop."""
        engine: EngineName = self.engine
        return engine

    def _scales_targets(self) -> bool:
        """Whether `scale` also applies to targets."""
        return False

    def _stratify(self, rows: Rows) -> Any:
        """Labels for a stratified validation split, or None."""
        return None

    def _loss_constant(self, rows: Rows) -> float:
        """The constant that the loss omits because it does not depend on the weights."""
        return 0.0

    def __copy__(self) -> Self:
        """A shallow copy, except for the state that training updates in place."""
        twin = type(self).__new__(type(self))
        twin.__dict__.update(self.__dict__)
        for name in ("_progress", "loss_curve_"):
            if name in twin.__dict__:
                twin.__dict__[name] = copy.deepcopy(twin.__dict__[name])
        return twin

    # ---------------------------------------------------------------- the steps of a fit

    def _validate_params(self) -> None:
        """Check the arguments by the table of constraints; errors get a hint at what is likely meant."""
        try:
            super()._validate_params()
        except InvalidParameterError as error:
            kind = "classifier" if self._is_classifier else "regressor"
            guess = hints.hint(kind, self.get_params(deep=False), str(error))
            if guess:
                raise InvalidParameterError(f"{error} {guess}") from None
            raise

    def _fit(
        self, X: Any, y: Any, sample_weight: Any, validation: tuple[Any, Any, Any], *, incremental: bool = False
    ) -> Self:
        with alone(id(self), "this estimator"):
            return self._fit_alone(X, y, sample_weight, validation, incremental=incremental)

    def _fit_alone(
        self, X: Any, y: Any, sample_weight: Any, validation: tuple[Any, Any, Any], *, incremental: bool
    ) -> Self:
        if incremental and self.early_stopping:
            raise ValueError("partial_fit does not support early_stopping=True")
        sizes = blueprint.hidden_sizes(self.hidden_layer_sizes)
        hidden = blueprint.hidden_activations(self.activation, len(sizes))
        rule = blueprint.optimizer(self)
        first = not hasattr(self, "coefs_") or not (self.warm_start or incremental)

        rows = self._check_rows(X, y, sample_weight, "first" if first else "partial" if incremental else "warm")
        self.n_outputs_ = rows.Y.shape[1]
        if first or not hasattr(self, "_progress"):  # weights may have been set by hand
            self._begin()
        # Random numbers are used in scikit-learn's order: weights, validation split, then one shuffle per epoch.
        random = self._random(incremental=incremental and not first)
        network = self._network(rows.X, sizes, hidden, random, first)
        training, watched = self._split(rows, validation, random)
        if not incremental:
            self._progress.restart()
        if not self._scaling_known:
            self._fit_scalings(training)
        self._hidden, self.n_layers_ = hidden, len(sizes) + 2
        self._dropout = [spec.dropout for spec in network.specs[:-1]]
        output = network.specs[-1].activation.name
        self.out_activation_ = OUTPUT_NAMES.get(output, output)
        scaled = self._scaled(training), None if watched is None else self._scaled(watched)
        rule_of_stopping = self._stopping_rule(network, watched)
        callbacks: list[Callback | Any] = [rule_of_stopping, *self._other_callbacks()]
        if not incremental and getattr(self, "_skl_callbacks", None):
            callbacks.append(
                SklearnCallbackAdapter(self, X, y, sample_weight, lambda run: self._attributes(run.network))
            )
        diverged = self._train(network, rule, *scaled, callbacks, random, incremental=incremental)
        return self._conclude(network, training, rule_of_stopping, diverged, incremental=incremental)

    def _check_rows(self, X: Any, y: Any, sample_weight: Any, role: Role) -> Rows:
        refuse_dates(X)
        try:
            X, y = validate_data(
                self,
                X,
                self._as_given(y),
                accept_sparse="csr",
                multi_output=True,
                y_numeric=not self._is_classifier,
                dtype=(np.float64, np.float32),
                reset=role == "first",
            )
        except (TypeError, ValueError) as error:
            fault = text_in(X)
            if fault and "convert" in str(error):
                raise ValueError(f"{error}: {fault}") from error
            raise
        weight, exponent = None, 0
        if sample_weight is not None:
            weight = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
            weight, exponent = weighed(weight, np.dtype(np.float64))
        Y, y = self._check_y(y, role)
        weight = self._class_weights(y, weight, role)
        if weight is not None:
            weight, more = weighed(weight, X.dtype)
            exponent += more
        if issparse(X) and not (self.scale is None and pays_sparse(X, self.engine)):
            X = X.toarray()  # centred columns have no zeros left
        return Rows(X, Y, weight, y, exponent)

    def _as_given(self, y: Any) -> Any:
        """The targets before validation, without conversions that lose information."""
        return y

    def _begin(self) -> None:
        """Reset all that was learned before."""
        self._progress = FitProgress()
        self._input_scaling: Scaling | None = None
        self._target_scaling: Scaling | None = None
        self._scaling_known = False
        self.loss_curve_: list[float] = []
        self.validation_scores_: list[float] | None = None
        self.validation_loss_curve_: list[float] | None = None
        self.t_ = 0

    def _fit_scalings(self, training: Rows) -> None:
        """Fit the scalings once, on the training rows: weights are meaningless under another scaling."""
        self._scaling_known = True
        if self.scale is None:
            return
        self._input_scaling = fit_scaling(self.scale, training.X, training.weight)
        if self._scales_targets():
            self._target_scaling = fit_scaling(self.scale, training.Y, training.weight)

    def _random(self, *, incremental: bool) -> np.random.RandomState:
        """A new random stream for `fit`; `partial_fit` continues the last one, so that its epochs differ."""
        if not incremental or self._progress.random is None:
            self._progress.random = check_random_state(self.random_state)
        return self._progress.random

    def _network(
        self, X: Array, sizes: Sequence[int], hidden: Sequence[Activation], random: np.random.RandomState, first: bool
    ) -> Network:
        """The network to train: with new weights, or with those of `coefs_` and `intercepts_`."""
        self._answer = self._output()
        layers = blueprint.layers(X.shape[1], sizes, hidden, self.dropout)
        dtype = X.dtype if first else np.result_type(*self.coefs_, X.dtype)
        network = build_network(layers, Head(self.n_outputs_, *self._answer), n_inputs=X.shape[1], dtype=dtype)
        if first:
            weights, biases = blueprint.initializers(self.initializer, hidden)
            return network.initialize(weights, biases=biases, random_state=random)
        for i, layer in enumerate(network.layers):
            given = [np.shape(arrays[i]) if i < len(arrays) else None for arrays in (self.coefs_, self.intercepts_)]
            if given != [array.shape for array in layer.parameters] or len(self.coefs_) != len(network.layers):
                shapes = [np.shape(array) for array in (*self.coefs_, *self.intercepts_)]
                raise ValueError(
                    f"hidden_layer_sizes={self.hidden_layer_sizes!r} does not fit the weights of the last fit, of "
                    f"shapes {shapes}: set warm_start=False to start anew"
                )
            W, b = layer.parameters
            W[...], b[...] = self.coefs_[i], self.intercepts_[i]
        network.theta = network.theta  # mark as initialized
        return network

    def _split(
        self, rows: Rows, validation: tuple[Any, Any, Any], random: np.random.RandomState
    ) -> tuple[Rows, Rows | None]:
        """Training and validation rows: X_val and y_val, or with early stopping a share, split as in scikit-learn."""
        X_val, y_val, weight_val = validation
        if X_val is None and y_val is None:
            if not self.early_stopping or self._full_batch:
                return rows, None
            index = np.arange(len(rows.Y))
            kept, held = train_test_split(
                index, random_state=random, test_size=self.validation_fraction, stratify=self._stratify(rows)
            )
            if len(held) < 2:
                raise ValueError(
                    "The validation set is too small. Increase 'validation_fraction' or the size of your dataset."
                )
            return rows.take(kept), rows.take(held)
        if X_val is None or y_val is None:
            raise ValueError(
                f"X_val and y_val must be given together, got only {'y_val' if X_val is None else 'X_val'}"
            )
        return rows, self._check_rows(X_val, y_val, weight_val, "watched")

    def _scaled(self, rows: Rows) -> Rows:
        X = rows.X if self._input_scaling is None else self._input_scaling.apply(rows.X)
        Y = rows.Y if self._target_scaling is None else self._target_scaling.apply(rows.Y)
        return Rows(X, Y, rows.weight, rows.y, rows.exponent)

    # ---------------------------------------------------------------- the run

    def _train(
        self,
        network: Network,
        rule: Any,
        training: Rows,
        watched: Rows | None,
        callbacks: Sequence[Any],
        random: np.random.RandomState,
        *,
        incremental: bool,
    ) -> DivergenceError | None:
        n, progress = len(training.Y), self._progress
        batch_size = None if rule.full_batch else self._batch_size(n)
        share = 1.0 if batch_size is None else batch_size / n
        total = training.total_weight
        if isinstance(rule, FirstOrder):
            if progress.optimizer is None:
                progress.optimizer = new_state(network, rule)
            # The optimizer state of a memory-mapped model is in read-only arrays.
            progress.optimizer = {k: v if v.flags.writeable else v.copy() for k, v in progress.optimizer.items()}
        try:
            network.fit(
                training.X,
                training.Y,
                optimizer=rule,
                epochs=1 if incremental else self.max_iter,
                batch_size=batch_size,
                schedule=blueprint.schedule_of_run(self, rule, progress, n, incremental=incremental),
                penalty=blueprint.penalty(self, total * share if total > 0 else 1.0),
                sample_weight=training.weight,
                shuffle=self.shuffle,
                random_state=random,
                validation=None if watched is None else (watched.X, watched.Y, watched.weight),
                callbacks=callbacks,
                engine=self._engine(),
                threads=self.threads,
                progress=self.progress,
                clip_norm=self.clip_norm,
                max_norm=self.max_norm,
                optimizer_state=progress.optimizer,
            )
        except DivergenceError as error:
            return error
        return None

    def _batch_size(self, n: int) -> int:
        if self.batch_size == "auto":
            return min(ESTIMATORS_BATCH_ROWS, n)
        if self.batch_size > n:
            warn("Got `batch_size` less than 1 or larger than sample size. It is going to be clipped", stacklevel=7)
        return int(min(self.batch_size, n))

    def _stopping_rule(self, network: Network, watched: Rows | None) -> StoppingRule:
        score: Score | None = None
        if watched is not None:
            score = self._score_of_epoch(watched)
        patience = Patience(
            epochs=self.n_iter_no_change,
            tol=self.tol,
            adaptive=self.learning_rate == "adaptive" and self.solver == "sgd",
            watch_score=bool(self.early_stopping),
        )
        # L-BFGS has its own criteria for the training loss; this rule stops it only on a validation score.
        if self._full_batch and not (self.early_stopping and watched is not None):
            patience = Patience(math.inf, self.tol, adaptive=False, watch_score=False)
        return StoppingRule(patience, self._progress, score, say if self.verbose else None)

    def _score_of_epoch(self, watched: Rows) -> Score:
        """The score of each epoch: accuracy or R² from the history, or `scoring` of the estimator at that time."""
        if self.scoring == "loss":
            return lambda run: -float(run.history["validation_loss"][-1])
        if self.scoring is None and self._history_scores:
            return lambda run: float(run.history["validation_metric"][-1])
        scorer = check_scoring(self, self.scoring)
        weight = {} if watched.weight is None else {"sample_weight": watched.weight}

        def score(run: Run) -> float:
            return float(scorer(self._as_fitted(run.network), watched.X, watched.y, **weight))

        return score

    _history_scores = True
    """Whether the metric of the history equals `score`."""

    def _as_fitted(self, network: LayerStack) -> Self:
        """A copy of this estimator that predicts with the network's current weights."""
        twin = copy.copy(self)
        twin.__dict__.update(self._attributes(network))
        twin.__dict__.pop("feature_names_in_", None)  # it will get arrays
        return twin

    @staticmethod
    def _attributes(network: LayerStack) -> dict[str, Any]:
        coefs, intercepts = zip(*(layer.parameters for layer in network.layers), strict=True)
        return {"coefs_": [W.copy() for W in coefs], "intercepts_": [b.copy() for b in intercepts]}

    def _other_callbacks(self) -> list[Any]:
        given = self.callbacks if isinstance(self.callbacks, (list, tuple)) else []
        for rule in given:
            if isinstance(rule, EarlyStopping):
                raise TypeError(f"callbacks holds {rule!r}. {hints.early_stopping_goes_elsewhere(rule)}")
        own = [] if self.callbacks is None else as_callbacks(self.callbacks)
        return own if self.max_seconds is None else [*own, MaxSeconds(self.max_seconds)]

    # ---------------------------------------------------------------- the end

    def _conclude(
        self,
        network: Network,
        training: Rows,
        rule: StoppingRule,
        diverged: DivergenceError | None,
        *,
        incremental: bool,
    ) -> Self:
        """Turn a finished run into fitted attributes."""
        progress, run = self._progress, rule.run
        if diverged is not None:
            rule.diverged()
            progress.optimizer = None
            if progress.best_theta is None:
                raise ValueError(f"{NON_FINITE} {diverged}") from diverged
            warn(f"{diverged} The weights with the best validation score are kept.", ConvergenceWarning, stacklevel=6)
        assert run is not None  # the loop calls on_fit_begin before anything else
        history, n_epochs = run.history, len(run.history)
        history.state = None  # the estimator continues in its own way, and would be pickled with row order and all
        if rule.scores and not any(rule.scores) and self.scoring not in (None, "loss") and not incremental:
            warn(
                f"scoring={self.scoring!r} was 0 after each of the {len(rule.scores)} epochs, so it said nothing about "
                "which are better: a score of a class that is not predicted yet (F1, precision, recall) stays 0 for a "
                "while. Try scoring='loss', class_weight='balanced' or a larger n_iter_no_change",
                UserWarning,
                stacklevel=4,
            )
        if rule.scores and progress.best_theta is not None:
            network.theta = progress.best_theta
        self.__dict__.update(self._attributes(network))

        constant = self._loss_constant(training)
        self.history_ = history
        self.loss_curve_ += [float(value) + constant for value in history["objective"]]
        if rule.scores:
            self.validation_scores_ = [*(self.validation_scores_ or []), *rule.scores]
            self.validation_loss_curve_ = [*(self.validation_loss_curve_ or []), *history["validation_loss"]]
        self.loss_ = self.loss_curve_[-1] if self.loss_curve_ else math.nan
        self.best_loss_ = None if self.early_stopping else progress.best_loss + constant
        self.best_validation_score_ = progress.best_score if self.validation_scores_ else None
        self.n_iter_ = n_epochs
        self.t_ += n_epochs * len(training.Y)
        progress.epochs += n_epochs
        progress.samples = self.t_
        if diverged is None and not incremental:
            self._warn_of_convergence(run)
        return self

    def _warn_of_convergence(self, run: Run) -> None:
        ending, reason = run.history.ending, run.history.stopped
        if ending in ("early stopping", "callback", "converged", "interrupted"):
            return
        if ending == "completed" and blueprint.plans_its_end(self, blueprint.optimizer(self)):
            return
        message = "Stochastic Optimizer: Maximum iterations ({}) reached and the optimization hasn't converged yet."
        if self._full_batch:
            if ending == "completed":
                reason = "STOP: TOTAL NO. OF ITERATIONS REACHED LIMIT"
            name = blueprint.optimizer(self).name
            message = f"{name} failed to converge after {self.n_iter_} iteration(s):\n{reason}\n"
            if self.n_iter_ >= self.max_iter:
                message += "\nIncrease the number of iterations to improve the convergence (max_iter={})."
        warn(message.format(self.max_iter), ConvergenceWarning, stacklevel=7)

    @property
    def _full_batch(self) -> bool:
        return needs_full_batch(self.solver)
