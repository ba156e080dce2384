"""One training step as the engine takes it, keeping every intermediate number.

All numbers are computed by the functions that training itself calls, on copies: the forward and backward pass of
`network`, the objective, the optimizer's `step`.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pellucid.explanation.names import Names
from pellucid.gradcheck.probe import Probe
from pellucid.maths.penalties import Penalty
from pellucid.maths.typing import Array
from pellucid.network.backward import loss_per_sample
from pellucid.network.checks import check_inputs, check_same_length, check_sample_weight, is_sparse
from pellucid.network.forward import Forward, draw_masks, forward
from pellucid.network.objective import Objective, Reduction
from pellucid.network.parameters import decay_factors, rate_factors
from pellucid.network.stack import Gradient, LayerStack
from pellucid.optimizers import FirstOrder, Optimizer, SecondOrder, State, check_capabilities


@dataclass(frozen=True)
class Step:
    """All numbers of one training step.

    Attributes
    ----------
    network, after : LayerStack
        Copies with θ before and after.
    objective, rule : Objective, Optimizer
    rate : float or None
        Learning rate; None for a rule that has none, such as L-BFGS.
    X, Y, weight : arrays
        The batch, Y encoded for the loss.
    forward_pass : Forward
        The forward pass.
    losses : array (n,)
        Loss ℓᵢ per sample.
    scales : array (n,)
        Factor of each ℓᵢ in J: wᵢ/Σw with reduction="mean", wᵢ with "sum".
    gradient : Gradient
    state_before, state_after : dict of arrays
        Optimizer state.
    value, value_after : float
        J before and after, with the same dropout masks.
    penalty : float
        The penalty, which is part of `value`.
    trials : list of float
        J at each point that a rule without a learning rate evaluated, such as those of L-BFGS's line search.
    masks : dropout masks, or None
    names : Names
        Names of inputs, outputs and samples.
    """

    network: LayerStack
    after: LayerStack
    objective: Objective
    rule: Optimizer
    rate: float | None
    X: Array
    Y: Array
    weight: Array | None
    forward_pass: Forward
    losses: Array
    scales: Array
    gradient: Gradient
    state_before: State
    state_after: State
    value: float
    value_after: float
    penalty: float
    trials: list[float] = field(default_factory=list)
    names: Names = field(default_factory=Names)

    @property
    def passed(self) -> Forward:
        """The former name of `forward_pass`."""
        warnings.warn("step.passed is now step.forward_pass", FutureWarning, stacklevel=2)
        return self.forward_pass

    @property
    def masks(self) -> object:
        """The dropout masks of the forward pass."""
        return self.forward_pass.masks

    def probe(self) -> Probe:
        """J as a function of θ, in float64, for finite differences."""
        exact = self.network.copy("float64")
        float64 = np.dtype("float64")
        weight = None if self.weight is None else self.weight.astype(float64)
        masks = self.forward_pass.masks
        if masks is not None:
            masks = [None if mask is None else mask.astype(float64) for mask in masks]
        return Probe(exact, self.objective, self.X.astype(float64), self.Y.astype(float64), weight, masks)


def take_step(
    network: LayerStack,
    X: Any,
    y: object,
    rule: Optimizer,
    *,
    rate: float | None = None,
    state: State | None = None,
    penalty: Penalty | None = None,
    reduction: Reduction = "mean",
    sample_weight: object = None,
    dropout_seed: int = 0,
    dropout_step: int = 0,
) -> Step:
    """Take one full-batch step on copies of the network and of the optimizer's state.

    The dropout masks are those that training uses in step number `dropout_step`.
    """
    network = network.copy()
    inputs = check_inputs(X.toarray() if is_sparse(X) else X, network.n_inputs, network.dtype)
    Y = network.encode(y)
    check_same_length(inputs, Y)
    weight = check_sample_weight(sample_weight, len(Y), network.dtype, relative=reduction == "mean")
    objective = network.objective(penalty, reduction)
    masks = None
    if any(spec.dropout for spec in network.specs):
        check_capabilities(rule, dropout=max(spec.dropout for spec in network.specs))
        masks = draw_masks(network.layers, len(inputs), dropout_seed, dropout_step, network.dtype)

    forward_pass = forward(network.layers, inputs, masks)
    flat = np.empty_like(network.theta)
    by_layer = network.by_layer(flat)
    gradient = Gradient(flat, by_layer, objective.gradient(network.layers, forward_pass, Y, by_layer, weight))
    weights = np.ones(len(Y), dtype=network.dtype) if weight is None else weight

    after = network.copy()
    before: State = {}
    trials: list[float] = []
    if isinstance(rule, FirstOrder):
        before = rule.init(network.theta, decay_factors(network.groups)) if state is None else state
        rate = rule.learning_rate if rate is None else rate
    now = {name: array.copy() for name, array in before.items()}
    if isinstance(rule, FirstOrder) and rate is not None:
        factors = rate_factors(network.groups, network.dtype)
        rates: Any = rate if factors is None else rate * factors
        rule.step(after.theta, flat, now, rates)
    elif isinstance(rule, SecondOrder):
        trials = _search(rule, after, objective, inputs, Y, weight)
    else:
        raise TypeError(f"optimizer must be a FirstOrder or SecondOrder rule, got {rule!r}")
    forward_pass_after = forward(after.layers, inputs, masks)
    return Step(
        network=network,
        after=after,
        objective=objective,
        rule=rule,
        rate=rate if isinstance(rule, FirstOrder) else None,
        X=inputs,
        Y=Y,
        weight=weight,
        forward_pass=forward_pass,
        losses=loss_per_sample(network.loss, network.layers[-1], Y, forward_pass),
        scales=weights * objective.scale(float(weights.sum())),
        gradient=gradient,
        state_before={name: array.copy() for name, array in before.items()},
        state_after=now,
        value=objective.value(network.layers, forward_pass, Y, weight),
        value_after=objective.value(after.layers, forward_pass_after, Y, weight),
        penalty=objective.penalty_value(network.layers),
        trials=trials,
    )


def _search(
    rule: SecondOrder, network: LayerStack, objective: Objective, X: Array, Y: Array, weight: Array | None
) -> list[float]:
    """Run one iteration, which changes the network's θ; return J at each point that the rule tried."""
    flat = np.empty_like(network.theta)
    by_layer = network.by_layer(flat)
    trials: list[float] = []

    def value_and_gradient(point: Array) -> tuple[float, Array]:
        network.theta = point
        forward_pass = forward(network.layers, X)
        trials.append(objective.value(network.layers, forward_pass, Y, weight))
        objective.gradient(network.layers, forward_pass, Y, by_layer, weight)
        return trials[-1], flat.astype(np.float64)

    theta = network.theta.astype(np.float64)
    rule.minimize(value_and_gradient, theta, max_iterations=1)
    network.theta = theta
    return trials
