"""Build layers, optimizer, schedule and penalty from an estimator's arguments.

Arguments have been validated one by one by the table of constraints; this module refuses invalid combinations.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from numbers import Integral
from typing import Any

import numpy as np

from pellucid.estimators.custom_functions import check_custom_activation
from pellucid.estimators.progress import FitProgress
from pellucid.maths.activations import ACTIVATIONS, Activation
from pellucid.maths.initializers import INITIALIZERS, Generator, Initializer
from pellucid.maths.penalties import L1, L2, ElasticNet, Penalty
from pellucid.maths.schedules import SCHEDULES, Constant, Schedule
from pellucid.maths.typing import Array
from pellucid.models.recipes import hidden_layers
from pellucid.network.layers import Dense
from pellucid.optimizers import OPTIMIZERS, FirstOrder, Optimizer, refusal

ALIASES = {"logistic": "sigmoid"}
"""scikit-learn's names for activations → Pellucid's."""

SCIPY_FTOL = 2.220446049250313e-09
"""SciPy's default tolerance, which scikit-learn's L-BFGS uses."""


def hidden_sizes(given: Any) -> list[int]:
    """`hidden_layer_sizes` as a list; errors as in scikit-learn."""
    sizes = list(given) if hasattr(given, "__iter__") else [given]
    if any(isinstance(size, bool) or not isinstance(size, Integral) for size in sizes):
        raise ValueError(f"hidden_layer_sizes must hold whole numbers, one per hidden layer, got {sizes}.")
    if any(size <= 0 for size in sizes):
        raise ValueError(f"hidden_layer_sizes must be > 0, got {sizes}.")
    return [int(size) for size in sizes]


def hidden_activations(given: Any, n_hidden: int) -> list[Activation]:
    """One activation object per hidden layer; custom ones are checked on first use."""
    names = _one_a_layer("activation", given, n_hidden)
    activations = [ACTIVATIONS.resolve(ALIASES.get(a, a) if isinstance(a, str) else a) for a in names]
    for activation in activations:
        check_custom_activation(activation)
    return activations


def layers(n_inputs: int, sizes: Sequence[int], activations: Sequence[Activation], dropout: Any) -> list[Dense]:
    """The hidden layers, with their dropout."""
    rates = [float(rate) for rate in _one_a_layer("dropout", dropout, len(sizes))]
    return hidden_layers(n_inputs, sizes, activations, rates)


def _one_a_layer(name: str, given: Any, n_hidden: int) -> list[Any]:
    if isinstance(given, str) or not hasattr(given, "__len__"):
        return [given] * n_hidden
    if len(given) != n_hidden:
        raise ValueError(
            f"{name} must be one for all hidden layers, or {n_hidden}, one for each of hidden_layer_sizes, "
            f"got {given!r}"
        )
    return list(given)


def optimizer(arguments: Any) -> Optimizer:
    """The optimizer: the given object, or a named one with those arguments that it has."""
    if isinstance(arguments.solver, Optimizer):
        return arguments.solver
    name = arguments.solver
    if name == "sgd":
        name = "nesterov" if arguments.nesterovs_momentum else "momentum"
    name = type(OPTIMIZERS.resolve(name)).name
    decay = arguments.weight_decay
    if name == "adam" and decay is not None:
        name = "adamw"
    if decay is not None and name != "adamw":
        raise ValueError(
            f"weight_decay={decay!r} is for solver='adam' or 'adamw', got solver={arguments.solver!r}: "
            "for other solvers use alpha"
        )
    numbers = {
        "learning_rate": arguments.learning_rate_init,
        "momentum": arguments.momentum,
        "beta_1": arguments.beta_1,
        "beta_2": arguments.beta_2,
        "epsilon": arguments.epsilon,
        "weight_decay": decay,
        "tolerance_grad": arguments.tol,
        "max_eval": arguments.max_fun,
        "tolerance_change": SCIPY_FTOL,
    }
    kind = OPTIMIZERS[name]
    if name in ("adam", "adamw"):
        numbers["epsilon_hat"] = True  # scikit-learn's step
    known = {field.name for field in fields(kind)}
    return kind(**{key: value for key, value in numbers.items() if key in known and value is not None})


@dataclass(frozen=True)
class InverseScalingBySamples(Schedule):
    """(t + 1)^(−`power`) after t samples, updated once per epoch: scikit-learn's 'invscaling'.

    `samples` is the number of samples per epoch, `seen` the number before the run. As in scikit-learn, a new call of
    `fit` (`restart`) runs its first epoch at the full rate in any case.
    """

    power: float = 0.5
    samples: int = 1
    seen: int = 0
    restart: bool = True

    def factor(self, t: float, total: float) -> float:
        """The factor, constant within an epoch."""
        epoch = math.floor(t)
        if epoch == 0 and self.restart:
            return 1.0
        return float((self.seen + epoch * self.samples + 1) ** -self.power)


@dataclass(frozen=True)
class GoingOn(Schedule):
    """The schedule `whole`, planned for `planned` epochs, from epoch `start` on: for one run of `partial_fit`."""

    whole: Schedule = field(default_factory=Constant)
    start: int = 0
    planned: int = 1

    def factor(self, t: float, total: float) -> float:
        """The factor of the whole schedule at time `start` + t."""
        return self.whole.factor(self.start + t, self.planned)


def schedule(arguments: Any, rule: Optimizer) -> Schedule:
    """The schedule of a complete fit. 'adaptive' is constant here: the stopping rule lowers the rate.

    'invscaling' is returned without the number of samples, which is not known yet.
    """
    given = arguments.learning_rate
    if given in ("constant", "adaptive") or (given == "invscaling" and arguments.solver != "sgd"):
        return Constant()
    if given == "invscaling":
        return InverseScalingBySamples(arguments.power_t)
    reason = refusal(rule, "schedule")
    if reason is not None:
        raise ValueError(f"learning_rate must be 'constant' for solver {rule.name!r}, which {reason}, got {given!r}")
    whole = SCHEDULES.resolve(given)
    return whole.for_rate(rule.learning_rate) if isinstance(rule, FirstOrder) else whole


def plans_its_end(arguments: Any, rule: Optimizer) -> bool:
    """Whether the schedule is planned for `max_iter` epochs, so that reaching them is no reason for a warning."""
    whole = schedule(arguments, rule)
    return whole.factor(1, 3) != whole.factor(1, 30)


def schedule_of_run(
    arguments: Any, rule: Optimizer, progress: FitProgress, samples: int, *, incremental: bool
) -> Schedule:
    """The schedule of one call of `fit`, or of one epoch of `partial_fit`."""
    whole = schedule(arguments, rule)
    if isinstance(whole, InverseScalingBySamples):
        return replace(whole, samples=samples, seen=progress.samples, restart=not incremental)
    if not incremental or isinstance(whole, Constant):
        return whole
    if whole.watches_loss:
        raise ValueError(
            f"partial_fit does not support learning_rate={arguments.learning_rate!r}, which needs many epochs: "
            "use fit, or learning_rate='adaptive' with solver='sgd'"
        )
    return GoingOn(whole, start=progress.epochs, planned=arguments.max_iter)


def penalty(arguments: Any, batch_weight: float) -> Penalty | None:
    """alpha/2 Σ w² + l1 Σ |w|, divided by the sample weight of a full batch."""
    for name in ("alpha", "l1"):
        strength = getattr(arguments, name)
        if not math.isfinite(strength / batch_weight):
            raise ValueError(
                f"{name}={strength:g} is divided by the sample_weight of a batch, {batch_weight:g}, which is no finite "
                f"number: give larger sample_weight (beside the penalty only their ratios count), or {name}=0"
            )
    l2, l1 = arguments.alpha / batch_weight, arguments.l1 / batch_weight
    if not l1:
        return L2(l2) if l2 else None
    return ElasticNet(l1 + l2, l1_ratio=l1 / (l1 + l2)) if l2 else L1(l1)


@dataclass(frozen=True)
class GlorotUniform(Initializer):
    """U(−c, c) with c = √(`factor`/(p + h)), for weights and biases: scikit-learn's initial values, bit by bit for the
    same seed. `factor` is 2 if the hidden activation is the logistic function, else 6.

    Source: Glorot, Bengio (2010), equation 16; the 2 is scikit-learn's.
    """

    factor: float = 6.0

    def sample(self, random: Generator, shape: tuple[int, int], *, n_inputs: int, n_units: int) -> Array:
        """Uniform numbers within ± √(factor/(p + h))."""
        bound = np.sqrt(self.factor / (n_inputs + n_units))
        return random.uniform(-bound, bound, shape)


def initializers(given: Any, activations: Sequence[Activation]) -> tuple[Initializer, Initializer]:
    """The initializers of weights and biases."""
    if isinstance(given, str) and given == "auto":
        logistic = bool(activations) and all(a.name == "sigmoid" for a in activations)
        start = GlorotUniform(2.0 if logistic else 6.0)
        return start, start
    return INITIALIZERS.resolve(given), INITIALIZERS.resolve("zeros")
