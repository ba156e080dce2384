r"""Check of a network's gradient against finite differences of the objective.

The finite differences (`probe`) are computed in float64 on a copy of the network, with fixed dropout masks and the
penalty in J. If they disagree with the gradient, the likely mistake is named: by its pattern in the numbers (`causes`),
or because it predicts the given gradient when it is made on purpose (`matching`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from pellucid.gradcheck.causes import likely_causes
from pellucid.gradcheck.custom_functions import faulty_custom_function
from pellucid.gradcheck.evidence import GroupEvidence
from pellucid.gradcheck.factors import Sizes
from pellucid.gradcheck.matching import matching_bug
from pellucid.gradcheck.probe import EPS, Probe
from pellucid.gradcheck.user_gradient import as_shape, in_single_precision, side_effect_of
from pellucid.gradcheck.verdicts import GradientCheck, GroupCheck, compare, fail_misshapen
from pellucid.maths.blas import blas_threads
from pellucid.maths.cause import Cause
from pellucid.maths.penalties import Penalty
from pellucid.maths.typing import Array
from pellucid.network.checks import check_inputs, check_same_length, check_sample_weight
from pellucid.network.forward import draw_masks
from pellucid.network.inside import look_inside
from pellucid.network.layers import Dense
from pellucid.network.objective import Reduction
from pellucid.network.stack import LayerStack

SINGLE = float(np.finfo(np.float32).eps)

OwnGradient = Callable[[LayerStack, Array, object], object] | Sequence[object] | Array


@blas_threads(1)
def check_gradients(
    network: Any,
    X: object,
    y: object,
    *,
    sample_weight: object = None,
    penalty: Penalty | None = None,
    reduction: Reduction = "mean",
    gradient: OwnGradient | None = None,
    tolerance: float = 1e-7,
    dropout_seed: int = 0,
) -> GradientCheck:
    r"""Check ∂J/∂θ by back-propagation against finite differences of J, in float64.

    Parameters
    ----------
    network : Network, fitted estimator, or fitted pipeline or search around one
        Its θ is not changed: the check works on a copy.
    X, y, sample_weight, penalty, reduction
        As for `fit`. A few samples are enough; each unit and sample costs about 16 forward passes of the layers above.
    gradient : array, list of (dW, db), function, or None
        A gradient to check in place of back-propagation: flat like θ, or one pair per layer, or a function
        `(network, X, y)` that returns one of these.
    tolerance : float
        Largest relative error of a right element, beyond rounding errors: that of J, which limits the finite
        differences, and that of the gradient (float32 numbers are judged as float32 numbers).
    dropout_seed : int
        Seed of the fixed dropout masks.

    Returns
    -------
    GradientCheck
        True if nothing is wrong and something is shown to be right; `print` it to see the verdict on each group and
        the likely cause of an error.

    Raises
    ------
    ValueError
        If X, y or a custom gradient does not fit the network.

    Examples
    --------
    >>> from pellucid import Dense, Network, check_gradients
    >>> net = Network([Dense(2, 3, "tanh"), Dense(3, 2, "softmax")]).initialize(random_state=0)
    >>> X, y = [[0.5, -1.0], [1.5, 0.2], [0.1, 0.4]], [0, 1, 1]
    >>> check_gradients(net, X, y).passed
    True
    >>> forgot = lambda net, X, y: net.backward(net.forward(X), y).theta * len(X)  # the sum, not the mean
    >>> check_gradients(net, X, y, gradient=forgot).causes[0].name
    'sum, not mean'
    """
    if not isinstance(network, LayerStack):
        inside = look_inside(network, X, y)
        network, X, y = inside.network, inside.X, inside.y
    exact = network.copy("float64")
    if not exact.initialized:
        exact.initialize(random_state=0)
    inputs = check_inputs(X, exact.n_inputs, exact.dtype)
    Y = exact.encode(y)
    check_same_length(inputs, Y)
    weight = check_sample_weight(sample_weight, len(Y), exact.dtype, relative=reduction == "mean")
    masks = None
    if any(spec.dropout for spec in exact.specs):
        masks = draw_masks(exact.layers, len(inputs), dropout_seed, 0, exact.dtype)
    probe = Probe(exact, exact.objective(penalty, reduction), inputs, Y, weight, masks)
    found = probe.numeric()
    causes: list[Cause] = []
    if gradient is None:
        analytic = probe.analytic()
    else:
        analytic, causes = _evaluate_gradient(gradient, exact, inputs, y)
    rounding = probe.rounding(SINGLE if in_single_precision(analytic) else EPS)
    groups = tuple(
        compare(g.layer, g.name, g.of(analytic), found.of(g), g.of(rounding), tolerance) for g in exact.groups
    )
    groups = fail_misshapen(groups, causes)
    if not causes and not all(group.passed for group in groups):
        causes = _find_cause(probe, groups, own=gradient is not None)
    return GradientCheck(groups, tolerance, tuple(causes))


def _find_cause(probe: Probe, groups: Sequence[GroupCheck], *, own: bool) -> list[Cause]:
    """The likely cause: for back-propagation itself a custom function, else a common mistake."""
    if not own:
        return [faulty_custom_function(probe, [group.label for group in groups if not group.passed])]
    thetas = [group.of(probe.network.theta) for group in probe.network.groups]
    parts = [
        GroupEvidence(group.label, theta, group.analytic, group.measured, group.passed)
        for group, theta in zip(groups, thetas, strict=True)
    ]
    sizes = Sizes(len(probe.Y), probe.network.n_outputs, probe.objective.reduction)
    # Most known bugs are those of a back-propagation through `Dense` layers.
    dense = all(isinstance(spec, Dense) for spec in probe.network.specs)
    causes = likely_causes(parts, sizes, dense=dense)
    if dense and any(part.given.any() and np.isfinite(part.given).all() for part in parts) and _needs_proof(causes):
        proved = matching_bug(probe, parts, sizes)
        if proved is not None:
            return [proved]
    return causes


def _needs_proof(causes: Sequence[Cause]) -> bool:
    """Whether matching would say more; for a constant factor on everything the ratio is proof enough."""
    plain = {"not finite", "all zero", "sum, not mean", "averaged twice", "mean, not sum", "sign flipped", "clipped"}
    return not any(cause.name in plain for cause in causes)


def _evaluate_gradient(gradient: OwnGradient, network: LayerStack, X: Array, y: object) -> tuple[Array, list[Cause]]:
    """The custom gradient as a flat vector like θ, and causes that show before its numbers are compared."""
    if not callable(gradient):
        return _flat(gradient, network)
    before = network.theta.copy()

    def call() -> tuple[Array, list[Cause]]:
        answer = gradient(network, X, y)
        return _flat(answer, network)

    flat, causes = call()
    side_effect = side_effect_of(flat, lambda: call()[0], before, lambda: network.theta)
    network.theta = before
    return flat, [*causes, *([] if side_effect is None else [side_effect])]


def _flat(given: object, network: LayerStack) -> tuple[Array, list[Cause]]:
    if isinstance(given, np.ndarray) and given.ndim == 1:
        flat = np.asarray(given, dtype=np.float64).copy()
        _check_size(flat.size, network)
        return flat, []
    parts = [part for of_layer in given for part in of_layer]  # type: ignore[attr-defined]
    if len(parts) != len(network.groups):
        _check_size(sum(np.size(part) for part in parts), network)
    fits = [
        as_shape(part, group.shape, f"{group.name} of layer {group.layer + 1}")
        for part, group in zip(parts, network.groups, strict=True)
    ]
    return np.concatenate([array.ravel() for array, _ in fits]), [cause for _, cause in fits if cause is not None]


def _check_size(size: int, network: LayerStack) -> None:
    if size != network.theta.size:
        wanted = ", ".join(f"d{g.name}{g.shape}" for g in network.groups)
        raise ValueError(f"gradient must hold {network.theta.size} numbers ({wanted}), got {size}")
