"""Check that the kernel formulas of custom classes agree with their NumPy methods.

They are compared at a few points before anything is compiled, so that a mistake is reported at once instead of as a
disagreement between engines.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from pellucid.engines.formulas import BUILT_IN, described, option_values
from pellucid.engines.tracing import trace
from pellucid.maths.activations import Activation
from pellucid.maths.losses import Loss
from pellucid.maths.penalties import Penalty
from pellucid.maths.typing import Array
from pellucid.network.objective import Objective
from pellucid.network.stack import LayerStack
from pellucid.optimizers import FirstOrder, Optimizer, numbers_of_steps

POINTS = np.array([-1.7, -0.6, 0.35, 0.9, 1.6])
"""No round numbers, at which functions tend to have kinks."""
TOLERANCE = 1e-7
STEPS = 3


def check_formulas(network: LayerStack, objective: Objective, rule: Optimizer | None) -> None:
    """ValueError if a kernel formula of an own class differs from the method it restates; TypeError if it cannot be
    traced (see `pellucid.maths.elementary`)."""
    for spec in network.specs:
        if BUILT_IN.activation_number(spec.activation) is None:
            _check_activation(spec.activation)
    output = network.specs[-1].activation
    if BUILT_IN.loss_number(network.loss, output) is None:
        _check_loss(network.loss, output)
    if objective.penalty is not None and BUILT_IN.penalty_number(objective.penalty) is None:
        _check_penalty(objective.penalty)
    if isinstance(rule, FirstOrder) and BUILT_IN.rule_number(rule) is None:
        _check_rule(rule)


def _check_activation(activation: Activation) -> None:
    own = described(activation)
    z, numbers = POINTS[:, None], option_values(own)
    a, d = activation.value(z), np.full_like(z, 1.25)
    inputs = [a if activation.derivative_from == "a" else z, a]
    _compare(own, "kernel_value", _run(own, "kernel_value", [z], numbers), a, "value")
    _compare(own, "kernel_vjp", _run(own, "kernel_vjp", [d, *inputs], numbers), d * activation.derivative(z, a),
             "derivative, times d")  # fmt: skip


def _check_loss(loss: Loss, output: Activation) -> None:
    low, high = (np.clip(bound, -3.0, 3.0) for bound in loss.domain)
    if output.elementwise:
        z = POINTS[:, None]
        a = output.value(z)
    else:
        z = a = np.linspace(low, high, 7)[1:-1, None]
    y = a[::-1].copy()
    numbers, canonical = option_values(loss), loss.is_canonical_with(output)
    if canonical and type(loss).__dict__.get("kernel_from_logits") is not None:
        value, slope = _run(loss, "kernel_from_logits", [y, a, z], numbers)
        _compare(loss, "kernel_from_logits", value, loss.value_from_logits(y, z), "value_from_logits")
        _compare(loss, "kernel_from_logits", slope, a - y, "A − Y of a canonical pair")
        return
    value, slope = _run(loss, "kernel_formula", [y, a, z], numbers)
    _compare(loss, "kernel_formula", value, loss.value(y, a), "value")
    _compare(loss, "kernel_formula", slope, loss.gradient(y, a), "gradient")


def _check_penalty(penalty: Penalty) -> None:
    value, slope = _run(penalty, "kernel_formula", [POINTS], option_values(penalty))
    _compare(penalty, "kernel_formula", np.sum(value), np.asarray(penalty.value(POINTS)), "value")
    _compare(penalty, "kernel_formula", slope, penalty.gradient(POINTS), "gradient")


def _check_rule(rule: FirstOrder) -> None:
    theta, rate = POINTS.copy(), np.full(1, rule.learning_rate)
    state = rule.init(theta, np.ones(theta.shape, dtype=bool))
    for name in rule.kernel_vectors:
        if name not in state or state[name].shape != theta.shape:
            raise ValueError(
                f"{type(rule).__name__}.kernel_vectors names {name!r}: init(theta) must give an array like theta of "
                "that name"
            )
    for step in range(STEPS):
        g = np.cos(theta + step)
        numbers = numbers_of_steps(rule, state, rate)[0]
        vectors = [state[name].copy() for name in rule.kernel_vectors]
        given = _run(rule, "kernel_step", [theta.copy(), g, *vectors], list(numbers))
        counted = {name: array.copy() for name, array in state.items()}
        rule.count_steps(counted, 1)
        rule.step(theta, g.copy(), state, rule.learning_rate)
        for name, array, wanted in zip(("theta", *rule.kernel_vectors), given, (
            theta, *(state[name] for name in rule.kernel_vectors)), strict=False):  # fmt: skip
            if array is not None:
                _compare(rule, "kernel_step", array, wanted, f"{name} after step")
        for name, array in counted.items():
            if name not in rule.kernel_vectors:
                _compare(rule, "count_steps", array, state[name], f"state[{name!r}] after step")


def _run(own: Any, name: str, arrays: Sequence[Array], numbers: Sequence[float]) -> Any:
    formula: Callable[..., Any] = getattr(type(own), name)
    with np.errstate(all="ignore"):
        return trace(formula, len(arrays) + len(numbers), 64)(*arrays, *numbers)


def _compare(own: Any, name: str, given: Any, wanted: Array, what: str) -> None:
    flat, expected = np.ravel(given), np.ravel(wanted)
    if flat.shape != expected.shape or not np.allclose(flat, expected, rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True):
        raise ValueError(
            f"{type(own).__name__}.{name} does not compute what its NumPy methods do: it gives {flat}, and {what} is "
            f"{expected}"
        )
