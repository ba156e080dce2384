r"""∂J/∂θ by finite differences, the reference for back-propagation.

J is a sum over samples, J = Σᵢ sᵢ ℓᵢ + penalty, and W and b of a layer affect it only through Z = A W + b, which is
linear in them. So one z of one sample is varied at a time: its step size does not depend on the units of the table.
With dᵢⱼ = ∂ℓᵢ/∂zᵢⱼ by finite differences of ℓᵢ (`finite_differences`),

    ∂J/∂W = Aᵀ (s ⊙ d) + penalty′(W)        ∂J/∂b = Σᵢ sᵢ dᵢ

with error bounds from those of d. penalty′ is by finite differences of the penalty. No hand-written derivative is used.
In a layer whose Z is not affine, one parameter at a time is varied.

Each sample has its own step size h: near a kink (ReLU at 0) it is moved away from the kink, or by a smaller step. At a
kink d does not exist, and the parameters that affect it stay undetermined.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

import numpy as np

from pellucid.gradcheck.finite_differences import DerivativeEstimate, differentiate
from pellucid.gradcheck.rounding import ForwardErrorBounds, forward_error_bounds, gradient_error_bounds
from pellucid.maths.penalties import Penalty
from pellucid.maths.typing import Array
from pellucid.network.backward import loss_per_sample
from pellucid.network.forward import Forward, Masks, forward
from pellucid.network.objective import Objective
from pellucid.network.ops.affine import Affine
from pellucid.network.parameters import Group
from pellucid.network.stack import LayerStack

EPS = float(np.finfo(np.float64).eps)

INITIAL_STEP = 2.0**-5
"""The first h: points from z − ¼ to z + ¼, the scale on which activations and losses bend."""

NEGLIGIBLE = 1e-13
"""Accuracy needed for a sample's derivative, relative to the largest one of its unit."""

MAX_ARRAY_SIZE = 4_000_000
"""Elements in the largest array of a forward pass; larger ones are split into batches."""

ROUNDING_FACTOR = 4.0
"""Rounding error, in units of ε, of a few operations on rounded numbers."""

KINK_MARGIN = 4.0
"""A unit counts as at a kink within this many rounding errors: summed in another order it may be on the other side."""


@dataclass(frozen=True)
class NumericGradient:
    """∂J/∂θ by finite differences, flat like θ.

    Attributes
    ----------
    value : array
        NaN at a kink, or if J is not finite.
    error : array
        Error bounds.
    kinked : array of bool
        True if there is no value because of a kink.
    """

    value: Array
    error: Array
    kinked: Array

    def of(self, group: Group) -> DerivativeEstimate:
        """The part of one group of parameters, in its shape."""
        return DerivativeEstimate(group.of(self.value), group.of(self.error), group.of(self.kinked))


@dataclass(frozen=True)
class Probe:
    """A float64 network, an objective and a batch; only θ varies, the dropout masks are fixed."""

    network: LayerStack
    objective: Objective
    X: Array
    Y: Array
    weight: Array | None
    masks: Masks | None

    def forward_pass(self) -> Forward:
        """The forward pass at θ."""
        return forward(self.network.layers, self.X, self.masks)

    def value(self) -> float:
        """J at θ."""
        return self.objective.value(self.network.layers, self.forward_pass(), self.Y, self.weight)

    def analytic(self) -> Array:
        """∂J/∂θ by back-propagation."""
        flat = np.empty_like(self.network.theta)
        by_layer = self.network.by_layer(flat)
        self.objective.gradient(self.network.layers, self.forward_pass(), self.Y, by_layer, self.weight)
        return flat

    def sample_scales(self) -> Array:
        """The factor sᵢ of each sample's loss in J (n,): wᵢ/Σw, or wᵢ."""
        weight = np.ones(len(self.Y)) if self.weight is None else self.weight
        return weight * self.objective.scale(float(weight.sum()))

    def rounding(self, eps: float) -> Array:
        """Bound on the difference of two right gradients computed with this ε, flat like θ."""
        layers, scales = self.network.layers, self.sample_scales()
        bounds = gradient_error_bounds(
            self.objective, layers, self.forward_pass(), self.Y, scales, ROUNDING_FACTOR * eps
        )
        return np.concatenate([array.ravel() for pair in bounds for array in pair])

    def numeric(self, only: Iterable[int] | None = None) -> NumericGradient:
        """∂J/∂θ by finite differences; `only` lists the wanted elements of θ, others may be NaN."""
        theta, groups = self.network.theta, self.network.groups
        found = NumericGradient(
            np.full_like(theta, np.nan), np.full_like(theta, np.inf), np.zeros(theta.size, dtype=bool)
        )
        wanted = np.ones(theta.size, dtype=bool)
        if only is not None:
            wanted[:] = False
            wanted[list(only)] = True
        with np.errstate(all="ignore"):
            base = self.forward_pass()
            if not np.isfinite(self.value()):
                return found
            forward_bounds = forward_error_bounds(self.network.layers, base, ROUNDING_FACTOR / 2 * EPS)
            for layer, bound in enumerate(self.network.layers):
                of_layer = [group for group in groups if group.layer == layer]
                if not isinstance(bound.transform, Affine):
                    for k, group in enumerate(of_layer):
                        which = np.flatnonzero(group.of(wanted))
                        self._by_parameter(base, forward_bounds, layer, k, group, which, found)
                    continue
                W, b = of_layer
                units = np.flatnonzero(W.of(wanted).any(axis=0) | b.of(wanted))
                if units.size:
                    by_unit = self._derivatives_in_z(base, forward_bounds, layer, units)
                    inputs = np.hstack([base.inputs_of(layer), np.ones((len(self.Y), 1))])
                    for part, (derivative, error, kinked) in self._in_theta(inputs, layer, units, by_unit).items():
                        group = W if part == "W" else b
                        group.of(found.value)[..., units] = derivative
                        group.of(found.error)[..., units] = error
                        group.of(found.kinked)[..., units] = kinked
        return found

    def _by_parameter(
        self,
        base: Forward,
        forward_bounds: ForwardErrorBounds,
        layer: int,
        k: int,
        group: Group,
        which: Array,
        found: NumericGradient,
    ) -> None:
        """Derivatives in parameter k of a layer that is not affine, one element at a time."""
        parameter, scales = self.network.layers[layer].parameters[k], self.sample_scales()
        rows = np.flatnonzero(scales != 0)
        losses = loss_per_sample(self.objective.loss, self.network.layers[-1], self.Y, base)[rows]
        value, error, kinked = (group.of(array).reshape(-1) for array in (found.value, found.error, found.kinked))
        for element in which:
            initial_step = 2.0 ** np.ceil(np.log2(max(INITIAL_STEP, abs(parameter.flat[element]) * 2.0**-36)))
            evaluate = partial(self._moved_by_parameter, base, forward_bounds, layer, k, int(element), rows)
            by_sample = differentiate(evaluate, losses, np.full(len(rows), initial_step))
            value[element] = scales[rows] @ by_sample.value
            error[element] = np.abs(scales[rows]) @ (by_sample.error + 4 * EPS * np.abs(by_sample.value))
            kinked[element] = by_sample.kinked.any()
            if np.isnan(value[element]):
                error[element] = np.inf
        if self.objective.penalty is not None and group.penalized:
            weights = parameter.reshape(-1, 1)
            penalty = _penalty_derivatives(self.objective.penalty, weights, np.zeros(1, dtype=int))
            value += penalty.value
            error += penalty.error
            kinked |= penalty.kinked

    def _moved_by_parameter(
        self,
        base: Forward,
        forward_bounds: ForwardErrorBounds,
        layer: int,
        k: int,
        element: int,
        rows: Array,
        some: Array,
        steps: Array,
    ) -> tuple[Array, Array, Array]:
        """As `_moved`, with one element of parameter k moved: one pass of the operation per step size."""
        here = self.network.layers[layer]
        parameters, inputs = list(here.parameters), base.inputs_of(layer)[rows[some]]
        Z = np.empty((*steps.shape, here.units))
        for step in np.unique(steps):
            parameters[k] = here.parameters[k].copy()
            parameters[k].flat[element] += step
            point, function = np.nonzero(steps == step)
            Z[point, function] = here.transform.forward(parameters, inputs[function])[0]
        sample = np.tile(rows[some], len(steps))
        return self._losses(base, forward_bounds, layer, sample, None, Z.reshape(-1, here.units), steps.shape)

    def _in_theta(
        self, inputs: Array, layer: int, units: Array, by_unit: DerivativeEstimate
    ) -> dict[str, tuple[Array, Array, Array]]:
        """Derivatives in W and b from those in z (n, units), by the chain rule: Z is linear in both."""
        shape = (len(self.Y), len(units))
        d, error, kinked = (array.reshape(shape) for array in (by_unit.value, by_unit.error, by_unit.kinked))
        sensitivity = inputs * self.sample_scales()[:, None]  # (n, p + 1): sᵢ ∂zᵢ/∂parameter
        known = np.isfinite(error)
        has_effect = (sensitivity != 0).astype(np.float64)
        derivative = sensitivity.T @ np.where(known, d, 0.0)
        bound = np.abs(sensitivity).T @ np.where(known, error + 4 * EPS * np.abs(d), 0.0)
        at_kink = has_effect.T @ kinked > 0
        derivative[has_effect.T @ ~known > 0] = np.nan
        derivative_W, bound_W, kinked_W = derivative[:-1], bound[:-1], at_kink[:-1]
        if self.objective.penalty is not None:
            penalty = _penalty_derivatives(self.objective.penalty, self.network.layers[layer].W, units)
            derivative_W, bound_W = (
                derivative_W + penalty.value.reshape(derivative_W.shape),
                bound_W + penalty.error.reshape(derivative_W.shape),
            )
            kinked_W = kinked_W | penalty.kinked.reshape(derivative_W.shape)
        return {"W": (derivative_W, bound_W, kinked_W), "b": (derivative[-1], bound[-1], at_kink[-1])}

    def _derivatives_in_z(
        self, base: Forward, forward_bounds: ForwardErrorBounds, layer: int, units: Array
    ) -> DerivativeEstimate:
        """∂ℓᵢ/∂zᵢⱼ of a layer for all samples of nonzero weight and these units, flat (n · units,)."""
        n, scales = len(self.Y), np.abs(self.sample_scales())
        rows, columns = (grid.ravel() for grid in np.meshgrid(np.arange(n), units, indexing="ij"))
        places = np.tile(np.arange(len(units)), n)
        counting = np.flatnonzero(scales[rows] > 0)
        rows, columns, places = rows[counting], columns[counting], places[counting]
        losses = loss_per_sample(self.objective.loss, self.network.layers[-1], self.Y, base)
        width = max(one.units for one in self.network.layers[layer:])
        batch = max(1, MAX_ARRAY_SIZE // (8 * width))

        def evaluate(which: Array, steps: Array) -> tuple[Array, Array, Array]:
            answers = [
                self._moved(base, forward_bounds, layer, rows[some], columns[some], steps[:, k : k + batch])
                for k in range(0, len(which), batch)
                for some in (which[k : k + batch],)
            ]
            values, noise, clear = (np.concatenate(parts, axis=-1) for parts in zip(*answers, strict=True))
            return values, noise, clear

        def good_enough(value: Array) -> Array:
            largest = np.zeros(len(units))
            np.maximum.at(largest, places, scales[rows] * np.nan_to_num(np.abs(value)))
            return NEGLIGIBLE * largest[places] / scales[rows]

        size = np.abs(base.Z[layer][rows, columns])
        initial_step = np.maximum(
            INITIAL_STEP, 2.0 ** np.ceil(np.log2(np.maximum(size, 1)) - 36)
        )  # well above the last digit
        found = differentiate(evaluate, losses[rows], initial_step, good_enough)
        whole = DerivativeEstimate(
            np.zeros(n * len(units)), np.zeros(n * len(units)), np.zeros(n * len(units), dtype=bool)
        )
        whole.value[counting], whole.error[counting], whole.kinked[counting] = found.value, found.error, found.kinked
        return whole

    def _moved(
        self, base: Forward, forward_bounds: ForwardErrorBounds, layer: int, rows: Array, units: Array, steps: Array
    ) -> tuple[Array, Array, Array]:
        """ℓ with one z of each sample moved, at each step (8, T); rounding error (T,); mask of steps without a kink."""
        sample, unit = np.tile(rows, len(steps)), np.tile(units, len(steps))
        Z = base.Z[layer][sample]
        Z[np.arange(len(sample)), unit] += steps.ravel()
        return self._losses(base, forward_bounds, layer, sample, unit, Z, steps.shape)

    def _losses(
        self,
        base: Forward,
        forward_bounds: ForwardErrorBounds,
        layer: int,
        sample: Array,
        unit: Array | None,
        Z: Array,
        shape: tuple[int, ...],
    ) -> tuple[Array, Array, Array]:
        """The same for these samples with another Z of a layer. If `unit` is given, no other unit has moved."""
        layers = self.network.layers
        here, above = layers[layer], layers[layer + 1 :]
        if unit is not None and here.activation.elementwise:
            everywhere = np.arange(len(sample))
            H = base.H[layer][sample]
            H[everywhere, unit] = here.activation.value(Z[everywhere, unit][:, None])[:, 0]
        else:
            H = here.activation.value(Z)
        masks = None if self.masks is None else [None if mask is None else mask[sample] for mask in self.masks[layer:]]
        A = H if masks is None or masks[0] is None else H * masks[0]
        upper = forward(above, A, None if masks is None else masks[1:])
        forward_pass = Forward(A, [Z, *upper.Z], [H, *upper.H], [A, *upper.A], masks)
        Y, loss, last = self.Y[sample], self.objective.loss, layers[-1]
        values = loss_per_sample(loss, last, Y, forward_pass)

        clear = self._no_kink_crossed(base, forward_bounds, layer, sample, unit, forward_pass)
        noise = np.abs(self._randomly_rounded(forward_bounds, sample, Y, forward_pass) - values) + 2 * EPS * np.abs(
            values
        )
        noise = np.where(clear, noise, 0.0).reshape(shape).max(axis=0)
        if loss.is_canonical_with(last.activation) and not last.activation.elementwise:
            noise = noise + EPS  # softmax: the logarithm of a sum that is at least 1
        return values.reshape(shape), noise, clear.reshape(shape)

    def _randomly_rounded(
        self, forward_bounds: ForwardErrorBounds, sample: Array, Y: Array, forward_pass: Forward
    ) -> Array:
        """ℓ with logits, outputs and targets changed by random rounding errors."""
        random = np.random.default_rng(0)
        loss, last = self.objective.loss, self.network.layers[-1]
        signs = random.integers(0, 2, (3, *Y.shape)) * 2.0 - 1
        Z = forward_pass.Z[-1] + signs[0] * forward_bounds.Z[-1][sample]
        A = last.activation.value(Z) if not loss.is_canonical_with(last.activation) else forward_pass.A[-1]
        A, Y = A * (1 + 2 * EPS * signs[1]), Y * (1 + 2 * EPS * signs[2])
        return loss_per_sample(loss, last, Y, Forward(forward_pass.X, [Z], [A], [A], None))

    def _no_kink_crossed(
        self,
        base: Forward,
        forward_bounds: ForwardErrorBounds,
        layer: int,
        sample: Array,
        unit: Array | None,
        forward_pass: Forward,
    ) -> Array:
        """Whether no unit and no loss has crossed a kink."""
        clear = np.ones(len(sample), dtype=bool)
        for number, (one, Z) in enumerate(zip(self.network.layers[layer:], forward_pass.Z, strict=True), layer):
            if not one.activation.kinks:
                continue
            before, rounded = base.Z[number], forward_bounds.Z[number]
            if unit is not None and number == layer and one.activation.elementwise:
                everywhere = np.arange(len(sample))
                now, then, slack = Z[everywhere, unit], before[sample, unit], rounded[sample, unit]
                clear &= _stays_on_its_side(now[:, None], then[:, None], slack[:, None], one.activation.kinks)
            else:
                clear &= _stays_on_its_side(Z, before[sample], rounded[sample], one.activation.kinks)
        loss = self.objective.loss
        if loss.kinks:
            Y, A = self.Y[sample], base.output[sample]
            slack = forward_bounds.A[-1][sample] + EPS * (np.abs(A) + np.abs(Y))
            clear &= _stays_on_its_side(forward_pass.output - Y, A - Y, slack, loss.kinks)
        return clear


def _stays_on_its_side(now: Array, then: Array, slack: Array, kinks: tuple[float, ...]) -> Array:
    """For each row, whether no element has crossed a kink or left one."""
    same = np.ones(len(now), dtype=bool)
    for kink in kinks:
        on_it = np.abs(then - kink) <= KINK_MARGIN * slack
        same &= ~np.where(on_it, np.abs(now - then) > KINK_MARGIN * slack, (now > kink) != (then > kink)).any(axis=1)
    return same


def _penalty_derivatives(penalty: Penalty, W: Array, units: Array) -> DerivativeEstimate:
    """The derivative of the penalty in each weight of these units, flat, by finite differences in one weight."""
    weights = W[:, units].ravel()
    alone = np.array([penalty.value(np.array([[w]])) for w in W.ravel()])
    places = np.arange(W.size).reshape(W.shape)[:, units].ravel()
    whole = penalty.value(W)
    separate = abs(whole - alone.sum()) <= 1e-9 * (abs(whole) + np.abs(alone).sum())

    def at(index: int, w: float) -> float:
        if separate:
            return penalty.value(np.array([[w]]))
        moved = W.copy()
        moved.flat[places[index]] = w
        return penalty.value(moved)

    def evaluate(which: Array, steps: Array) -> tuple[Array, Array, Array]:
        points = weights[which] + steps
        values = np.array([[at(int(i), float(w)) for i, w in zip(which, row, strict=True)] for row in points])
        clear = np.ones(points.shape, dtype=bool)
        for kink in penalty.kinks:
            clear &= ((points > kink) == (weights[which] > kink)) & (weights[which] != kink)
        return values, 4 * EPS * np.abs(values).max(axis=0), clear

    here = alone[places] if separate else np.full(len(weights), whole)
    size = np.where(weights == 0, 1.0, np.abs(weights))
    return differentiate(evaluate, here, 2.0 ** (np.floor(np.log2(size)) - 5))
