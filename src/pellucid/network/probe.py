r"""∂J/∂θ by differences of J: what back-propagation is held against.

J is a sum over samples, J = Σᵢ sᵢ ℓᵢ + penalty, and W and b of a layer reach it only through Z = A W + b, which is
linear in them. So the network is moved where a step has a size that does not depend on the units of a table: one z of
one sample at a time. With dᵢⱼ = ∂ℓᵢ/∂zᵢⱼ by differences of ℓᵢ (`differences`),

    ∂J/∂W = Aᵀ (s ⊙ d) + penalty′(W)        ∂J/∂b = Σᵢ sᵢ dᵢ

and of each the error is bounded by the errors of the d in it. A layer whose Z is not affine has its parameters moved
themselves, one at a time. penalty′ is by differences of the penalty. No derivative
that anyone has written is used.

Every sample takes the h that suits it: one that sits near a kink (ReLU at 0) is moved away from it, or less. Where one
sits on a kink, d does not exist; the parameters that reach it are left open.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

import numpy as np

from pellucid.maths.penalties import Penalty
from pellucid.maths.typing import Array
from pellucid.network.backward import loss_per_sample
from pellucid.network.differences import Slopes, slopes
from pellucid.network.forward import Forward, Masks, forward
from pellucid.network.objective import Objective
from pellucid.network.ops.affine import Affine
from pellucid.network.parameters import Group
from pellucid.network.rounding import RoundedPass, rounding_of_gradient, rounding_of_pass
from pellucid.network.stack import LayerStack

EPS = float(np.finfo(np.float64).eps)

FIRST_STEP = 2.0**-5
"""The first h: points from z − ¼ to z + ¼, where activations and losses are smooth but bent."""

NEGLIGIBLE = 1e-13
"""A slope of a sample need not be known better than this share of the largest one of its unit."""

AT_ONCE = 4_000_000
"""Numbers in the largest array of a forward pass; what needs more goes in portions."""

ROUNDINGS = 4.0
"""A number that is computed in a few operations, from numbers that were rounded themselves, is off by this many ε."""

NEAR = 4.0
"""A unit this many roundings from a kink is on it: another order of the same sums may put it on the other side."""


@dataclass(frozen=True)
class Differences:
    """∂J/∂θ by differences, flat like θ.

    Attributes
    ----------
    slopes : array
        NaN where a kink is in the way, or J is not finite.
    error : array
        Bounds on their errors.
    kinked : array of bool
        True where no slope is known because of a kink.
    """

    slopes: Array
    error: Array
    kinked: Array

    def of(self, group: Group) -> Slopes:
        """The part of one group of parameters, in its shape."""
        return Slopes(group.of(self.slopes), group.of(self.error), group.of(self.kinked))


@dataclass(frozen=True)
class Probe:
    """A float64 network, an objective and a batch, with everything but θ held still: dropout masks, too."""

    network: LayerStack
    objective: Objective
    X: Array
    Y: Array
    weight: Array | None
    masks: Masks | None

    def passed(self) -> Forward:
        """The forward pass at θ."""
        return forward(self.network.layers, self.X, self.masks)

    def value(self) -> float:
        """J at θ."""
        return self.objective.value(self.network.layers, self.passed(), self.Y, self.weight)

    def analytic(self) -> Array:
        """∂J/∂θ by back-propagation."""
        flat = np.empty_like(self.network.theta)
        by_layer = self.network.by_layer(flat)
        self.objective.gradient(self.network.layers, self.passed(), self.Y, by_layer, self.weight)
        return flat

    def scales(self) -> Array:
        """What each sample's loss counts in J (n,): wᵢ/Σw, or wᵢ."""
        weight = np.ones(len(self.Y)) if self.weight is None else self.weight
        return weight * self.objective.scale(float(weight.sum()))

    def rounding(self, eps: float) -> Array:
        """How far two right gradients may lie apart that are computed with this ε, flat like θ."""
        layers, scales = self.network.layers, self.scales()
        bounds = rounding_of_gradient(self.objective, layers, self.passed(), self.Y, scales, ROUNDINGS * eps)
        return np.concatenate([array.ravel() for pair in bounds for array in pair])

    def numeric(self, only: Iterable[int] | None = None) -> Differences:
        """∂J/∂θ by differences. `only` gives elements of θ that are wanted; others may stay NaN."""
        theta, groups = self.network.theta, self.network.groups
        found = Differences(np.full_like(theta, np.nan), np.full_like(theta, np.inf), np.zeros(theta.size, dtype=bool))
        wanted = np.ones(theta.size, dtype=bool)
        if only is not None:
            wanted[:] = False
            wanted[list(only)] = True
        with np.errstate(all="ignore"):
            base = self.passed()
            if not np.isfinite(self.value()):
                return found
            off = rounding_of_pass(self.network.layers, base, ROUNDINGS / 2 * EPS)
            for layer, bound in enumerate(self.network.layers):
                of_layer = [group for group in groups if group.layer == layer]
                if not isinstance(bound.transform, Affine):
                    for k, group in enumerate(of_layer):
                        self._by_parameter(base, off, layer, k, group, np.flatnonzero(group.of(wanted)), found)
                    continue
                W, b = of_layer
                units = np.flatnonzero(W.of(wanted).any(axis=0) | b.of(wanted))
                if units.size:
                    by_unit = self._slopes_in_z(base, off, layer, units)
                    inputs = np.hstack([base.inputs_of(layer), np.ones((len(self.Y), 1))])
                    for part, (slope, error, kinked) in self._in_theta(inputs, layer, units, by_unit).items():
                        group = W if part == "W" else b
                        group.of(found.slopes)[..., units] = slope
                        group.of(found.error)[..., units] = error
                        group.of(found.kinked)[..., units] = kinked
        return found

    def _by_parameter(
        self, base: Forward, off: RoundedPass, layer: int, k: int, group: Group, which: Array, found: Differences
    ) -> None:
        """Slopes in parameter k of a layer that is not affine: it is moved itself, one element at a time."""
        parameter, scales = self.network.layers[layer].parameters[k], self.scales()
        rows = np.flatnonzero(scales != 0)
        losses = loss_per_sample(self.objective.loss, self.network.layers[-1], self.Y, base)[rows]
        value, error, kinked = (group.of(array).reshape(-1) for array in (found.slopes, found.error, found.kinked))
        for element in which:
            start = 2.0 ** np.ceil(np.log2(max(FIRST_STEP, abs(parameter.flat[element]) * 2.0**-36)))
            evaluate = partial(self._moved_by_parameter, base, off, layer, k, int(element), rows)
            by_sample = slopes(evaluate, losses, np.full(len(rows), start))
            value[element] = scales[rows] @ by_sample.value
            error[element] = np.abs(scales[rows]) @ (by_sample.error + 4 * EPS * np.abs(by_sample.value))
            kinked[element] = by_sample.kinked.any()
            if np.isnan(value[element]):
                error[element] = np.inf
        if self.objective.penalty is not None and group.penalized:
            pull = _penalty_slopes(self.objective.penalty, parameter.reshape(-1, 1), np.zeros(1, dtype=int))
            value += pull.value
            error += pull.error
            kinked |= pull.kinked

    def _moved_by_parameter(
        self,
        base: Forward,
        off: RoundedPass,
        layer: int,
        k: int,
        element: int,
        rows: Array,
        some: Array,
        steps: Array,
    ) -> tuple[Array, Array, Array]:
        """`_moved` with one element of parameter k moved. The samples take steps of few sizes: one pass for each."""
        here = self.network.layers[layer]
        parameters, inputs = list(here.parameters), base.inputs_of(layer)[rows[some]]
        Z = np.empty((*steps.shape, here.units))
        for step in np.unique(steps):
            parameters[k] = here.parameters[k].copy()
            parameters[k].flat[element] += step
            point, function = np.nonzero(steps == step)
            Z[point, function] = here.transform.forward(parameters, inputs[function])[0]
        sample = np.tile(rows[some], len(steps))
        return self._losses(base, off, layer, sample, None, Z.reshape(-1, here.units), steps.shape)

    def _in_theta(
        self, inputs: Array, layer: int, units: Array, by_unit: Slopes
    ) -> dict[str, tuple[Array, Array, Array]]:
        """From slopes in z (n, units) to those in W and b: Z is linear in both, so this is arithmetic."""
        shape = (len(self.Y), len(units))
        d, error, kinked = (array.reshape(shape) for array in (by_unit.value, by_unit.error, by_unit.kinked))
        reach = inputs * self.scales()[:, None]  # (n, p + 1): how a step of each parameter moves each sample's loss
        known = np.isfinite(error)
        weighty = (reach != 0).astype(np.float64)
        slope = reach.T @ np.where(known, d, 0.0)
        bound = np.abs(reach).T @ np.where(known, error + 4 * EPS * np.abs(d), 0.0)
        stopped = weighty.T @ kinked > 0
        slope[weighty.T @ ~known > 0] = np.nan
        slope_W, bound_W, stopped_W = slope[:-1], bound[:-1], stopped[:-1]
        if self.objective.penalty is not None:
            pull = _penalty_slopes(self.objective.penalty, self.network.layers[layer].W, units)
            slope_W, bound_W = slope_W + pull.value.reshape(slope_W.shape), bound_W + pull.error.reshape(slope_W.shape)
            stopped_W = stopped_W | pull.kinked.reshape(slope_W.shape)
        return {"W": (slope_W, bound_W, stopped_W), "b": (slope[-1], bound[-1], stopped[-1])}

    def _slopes_in_z(self, base: Forward, off: RoundedPass, layer: int, units: Array) -> Slopes:
        """∂ℓᵢ/∂zᵢⱼ of a layer for all samples that count and these units, flat (n · units,)."""
        n, scales = len(self.Y), np.abs(self.scales())
        rows, columns = (grid.ravel() for grid in np.meshgrid(np.arange(n), units, indexing="ij"))
        places = np.tile(np.arange(len(units)), n)
        counting = np.flatnonzero(scales[rows] > 0)
        rows, columns, places = rows[counting], columns[counting], places[counting]
        losses = loss_per_sample(self.objective.loss, self.network.layers[-1], self.Y, base)
        width = max(one.units for one in self.network.layers[layer:])
        portion = max(1, AT_ONCE // (8 * width))

        def evaluate(which: Array, steps: Array) -> tuple[Array, Array, Array]:
            answers = [
                self._moved(base, off, layer, rows[some], columns[some], steps[:, k : k + portion])
                for k in range(0, len(which), portion)
                for some in (which[k : k + portion],)
            ]
            values, noise, clear = (np.concatenate(parts, axis=-1) for parts in zip(*answers, strict=True))
            return values, noise, clear

        def enough(value: Array) -> Array:
            largest = np.zeros(len(units))
            np.maximum.at(largest, places, scales[rows] * np.nan_to_num(np.abs(value)))
            return NEGLIGIBLE * largest[places] / scales[rows]

        size = np.abs(base.Z[layer][rows, columns])
        start = np.maximum(FIRST_STEP, 2.0 ** np.ceil(np.log2(np.maximum(size, 1)) - 36))  # well above the last digit
        found = slopes(evaluate, losses[rows], start, enough)
        whole = Slopes(np.zeros(n * len(units)), np.zeros(n * len(units)), np.zeros(n * len(units), dtype=bool))
        whole.value[counting], whole.error[counting], whole.kinked[counting] = found.value, found.error, found.kinked
        return whole

    def _moved(
        self, base: Forward, off: RoundedPass, layer: int, rows: Array, units: Array, steps: Array
    ) -> tuple[Array, Array, Array]:
        """ℓ of these samples with one z moved, at each step (8, T); how ℓ is rounded (T,); and what crosses no kink."""
        sample, unit = np.tile(rows, len(steps)), np.tile(units, len(steps))
        Z = base.Z[layer][sample]
        Z[np.arange(len(sample)), unit] += steps.ravel()
        return self._losses(base, off, layer, sample, unit, Z, steps.shape)

    def _losses(
        self,
        base: Forward,
        off: RoundedPass,
        layer: int,
        sample: Array,
        unit: Array | None,
        Z: Array,
        shape: tuple[int, ...],
    ) -> tuple[Array, Array, Array]:
        """The same for these samples with another Z of a layer; of which, if `unit` is given, only that has moved."""
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
        passed = Forward(A, [Z, *upper.Z], [H, *upper.H], [A, *upper.A], masks)
        Y, loss, last = self.Y[sample], self.objective.loss, layers[-1]
        values = loss_per_sample(loss, last, Y, passed)

        clear = self._same_sides(base, off, layer, sample, unit, passed)
        noise = np.abs(self._rounded_at_random(off, sample, Y, passed) - values) + 2 * EPS * np.abs(values)
        noise = np.where(clear, noise, 0.0).reshape(shape).max(axis=0)
        if loss.is_canonical_with(last.activation) and not last.activation.elementwise:
            noise = noise + EPS  # softmax: the logarithm of a sum that is at least 1
        return values.reshape(shape), noise, clear.reshape(shape)

    def _rounded_at_random(self, off: RoundedPass, sample: Array, Y: Array, passed: Forward) -> Array:
        """ℓ, had its logits, outputs and targets been rounded in another way."""
        random = np.random.default_rng(0)
        loss, last = self.objective.loss, self.network.layers[-1]
        signs = random.integers(0, 2, (3, *Y.shape)) * 2.0 - 1
        Z = passed.Z[-1] + signs[0] * off.Z[-1][sample]
        A = last.activation.value(Z) if not loss.is_canonical_with(last.activation) else passed.A[-1]
        A, Y = A * (1 + 2 * EPS * signs[1]), Y * (1 + 2 * EPS * signs[2])
        return loss_per_sample(loss, last, Y, Forward(passed.X, [Z], [A], [A], None))

    def _same_sides(
        self, base: Forward, off: RoundedPass, layer: int, sample: Array, unit: Array | None, passed: Forward
    ) -> Array:
        """Whether everything that has a kink is still on its side of it."""
        clear = np.ones(len(sample), dtype=bool)
        for number, (one, Z) in enumerate(zip(self.network.layers[layer:], passed.Z, strict=True), layer):
            if not one.activation.kinks:
                continue
            before, rounded = base.Z[number], off.Z[number]
            if unit is not None and number == layer and one.activation.elementwise:
                everywhere = np.arange(len(sample))
                now, then, slack = Z[everywhere, unit], before[sample, unit], rounded[sample, unit]
                clear &= _on_its_side(now[:, None], then[:, None], slack[:, None], one.activation.kinks)
            else:
                clear &= _on_its_side(Z, before[sample], rounded[sample], one.activation.kinks)
        loss = self.objective.loss
        if loss.kinks:
            Y, A = self.Y[sample], base.output[sample]
            slack = off.A[-1][sample] + EPS * (np.abs(A) + np.abs(Y))
            clear &= _on_its_side(passed.output - Y, A - Y, slack, loss.kinks)
        return clear


def _on_its_side(now: Array, then: Array, slack: Array, kinks: tuple[float, ...]) -> Array:
    """For each row, whether nothing has crossed a kink, and nothing that was on one has moved."""
    same = np.ones(len(now), dtype=bool)
    for kink in kinks:
        on_it = np.abs(then - kink) <= NEAR * slack
        same &= ~np.where(on_it, np.abs(now - then) > NEAR * slack, (now > kink) != (then > kink)).any(axis=1)
    return same


def _penalty_slopes(penalty: Penalty, W: Array, units: Array) -> Slopes:
    """The penalty's slope in each weight of these units, flat; of one weight alone, as a penalty is a sum over them."""
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
    return slopes(evaluate, here, 2.0 ** (np.floor(np.log2(size)) - 5))
