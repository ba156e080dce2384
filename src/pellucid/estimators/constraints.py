"""The single table of the estimators' arguments: names, ranges, defaults and descriptions.

Validation (in scikit-learn's form, with its messages and error types), signatures, docstrings and the command line's
flags are generated from this table. Arguments above the line "beyond scikit-learn" have the same meaning as in
`sklearn.neural_network`.

The table is data and imports nothing heavy, so that the command line's help is fast: registries are given by name, and
imported when they are needed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal

from pellucid.defaults import ESTIMATORS, ESTIMATORS_BATCH_ROWS
from pellucid.maths.registry import did_you_mean

BOTH, CLASSIFIER, REGRESSOR = ("classifier", "regressor"), ("classifier",), ("regressor",)


@dataclass(frozen=True)
class Number:
    """Real or whole numbers between bounds; `closed` says which bounds are included."""

    low: float | None = None
    high: float | None = None
    closed: Literal["left", "right", "both", "neither"] = "left"
    whole: bool = False


@dataclass(frozen=True)
class Words:
    """One of a few strings."""

    words: tuple[str, ...]


@dataclass(frozen=True)
class Instance:
    """An object of a class ("module:Name")."""

    path: str

    def kind(self) -> type:
        """The class."""
        kind: type = _named(self.path)
        return kind


@dataclass(frozen=True)
class Registered:
    """A name in a registry ("module:NAME"), or one of `also`; or an object of the registry's kind.

    >>> names = Registered("pellucid.optimizers:OPTIMIZERS", also=("sgd",)).names()
    >>> "sgd" in names, "adam" in names, "sdg" in names
    (True, True, False)
    """

    registry: str
    also: tuple[str, ...] = ()
    only: Callable[[Any], bool] = bool

    def names(self) -> list[str]:
        """The names that are allowed."""
        return [*self.also, *(name for name, kind in self._registry.items() if self.only(kind))]

    def kind(self) -> type:
        """The class that objects must be instances of."""
        base: type = self._registry.base
        return base

    def takes(self, value: Any) -> bool:
        """Whether this name, alias or object is allowed; invalid objects raise their own errors.

        >>> words = Registered("pellucid.maths.activations:ACTIVATIONS", ("logistic",), lambda kind: kind.elementwise)
        >>> [words.takes(name) for name in ("swish", "rleu", "softmax")]
        [True, False, False]
        """
        if isinstance(value, str):
            if value.lower() in self.also:  # an alias may mean something else: 'SGD' is gradient descent elsewhere
                return value in self.also
            return self._registry.knows(value) and bool(self.only(type(self._registry.resolve(value))))
        if not hasattr(value, "value") and not callable(value):
            return isinstance(value, self.kind())
        return isinstance(self._registry.resolve(value), self._registry.base)

    def near(self, value: Any) -> str:
        """A hint at what a refused value may have meant, or ""."""
        if not isinstance(value, str):
            return ""
        return self._registry.hint(value) or did_you_mean(value, self.names())

    @property
    def _registry(self) -> Any:
        return _named(self.registry)


def _named(path: str) -> Any:
    module, _, name = path.partition(":")
    return getattr(import_module(module), name)


@dataclass(frozen=True)
class Argument:
    """One argument of an estimator.

    Attributes
    ----------
    name : str
    type : str
        The type as written in the docstring.
    default : object
        Immutable, because all estimators share it.
    help : str
        The description, in one line.
    allowed : tuple
        `Number`, `Words`, `Registered`, `Instance`, a float, or scikit-learn's constraints: a string, a class, a
        function or None.
    more : str
        The rest of the description; "{names}" is replaced by the registered names.
    of : tuple of str
        The estimators that have it: "classifier", "regressor".
    positional : bool
        Whether it may be given by position.
    flag : str
        The flag of the command line; "" if it has none.
    """

    name: str
    type: str
    default: Any
    help: str
    allowed: tuple[Any, ...]
    more: str = ""
    of: tuple[str, ...] = BOTH
    positional: bool = False
    flag: str = ""


def _real(low: float, high: float | None, closed: Literal["left", "both", "neither"]) -> Number:
    return Number(low, high, closed)


def _whole(low: int) -> Number:
    return Number(low, whole=True)


# fmt: off
ARGUMENTS: tuple[Argument, ...] = (
    Argument(
        "loss", "str or Loss", "squared_error",
        "The loss that is minimised.",
        (Registered("pellucid.maths.losses:LOSSES", only=lambda kind: kind.task == "regression"),),
        "{names}, or an object such as Quantile(level=0.9). 'squared_error' is half the squared error, summed over "
        "outputs; 'poisson' has exponential outputs and needs y >= 0.", REGRESSOR, positional=True,
    ),
    Argument(
        "hidden_layer_sizes", "int or sequence of int", ESTIMATORS.hidden,
        "Units of each hidden layer, first to last.",
        ("array-like", _whole(1)),
        "() is a linear model.", positional=True, flag="--hidden",
    ),
    Argument(
        "activation", "str, Activation, or sequence of these", ESTIMATORS.activation,
        "The activation of the hidden layers.",
        (Registered("pellucid.maths.activations:ACTIVATIONS", ("logistic",), lambda kind: kind.elementwise),
         "array-like"),
        "{names}, an object such as ELU(alpha=2.0), a custom one, or a list with one per layer. 'logistic' is "
        "'sigmoid'.",
        positional=True, flag="--activation",
    ),
    Argument(
        "solver", "str or Optimizer", ESTIMATORS.optimizer,
        "The optimizer.",
        (Registered("pellucid.optimizers:OPTIMIZERS", ("sgd",)),),
        "{names}, or an object such as RMSProp(rho=0.95), which has its own options. 'sgd' has momentum.",
        flag="--optimizer",
    ),
    Argument(
        "alpha", "float", ESTIMATORS.l2,
        "Strength of the L2 penalty alpha/2 Σ w² on weights, divided by the sample weight of a batch.",
        (_real(0, None, "left"),),
    ),
    Argument(
        "batch_size", "int or 'auto'", ESTIMATORS.batch_size,
        "Samples per update.",
        (Words(("auto",)), _whole(1)),
        f"'auto' is min({ESTIMATORS_BATCH_ROWS}, n). 'lbfgs' always uses all.", flag="--batch-size",
    ),
    Argument(
        "learning_rate", "str or Schedule", "constant",
        "Schedule of the learning rate.",
        (Registered("pellucid.maths.schedules:SCHEDULES", ("invscaling", "adaptive")),),
        "{names}, or an object such as Cosine(min_factor=0.1). As in scikit-learn, 'invscaling' and 'adaptive' act "
        "with solver='sgd' only; the others act with every solver but 'lbfgs'.", flag="--schedule",
    ),
    Argument(
        "learning_rate_init", "float", ESTIMATORS.learning_rate,
        "The initial learning rate.",
        (_real(0, None, "neither"),), flag="--learning-rate",
    ),
    Argument(
        "power_t", "float", 0.5,
        "The exponent of 'invscaling': the rate is learning_rate_init / t^power_t after t samples.",
        (_real(0, None, "left"),),
    ),
    Argument(
        "max_iter", "int", ESTIMATORS.epochs,
        "Maximum number of epochs (iterations for 'lbfgs').",
        (_whole(1),), flag="--epochs",
    ),
    Argument(
        "shuffle", "bool", True,
        "Whether to shuffle the rows in each epoch.",
        ("boolean",),
    ),
    Argument(
        "random_state", "int, RandomState or None", None,
        "Seed of the initial weights, the validation split, the order of the rows and dropout.",
        ("random_state",), "An int makes runs reproducible.", flag="--seed",
    ),
    Argument(
        "tol", "float", 1e-4,
        "Smallest improvement of loss or score that counts as one; for 'lbfgs' the gradient tolerance.",
        (_real(0, None, "left"),),
    ),
    Argument("verbose", "bool or int", False, "Whether to print the loss of each epoch.", ("verbose",)),
    Argument("warm_start", "bool", False, "Whether fit starts from the weights of the last fit.", ("boolean",)),
    Argument("momentum", "float", 0.9, "Momentum of 'sgd', 'momentum' and 'nesterov'.", (_real(0, 1, "both"),)),
    Argument(
        "nesterovs_momentum", "bool", True,
        "Whether 'sgd' uses Nesterov's momentum.",
        ("boolean",),
    ),
    Argument(
        "early_stopping", "bool", False,
        "Whether to hold out validation data (or use X_val, y_val of fit) and stop when its score stops improving.",
        ("boolean",), "'lbfgs' holds nothing out.",
    ),
    Argument(
        "validation_fraction", "float", 0.1,
        "The share of the rows that early stopping holds out.",
        (_real(0, 1, "left"),),
    ),
    Argument("beta_1", "float", 0.9, "Decay of the running mean of gradients (Adam and its relatives).",
             (_real(0, 1, "left"),)),
    Argument("beta_2", "float", 0.999, "Decay of the running mean of squared gradients (Adam and its relatives).",
             (_real(0, 1, "left"),)),
    Argument("epsilon", "float", 1e-8, "Keeps adaptive steps from dividing by 0.", (_real(0, None, "neither"),),
             "With 'adam' and 'adamw' it is ε̂, added before the bias correction, as in scikit-learn."),
    Argument(
        "n_iter_no_change", "int or inf", 10,
        "Number of epochs without an improvement by tol that are tolerated; one more ends the run.",
        (_whole(1), math.inf),
    ),
    Argument("max_fun", "int", 15000, "For 'lbfgs': maximum number of loss evaluations.", (_whole(1),)),
    # ------------------------------------------------------------------------------------- beyond scikit-learn
    Argument(
        "class_weight", "dict, 'balanced', list of dict, or None", None,
        "Weight of each class, multiplied by sample_weight.",
        (dict, Words(("balanced",)), list, None),
        "'balanced' gives all classes the same total weight.", CLASSIFIER,
    ),
    Argument(
        "label_smoothing", "float", 0.0,
        "The share s of each target that is distributed over all classes.",
        (_real(0, 1, "left"),), "(1 - s) y + s/k.", CLASSIFIER, flag="--label-smoothing",
    ),
    Argument(
        "dropout", "float or sequence of float", 0.0,
        "The probability with which an output of a hidden layer is set to 0 in a training step.",
        (_real(0, 1, "left"), "array-like"),
        "One for all layers or one per layer.", flag="--dropout",
    ),
    Argument(
        "l1", "float", 0.0,
        "Strength of the L1 penalty l1 Σ |w| on weights, divided as alpha is.",
        (_real(0, None, "left"),),
    ),
    Argument(
        "weight_decay", "float or None", None,
        "Decoupled weight decay, w <- w - rate * weight_decay * w before each step of 'adam' or 'adamw'.",
        (_real(0, None, "left"), None), "None is none for 'adam', 0.01 for 'adamw'.",
    ),
    Argument(
        "clip_norm", "float or None", None,
        "Maximum norm of the gradient; a longer gradient is scaled down to it.",
        (_real(0, None, "neither"), None), flag="--clip-norm",
    ),
    Argument(
        "max_norm", "float or None", None,
        "Maximum norm of a unit's incoming weights; longer ones are scaled down after each update.",
        (_real(0, None, "neither"), None), flag="--max-norm",
    ),
    Argument(
        "initializer", "str or Initializer", ESTIMATORS.initializer,
        "Distribution of the initial weights.",
        (Registered("pellucid.maths.initializers:INITIALIZERS", ("auto",)),),
        "{names}, or an object. 'auto' is scikit-learn's Glorot-uniform, also for biases; with the others biases "
        "start at 0.", flag="--initializer",
    ),
    Argument(
        "scale", "'standard', 'robust' or None", None,
        "Internal scaling of inputs, and of targets of a regression (undone in predictions).",
        (Words(("standard", "robust")), None),
        "By mean and standard deviation, or by median and interquartile range. Targets of 'poisson' are not scaled.",
    ),
    Argument(
        "scoring", "str, callable or None", None,
        "The score that early stopping monitors.",
        (str, callable, None),
        "None is accuracy or R²; 'loss' is the validation loss; else a name of sklearn.metrics.get_scorer_names() or "
        "scorer(estimator, X, y).",
    ),
    Argument(
        "max_seconds", "float or None", None,
        "Maximum duration: the run ends after the epoch in which this time is exceeded.",
        (_real(0, None, "neither"), None), flag="--max-seconds",
    ),
    Argument(
        "callbacks", "function, Callback, sequence of these, or None", None,
        "Called with the Run after each epoch.",
        ("array-like", callable, Instance("pellucid.training.callbacks:Callback"), None),
        "run.stop(reason) ends the run. scikit-learn's callbacks are set with set_callbacks().",
    ),
    Argument("progress", "bool", False, "Whether a run of more than a second shows a progress bar.", ("boolean",)),
    Argument(
        "engine", "'auto', 'compiled' or 'reference'", "auto",
        "The engine that runs the epochs: compiled kernels, or the readable NumPy code.",
        (Words(("auto", "compiled", "reference")),),
        "'auto' is 'compiled' if that is faster.", flag="--engine",
    ),
    Argument("threads", "int", 1, "Threads of one run of the compiled engine.", (_whole(1),), flag="--threads"),
)
# fmt: on


def table(estimator: str) -> dict[str, Argument]:
    """The arguments of the "classifier" or the "regressor", by name, in the order of its signature."""
    return {argument.name: argument for argument in ARGUMENTS if estimator in argument.of}
