"""The custom function with a wrong derivative, if the network's own back-propagation and finite differences disagree.

The registered functions are proven against reference implementations in exact arithmetic. So only custom
activations, operations, losses and penalties are tested.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from pellucid.gradcheck.derivative import elementwise_derivatives, grade_derivative
from pellucid.gradcheck.evidence import UNKNOWN, agree, common_ratio
from pellucid.gradcheck.factors import lower_first
from pellucid.gradcheck.probe import Probe
from pellucid.maths.activations import ACTIVATIONS, Activation
from pellucid.maths.cause import Cause
from pellucid.maths.losses import LOSSES, Loss
from pellucid.maths.penalties import PENALTIES, Penalty
from pellucid.maths.registry import Registry
from pellucid.maths.typing import Array
from pellucid.network.forward import Forward
from pellucid.network.layers import Layer
from pellucid.network.ops.affine import Affine


def faulty_custom_function(probe: Probe, wrong: Sequence[str]) -> Cause:
    """The custom function with a wrong derivative, or the cause "unknown"."""
    forward_pass, objective = probe.forward_pass(), probe.objective
    for i, layer in enumerate(probe.network.layers):
        # A registered function is tested only where finite differences are accurate, never at the Z of a table.
        Z = forward_pass.Z[i] if _is_custom(layer.activation, ACTIVATIONS) else np.zeros(1)
        cause = activation_cause(layer.activation, Z, f"layer {i + 1}")
        if cause is not None:
            return cause
        if not isinstance(layer.transform, Affine):
            cause = operation_cause(layer, forward_pass.inputs_of(i), f"layer {i + 1}")
            if cause is not None:
                return cause
    output = probe.network.layers[-1].activation
    if _is_custom(objective.loss, LOSSES):
        cause = loss_cause(objective.loss, output, probe.Y, forward_pass)
        if cause is not None:
            return cause
    if objective.penalty is not None and _is_custom(objective.penalty, PENALTIES):
        for weights in (layer.parameters[k] for layer in probe.network.layers for k in layer.penalized):
            cause = penalty_cause(objective.penalty, weights)
            if cause is not None:
                return cause
    return Cause(
        UNKNOWN,
        f"Back-propagation and finite differences do not agree in {', '.join(wrong)}, and every function of this "
        "network by itself has the right derivative. Scale the inputs, or check at other parameters; if the error "
        "remains, report it.",
    )


def _is_custom(
    function: Activation | Loss | Penalty, registry: Registry[Activation] | Registry[Loss] | Registry[Penalty]
) -> bool:
    """Whether the class is not one of the registered classes."""
    return type(function) not in {registry[name] for name in registry}


def activation_cause(activation: Activation, Z: Array, where: str) -> Cause | None:
    """A cause, if an activation's `derivative` is not that of its `value` at these Z."""
    if not activation.elementwise:
        return None
    sample = np.unique(np.concatenate([Z.ravel()[:: max(1, Z.size // 200)], np.linspace(-3, 3, 13)]))
    grade = grade_derivative(activation.value, lambda z: activation.derivative(z, activation.value(z)), sample)
    if grade.passed:
        return None
    words = lower_first(grade.causes[0].sentence)
    return Cause(
        "activation derivative", f"The derivative of {activation.name}, activation of {where}, is wrong: {words}"
    )


def operation_cause(layer: Layer, A: Array, where: str) -> Cause | None:
    """A cause, if `gradients` or `backward` of an operation is not the derivative of its `forward` at these inputs."""
    transform, name = layer.transform, layer.transform.name
    # Any ∂J/∂Z will do: J = Σᵢⱼ dᵢⱼ zᵢⱼ with numbers that are not alike.
    dZ = np.random.default_rng(0).uniform(0.5, 1.5, (len(A), layer.units))
    _, cache = transform.forward(layer.parameters, A)
    into = [np.empty_like(parameter) for parameter in layer.parameters]
    transform.gradients(layer.parameters, cache, dZ, into)

    def of_parameter(k: int) -> Callable[[Array], Array]:
        def J(rows: Array) -> Array:
            each = ([*layer.parameters[:k], row.reshape(into[k].shape), *layer.parameters[k + 1 :]] for row in rows)
            return np.array([(dZ * transform.forward(parameters, A)[0]).sum() for parameters in each])

        return J

    names = [parameter.name for parameter in layer.spec.parameters()]
    for k, given in enumerate(into):
        rows = np.tile(layer.parameters[k].ravel(), (given.size, 1))
        moved, kinked = elementwise_derivatives(of_parameter(k), rows)
        right = np.where(kinked.diagonal(), np.nan, moved.diagonal()).reshape(given.shape)
        if not agree(given, right):
            words = f"∂J/∂{names[k]}, by `gradients` of {name}, {where}, is not the derivative of its `forward`"
            return Cause("operation gradient", words + _by_a_factor(given, right))
    back = transform.backward(layer.parameters, cache, dZ)
    right, kinked = elementwise_derivatives(lambda A: (dZ * transform.forward(layer.parameters, A)[0]).sum(axis=1), A)
    right = np.where(kinked, np.nan, right)
    if agree(back, right):
        return None
    words = f"∂J/∂A, by `backward` of {name}, {where}, is not the derivative of its `forward`"
    return Cause("operation gradient", words + _by_a_factor(back, right))


def _by_a_factor(given: Array, right: Array) -> str:
    ratio = common_ratio([(given, right)])
    return f": it is {ratio:.6g} times the right one." if ratio is not None else "."


def loss_cause(loss: Loss, output: Activation, Y: Array, forward_pass: Forward) -> Cause | None:
    """A cause, if a loss's `gradient` is not that of its `value` at these outputs."""
    if loss.is_canonical_with(output):
        Z = forward_pass.Z[-1]
        given = forward_pass.A[-1] - Y
        right, kinked = elementwise_derivatives(lambda Z: loss.value_from_logits(Y, Z), Z)
    else:
        A = forward_pass.A[-1]
        given = loss.gradient(Y, A)
        right, kinked = elementwise_derivatives(lambda A: loss.value(Y, A), A)
    right = np.where(kinked, np.nan, right)
    if agree(given, right):
        return None
    return Cause(
        "loss gradient", f"The gradient of loss {loss.name!r} is not that of its value" + _by_a_factor(given, right)
    )


def penalty_cause(penalty: Penalty, W: Array) -> Cause | None:
    """A cause, if a penalty's `gradient` is not that of its `value` at these weights."""
    rows = np.tile(W.ravel(), (W.size, 1))
    moved, kinked = elementwise_derivatives(
        lambda V: np.array([penalty.value(row.reshape(W.shape)) for row in V]), rows
    )
    right = np.where(kinked.diagonal(), np.nan, moved.diagonal()).reshape(W.shape)
    given = penalty.gradient(W)
    if agree(given, right):
        return None
    return Cause(
        "penalty gradient",
        f"The gradient of the penalty {penalty.name!r} is not that of its value" + _by_a_factor(given, right),
    )
