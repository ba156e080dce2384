"""The one table of arguments: what each estimator takes, in which range, by default, and what it means.

Validation (in scikit-learn's form, so that its messages and error types come out), signatures, docstrings and the
command line's flags are made from this table; nothing of it is written twice. Arguments above the line "beyond
scikit-learn" mean what they mean in `sklearn.neural_network`.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.utils._param_validation import Interval, Options, StrOptions

from pellucid.maths.activations import ACTIVATIONS, Activation
from pellucid.maths.initializers import INITIALIZERS, Initializer
from pellucid.maths.losses import LOSSES, Loss
from pellucid.maths.schedules import SCHEDULES, Schedule
from pellucid.optimizers import OPTIMIZERS, Optimizer
from pellucid.training.callbacks import Callback

BOTH, CLASSIFIER, REGRESSOR = ("classifier", "regressor"), ("classifier",), ("regressor",)

HIDDEN_ACTIVATIONS = {name for name, kind in ACTIVATIONS.items() if kind.elementwise} | {"logistic"}
SOLVERS = {"sgd"} | set(OPTIMIZERS)
LEARNING_RATES = {"invscaling", "adaptive"} | set(SCHEDULES)
LOSS_NAMES = {name for name, kind in LOSSES.items() if kind.task == "regression"}


@dataclass(frozen=True)
class Argument:
    """One argument of an estimator.

    Attributes
    ----------
    name : str
    type : str
        As a reader writes it.
    default : object
        Immutable: every estimator shares it.
    help : str
        What it means, in a line or two.
    allowed : list
        The constraints, in scikit-learn's form.
    of : tuple of str
        The estimators that take it: "classifier", "regressor".
    positional : bool
        Whether it may be given without its name.
    """

    name: str
    type: str
    default: Any
    help: str
    allowed: list[Any]
    of: tuple[str, ...] = BOTH
    positional: bool = False

    @property
    def flag(self) -> str:
        """The command line's name for it.

        >>> table("classifier")["batch_size"].flag
        '--batch-size'
        """
        return "--" + self.name.replace("_", "-")


def _real(low: float | None, high: float | None, closed: str) -> Interval:
    return Interval(Real, low, high, closed=closed)


def _whole(low: int) -> Interval:
    return Interval(Integral, low, None, closed="left")


# fmt: off
ARGUMENTS: tuple[Argument, ...] = (
    Argument(
        "loss", "str or Loss", "squared_error",
        "What is minimised: 'squared_error' (half of it, summed over outputs), 'poisson' (with exponential outputs, "
        "y >= 0), 'absolute_error', 'huber', 'quantile', or an object such as Quantile(level=0.9).",
        [StrOptions(LOSS_NAMES), Loss], REGRESSOR, positional=True,
    ),
    Argument(
        "hidden_layer_sizes", "int or sequence of int", (100,),
        "Units of each hidden layer, first to last; () is a linear model.",
        ["array-like", _whole(1)], positional=True,
    ),
    Argument(
        "activation", "str, Activation, or sequence of these", "relu",
        "Of the hidden layers: 'identity', 'logistic' (or 'sigmoid'), 'tanh', 'relu', 'leaky_relu', 'elu', 'selu', "
        "'gelu', 'gelu_tanh', 'silu', 'mish', 'softplus', 'exponential', an object such as ELU(alpha=2.0), your own, "
        "or one a layer.",
        [StrOptions(HIDDEN_ACTIVATIONS), Activation, "array-like"], positional=True,
    ),
    Argument(
        "solver", "str or Optimizer", "adam",
        "The optimizer: 'adam', 'sgd' (with momentum), 'lbfgs', 'gradient_descent', 'momentum', 'nesterov', 'adagrad', "
        "'rmsprop', 'adamw', 'nadam', or an object such as RMSProp(decay=0.95), which brings its own numbers.",
        [StrOptions(SOLVERS), Optimizer],
    ),
    Argument(
        "alpha", "float", 0.0001,
        "Strength of the L2 penalty alpha/2 Σ w² on weights, divided by the sample weight of a batch.",
        [_real(0, None, "left")],
    ),
    Argument(
        "batch_size", "int or 'auto'", "auto",
        "Samples an update; 'auto' is min(200, n). 'lbfgs' always takes all.",
        [StrOptions({"auto"}), _whole(1)],
    ),
    Argument(
        "learning_rate", "str or Schedule", "constant",
        "How the learning rate moves: 'constant', or for every solver 'step', 'exponential', 'inverse_scaling', "
        "'cosine', 'warmup_cosine', 'one_cycle', 'reduce_on_plateau' or an object such as Cosine(floor=0.1). As in "
        "scikit-learn, 'invscaling' and 'adaptive' act with solver='sgd' only.",
        [StrOptions(LEARNING_RATES), Schedule],
    ),
    Argument(
        "learning_rate_init", "float", 0.001,
        "The learning rate at the start.",
        [_real(0, None, "neither")],
    ),
    Argument(
        "power_t", "float", 0.5,
        "The exponent of 'invscaling': the rate is learning_rate_init / t^power_t after t samples.",
        [_real(0, None, "left")],
    ),
    Argument(
        "max_iter", "int", 200,
        "The most epochs (iterations for 'lbfgs').",
        [_whole(1)],
    ),
    Argument(
        "shuffle", "bool", True,
        "Whether each epoch takes the rows in a new order.",
        ["boolean"],
    ),
    Argument(
        "random_state", "int, RandomState or None", None,
        "For the first weights, the validation split, the order of the rows and dropout. An int repeats a run.",
        ["random_state"],
    ),
    Argument(
        "tol", "float", 1e-4,
        "The least improvement that counts as one; for 'lbfgs' the largest gradient that counts as none.",
        [_real(0, None, "left")],
    ),
    Argument(
        "verbose", "bool or int", False,
        "Whether each epoch prints its loss.",
        ["verbose"],
    ),
    Argument(
        "warm_start", "bool", False,
        "Whether fit starts from the weights of the last fit.",
        ["boolean"],
    ),
    Argument(
        "momentum", "float", 0.9,
        "Of 'sgd', 'momentum' and 'nesterov'.",
        [_real(0, 1, "both")],
    ),
    Argument(
        "nesterovs_momentum", "bool", True,
        "Whether the momentum of 'sgd' looks ahead.",
        ["boolean"],
    ),
    Argument(
        "early_stopping", "bool", False,
        "Whether to hold validation data back (or use X_val, y_val of fit) and end when its score stops improving. "
        "'lbfgs' holds nothing back.",
        ["boolean"],
    ),
    Argument(
        "validation_fraction", "float", 0.1,
        "The share of the rows that early stopping holds back.",
        [_real(0, 1, "left")],
    ),
    Argument("beta_1", "float", 0.9, "Decay of the running mean of gradients (Adam and its relatives).",
             [_real(0, 1, "left")]),
    Argument("beta_2", "float", 0.999, "Decay of the running mean of squared gradients (Adam and its relatives).",
             [_real(0, 1, "left")]),
    Argument("epsilon", "float", 1e-8, "What keeps adaptive steps from dividing by 0.", [_real(0, None, "neither")]),
    Argument(
        "n_iter_no_change", "int or inf", 10,
        "Epochs without an improvement by tol that are waited for: the run ends after one more.",
        [_whole(1), Options(Real, {np.inf})],
    ),
    Argument("max_fun", "int", 15000, "For 'lbfgs': the most evaluations of the loss.", [_whole(1)]),
    # ------------------------------------------------------------------------------------- beyond scikit-learn
    Argument(
        "class_weight", "dict, 'balanced', list of dict, or None", None,
        "What each class's samples weigh, on top of sample_weight; 'balanced' makes all classes weigh the same.",
        [dict, StrOptions({"balanced"}), list, None], CLASSIFIER,
    ),
    Argument(
        "label_smoothing", "float", 0.0,
        "The share s of each target that is spread over all classes: (1 - s) y + s/k.",
        [_real(0, 1, "left")], CLASSIFIER,
    ),
    Argument(
        "dropout", "float or sequence of float", 0.0,
        "The share of each hidden layer's outputs silenced in a training step, one for all layers or one a layer.",
        [_real(0, 1, "left"), "array-like"],
    ),
    Argument(
        "l1", "float", 0.0,
        "Strength of the L1 penalty l1 Σ |w| on weights, divided as alpha is.",
        [_real(0, None, "left")],
    ),
    Argument(
        "weight_decay", "float or None", None,
        "Decoupled weight decay, w <- w - rate * weight_decay * w before each step of 'adam' or 'adamw'. None is none "
        "for 'adam', 0.01 for 'adamw'.",
        [_real(0, None, "left"), None],
    ),
    Argument(
        "clip_norm", "float or None", None,
        "The length that a longer gradient is shortened to.",
        [_real(0, None, "neither"), None],
    ),
    Argument(
        "max_norm", "float or None", None,
        "The length that a unit's incoming weights are shortened to after each update.",
        [_real(0, None, "neither"), None],
    ),
    Argument(
        "initializer", "str or Initializer", "auto",
        "Where weights start: 'auto' is scikit-learn's Glorot-uniform, for biases too; else 'xavier_uniform', "
        "'xavier_normal', 'he_uniform', 'he_normal', 'lecun_normal', 'orthogonal', 'normal', 'normal_fan_in', "
        "'uniform', 'zeros' or an object, with biases of 0.",
        [StrOptions({"auto"} | set(INITIALIZERS)), Initializer],
    ),
    Argument(
        "scale", "'standard', 'robust' or None", None,
        "How inputs, and targets of a regression, are scaled inside (undone in predictions): by mean and standard "
        "deviation, or by median and interquartile range. Targets of 'poisson' are left alone.",
        [StrOptions({"standard", "robust"}), None],
    ),
    Argument(
        "scoring", "str, callable or None", None,
        "What early stopping watches: None is accuracy or R²; 'loss' is the validation loss; else a name of "
        "sklearn.metrics.get_scorer_names() or scorer(estimator, X, y).",
        [str, callable, None],
    ),
    Argument(
        "max_seconds", "float or None", None,
        "The run ends after the epoch in which so many seconds have passed.",
        [_real(0, None, "neither"), None],
    ),
    Argument(
        "callbacks", "function, Callback, sequence of these, or None", None,
        "Called with the Run after each epoch; run.stop(reason) ends it. scikit-learn's own go to set_callbacks().",
        ["array-like", callable, Callback, None],
    ),
    Argument("progress", "bool", False, "Whether a run of more than a second shows a bar.", ["boolean"]),
    Argument(
        "engine", "'auto', 'compiled' or 'reference'", "auto",
        "What runs the epochs: compiled kernels, or the readable NumPy code; 'auto' is compiled where that pays.",
        [StrOptions({"auto", "compiled", "reference"})],
    ),
    Argument("threads", "int", 1, "Cores for one run of the compiled engine.", [_whole(1)]),
)
# fmt: on


def table(estimator: str) -> dict[str, Argument]:
    """The arguments of the "classifier" or the "regressor", by name, in the order of its signature."""
    return {argument.name: argument for argument in ARGUMENTS if estimator in argument.of}


def constraints(estimator: str) -> dict[str, list[Any]]:
    """What scikit-learn calls `_parameter_constraints`."""
    return {name: argument.allowed for name, argument in table(estimator).items()}


def docstring_lines(estimator: str, width: int = 116) -> Iterator[str]:
    """The "Parameters" section of a docstring."""
    for argument in table(estimator).values():
        yield f"{argument.name} : {argument.type}, default={argument.default!r}"
        yield from textwrap.wrap(argument.help, width, initial_indent="    ", subsequent_indent="    ")
