r"""Tests of the hypotheses: which mistake, repeated on purpose, predicts the gradient that was given?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pellucid.gradcheck.evidence import AGREEMENT, GroupEvidence, agree, common_ratio
from pellucid.gradcheck.factors import Sizes, explain_factor, lower_first
from pellucid.gradcheck.gradient_bugs import GradientBug, backpropagate
from pellucid.gradcheck.hypotheses import hypotheses
from pellucid.gradcheck.probe import Probe
from pellucid.maths.cause import Cause
from pellucid.maths.typing import Array
from pellucid.network.forward import Forward

MAX_SAMPLES = 400
"""Largest number of samples for which the gradient of each sample is computed."""


def matching_bug(probe: Probe, groups: list[GroupEvidence], sizes: Sizes) -> Cause | None:
    """The mistake that predicts the given gradient; else a mistake together with a factor or a penalty; or None."""
    forward_pass = probe.forward_pass()
    second_best = None
    if probe.objective.penalty is not None:
        second_best = _scaled_loss_gradient(probe, forward_pass, groups, sizes)
    found: list[Cause] = []
    with np.errstate(all="ignore"):
        penalty_gradient = _penalty_gradient(probe, forward_pass)
        for bug, cause in hypotheses(probe):
            predicted = _split(probe, backpropagate(probe, forward_pass, bug))
            if not all(np.isfinite(theirs).all() for theirs in predicted):
                continue
            if matches(groups, predicted):
                found.append(cause)
            elif not found and second_best is None:
                second_best = _with_a_factor(cause, predicted, groups, sizes)
                if second_best is None and penalty_gradient is not None:
                    second_best = _with_a_penalty(cause, predicted, groups, penalty_gradient)
        if found:
            return _combined(found)
        for search in (_early_update, _omitted_samples):
            solved = search(probe, forward_pass, groups)
            if solved is not None:
                return solved
    return second_best


def matches(groups: list[GroupEvidence], predicted: list[Array]) -> bool:
    """Whether a predicted gradient is the given one, so closely that it accounts for the error.

    All groups agree to `AGREEMENT`, and at most a hundredth of the error is unexplained.
    """
    gap = unexplained = 0.0
    for group, theirs in zip(groups, predicted, strict=True):
        known = group.known & np.isfinite(group.given)
        if not known.any():
            continue
        size = max(float(np.abs(group.given[known]).max()), float(np.abs(theirs[known]).max()))
        off = float(np.abs(group.given - theirs)[known].max())
        if off > AGREEMENT * size:
            return False
        if size > 0 and not group.passed:
            unexplained = max(unexplained, off / size)
            gap = max(gap, float(np.abs(group.given - group.right)[known].max()) / size)
    return unexplained <= 1e-2 * gap


def _combined(found: list[Cause]) -> Cause:
    """All mistakes that predict these numbers, as one cause."""
    names = list(dict.fromkeys(cause.name for cause in found))
    sentences = list(dict.fromkeys(cause.sentence for cause in found))[:3]
    return Cause(" or ".join(names), " Or: ".join(sentences))


def _with_a_factor(cause: Cause, predicted: list[Array], groups: list[GroupEvidence], sizes: Sizes) -> Cause | None:
    """The mistake together with a constant factor on the wrong groups."""
    wrong = [(group, theirs) for group, theirs in zip(groups, predicted, strict=True) if not group.passed]
    right = [(group, theirs) for group, theirs in zip(groups, predicted, strict=True) if group.passed]
    if not all(agree(group.given, np.where(group.known, theirs, np.nan)) for group, theirs in right):
        return None
    ratio = common_ratio([(group.given, np.where(group.known, theirs, np.nan)) for group, theirs in wrong])
    if ratio is None or not any(not agree(theirs, group.right) for group, theirs in wrong):
        return None
    if common_ratio([(theirs, group.right) for group, theirs in wrong]) is not None:
        return None
    if not matches(
        groups, [theirs * (1 if group.passed else ratio) for group, theirs in zip(groups, predicted, strict=True)]
    ):
        return None
    factor = explain_factor(ratio, sizes)
    if factor.name.endswith("constant factor"):
        return None
    return Cause(f"{cause.name}, {factor.name}", f"{cause.sentence} Besides: {lower_first(factor.sentence)}")


def _with_a_penalty(
    cause: Cause, predicted: list[Array], groups: list[GroupEvidence], penalty_gradient: list[Array]
) -> Cause | None:
    """The mistake together with another factor on the penalty's gradient."""
    if "penalty" in cause.name:
        return None
    gaps = [
        (group.given - theirs, p)
        for group, theirs, p in zip(groups, predicted, penalty_gradient, strict=True)
        if p.any()
    ]
    constant = common_ratio(gaps)
    if constant is None or abs(constant) < 1e-4:
        return None
    if not matches(groups, [theirs + constant * p for theirs, p in zip(predicted, penalty_gradient, strict=True)]):
        return None
    if abs(constant + 1) < 1e-4:
        return Cause(
            f"{cause.name}, penalty left out", f"{cause.sentence} Besides, the penalty's gradient is left out."
        )
    words = f"{cause.sentence} Besides, the penalty's gradient is {1 + constant:.4g} times what it should be."
    return Cause(f"{cause.name}, penalty's factor", words)


def _penalty_gradient(probe: Probe, forward_pass: Forward) -> list[Array] | None:
    """The part of the gradient that comes from the penalty."""
    if probe.objective.penalty is None:
        return None
    with_it = backpropagate(probe, forward_pass, GradientBug())
    return _split(probe, with_it - backpropagate(probe, forward_pass, GradientBug(penalty_strength=0.0)))


def _scaled_loss_gradient(
    probe: Probe, forward_pass: Forward, groups: list[GroupEvidence], sizes: Sizes
) -> Cause | None:
    """A factor on the gradient of the loss only, in all layers or below one; that of the penalty right or left out."""
    bare = _split(probe, backpropagate(probe, forward_pass, GradientBug(penalty_strength=0.0)))
    penalty_gradient = _penalty_gradient(probe, forward_pass) or [np.zeros_like(theirs) for theirs in bare]
    for strength, besides in ((1.0, ""), (0.0, " Besides, the penalty's gradient is left out.")):
        for start in range(len(groups), 0, -2):
            pairs = [
                (group.given - strength * p, theirs)
                for group, p, theirs in zip(groups, penalty_gradient, bare, strict=True)
            ][:start]
            ratio = common_ratio(pairs)
            if ratio is None or abs(ratio - 1) < 1e-4:
                continue
            predicted = [
                theirs * (ratio if i < start else 1) + strength * p
                for i, (theirs, p) in enumerate(zip(bare, penalty_gradient, strict=True))
            ]
            if not matches(groups, predicted):
                continue
            factor = explain_factor(ratio, sizes)
            below, name = "", factor.name
            if start < len(groups):
                below, name = f" This is so below layer {start // 2 + 1}.", f"{factor.name} below"
            if besides:
                name += ", penalty left out"
            return Cause(name, f"Without the penalty's part, {lower_first(factor.sentence)}{below}{besides}")
    return None


def _early_update(probe: Probe, forward_pass: Forward, groups: list[GroupEvidence]) -> Cause | None:
    """W updated before δ is propagated through it: the layer below gets g + η g₁, which is solved for the rate η."""
    layers = probe.network.layers
    below = "Compute all gradients first, then take the step."
    for place in [None, *range(1, len(layers))]:
        index = 2 * ((len(layers) - 1 if place is None else place) - 1)
        if index < 0 or groups[index].passed:
            continue

        def predict(rate: float, place: int | None = place) -> list[Array]:
            return _split(probe, backpropagate(probe, forward_pass, GradientBug(layer=place, early_rate=rate)))

        start, unit = predict(0.0)[index], predict(1.0)[index]
        direction = unit - start
        if not direction.any():
            continue
        rate = float(((groups[index].given - start) * direction).sum() / (direction**2).sum())
        if not np.isfinite(rate) or rate == 0 or not matches(groups, predict(rate)):
            continue
        which = "Each W" if place is None or len(layers) == 2 else f"W of layer {place + 1}"
        words = f"{which} has been changed (by a step with rate {rate:.4g}) before δ is multiplied by it. {below}"
        return Cause("weights changed too early", words)
    return None


def _omitted_samples(probe: Probe, forward_pass: Forward, groups: list[GroupEvidence]) -> Cause | None:
    """Samples left out: the gradient is Σᵢ sᵢ gᵢ, which is solved for s if θ is longer than n."""
    n = len(probe.Y)
    if not 1 < n <= MAX_SAMPLES:
        return None
    known = np.concatenate([group.known.ravel() for group in groups])
    given = np.concatenate([group.given.ravel() for group in groups])[known]
    rest = backpropagate(probe, forward_pass, GradientBug(sample_factors=np.zeros(n)))
    columns = [backpropagate(probe, forward_pass, GradientBug(sample_factors=row)) - rest for row in np.eye(n)]
    each = np.stack(columns, axis=1)
    for shares in _candidate_shares(each[known], given - rest[known], n):
        if matches(groups, _split(probe, each @ shares + rest)):
            out = np.flatnonzero(shares == 0)
            if out.size == 0 or out.size == n:
                continue
            factor = float(shares.max())
            which = f"sample {out[0] + 1}" if out.size == 1 else _range(out)
            how = "" if abs(factor - 1) < 1e-4 else f" The others count {factor:.4g} times as much as in the loss."
            words = f"{which[0].upper()}{which[1:]} of {n} {'is' if out.size == 1 else 'are'} left out of the gradient."
            return Cause("samples left out", words + how)
    return None


def _candidate_shares(each: Array, given: Array, n: int) -> Iterator[Array]:
    """Candidates for the factors sᵢ of the samples: 0, or one number for all others."""
    if each.shape[0] > n:
        solved, _, rank, _ = np.linalg.lstsq(each, given, rcond=1e-10)
        if rank == n:
            level = float(np.median(solved[np.abs(solved) > 0.5 * np.abs(solved).max()]))
            included = np.abs(solved - level) <= 1e-2 * abs(level)
            if (included | (np.abs(solved) <= 1e-2 * abs(level))).all():
                yield included * _level(each, given, included)
            return
    for cut in range(1, n):
        for included in (np.arange(n) < cut, np.arange(n) >= cut):
            yield included * _level(each, given, included)


def _level(each: Array, given: Array, included: Array) -> float:
    """The common factor of the included samples, by least squares."""
    total = each @ included.astype(np.float64)
    energy = float(total @ total)
    return float(given @ total) / energy if energy > 0 else 0.0


def _range(indices: Array) -> str:
    first, last = int(indices[0]) + 1, int(indices[-1]) + 1
    if last - first + 1 == indices.size:
        return f"samples {first} to {last}"
    shown = ", ".join(str(int(i) + 1) for i in indices[:6])
    return f"samples {shown}{', …' if indices.size > 6 else ''}"


def _split(probe: Probe, flat: Array) -> list[Array]:
    return [group.of(flat) for group in probe.network.groups]
