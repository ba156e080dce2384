"""Common mistakes in Adam, AdamW, RMSProp and AdaGrad: one step function with a switch for each mistake."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from pellucid.gradcheck.optimizer_bug import OptimizerBug, Step
from pellucid.maths.cause import Cause
from pellucid.maths.typing import Array
from pellucid.optimizers.adam import Adam, AdamW
from pellucid.optimizers.adaptive import AdaGrad, RMSProp
from pellucid.optimizers.base import State


@dataclass(frozen=True)
class AdamVariant:
    """One variant of Adam. Each field is one possible mistake or another form; the defaults are Adam.

    Attributes
    ----------
    b1, b2, epsilon : float
        β₁, β₂ and ε.
    root : str
        The denominator: "outside" √v̂ + ε, "inside" √(v̂ + ε), "inside, before" √((v + ε)/c), "before" (√v + ε)/√c,
        "none" √v̂, "no root" v̂ + ε, "twice" √√v̂ + ε, with c = 1 − β₂ᵗ.
    correct_first, correct_second : bool
        Bias correction of m and of v.
    shift : int
        Added to the step number t.
    counts : bool
        Whether t counts the steps; else t = 1.
    new_factor : "both", "first", "second" or "none"
        Which of m and v have the factor 1 − β on their new term.
    square : "square", "size" or "plain"
        v is made of g², |g| or g.
    maximum : bool
        v is the maximum in place of the mean.
    forgets : bool
        The state starts at 0 in every step.
    keeps_corrected : bool
        m̂ and v̂ are stored in place of m and v.
    numerator : "mean" or "gradient"
        The step is made of m̂ or of g.
    decay : float
        Weight decay λ.
    decay_form : "decoupled", "coupled", "without rate", "after", "added" or "square of rate"
    sums : bool
        v is a sum in place of a mean (AdaGrad).
    one_for_all : bool
        v is one number for all parameters.
    """

    b1: float = 0.9
    b2: float = 0.999
    epsilon: float = 1e-8
    root: str = "outside"
    correct_first: bool = True
    correct_second: bool = True
    shift: int = 0
    counts: bool = True
    new_factor: str = "both"
    square: str = "square"
    maximum: bool = False
    forgets: bool = False
    keeps_corrected: bool = False
    numerator: str = "mean"
    decay: float = 0.0
    decay_form: str = "decoupled"
    sums: bool = False
    one_for_all: bool = False


def adam_step(variant: AdamVariant) -> Step:
    """The step of this variant; AdaGrad and RMSProp are variants, too."""

    def move(theta: Array, g: Array, state: State, rate: float, number: int) -> Array:
        if variant.decay and variant.decay_form == "coupled":
            g = g + variant.decay * theta
        zero = np.zeros_like(theta)
        m, v = (zero, zero) if variant.forgets else (state.get("m", zero), state.get("v", zero))
        t = (number if variant.counts else 1) + variant.shift
        squared = {"square": g * g, "size": np.abs(g), "plain": g}[variant.square]
        if variant.one_for_all:
            squared = np.full_like(theta, squared.mean())
        m = variant.b1 * m + (1.0 if variant.new_factor in ("second", "none") else 1 - variant.b1) * g
        if variant.maximum:
            v = np.maximum(v if variant.sums else variant.b2 * v, squared)
        else:
            share = 1.0 if variant.sums or variant.new_factor in ("first", "none") else 1 - variant.b2
            v = (1.0 if variant.sums else variant.b2) * v + share * squared
        first = m / (1 - variant.b1**t) if variant.correct_first else m
        c = 1 - variant.b2**t if variant.correct_second else 1.0
        second = v / c
        state["m"], state["v"] = (first, second) if variant.keeps_corrected else (m, v)
        denominator = _denominator(variant, v, c)
        if variant.numerator == "gradient":
            first = g
        new = theta - rate * first / denominator
        if variant.decay:
            new = new + _decayed(variant, theta, new, rate)
        return new

    return move


def _denominator(variant: AdamVariant, v: Array, c: float) -> Array:
    """The denominator of the step; v is the mean of squares, c = 1 − β₂ᵗ."""
    e = variant.epsilon
    if variant.root == "inside":
        return np.sqrt(v / c + e)
    if variant.root == "inside, before":
        return np.sqrt((v + e) / c)
    if variant.root == "before":
        return (np.sqrt(v) + e) / np.sqrt(c)
    if variant.root == "none":
        return np.sqrt(v / c)
    if variant.root == "no root":
        return v / c + e
    if variant.root == "twice":
        return np.sqrt(np.sqrt(v / c)) + e
    return np.sqrt(v / c) + e


def _decayed(variant: AdamVariant, theta: Array, new: Array, rate: float) -> Array:
    """The change of θ by weight decay, from θ before and after the step."""
    share = {
        "decoupled": rate, "coupled": 0.0, "without rate": 1.0, "after": rate, "added": -rate,
        "square of rate": rate * rate,
    }[variant.decay_form]  # fmt: skip
    return -share * variant.decay * (new if variant.decay_form == "after" else theta)


def adam_bugs(rule: Adam) -> Iterator[OptimizerBug]:
    """Common mistakes in Adam and AdamW."""
    decay = rule.weight_decay if isinstance(rule, AdamW) else 0.0
    right = AdamVariant(rule.beta_1, rule.beta_2, rule.epsilon, decay=decay)
    note = "It has ε before the bias correction (Adam's paper, just before section 2.1; Keras, scikit-learn): another "
    note += "form of the same rule, with an ε that is 1/√(1 − β₂ᵗ) times as large."
    yield OptimizerBug(adam_step(replace(right, root="before")), None, note)
    note = "It has no ε (or one too small to be seen): a gradient of 0 then gives 0/0."
    yield OptimizerBug(adam_step(replace(right, root="none")), Cause("no ε", note))
    for variant, cause in _adam_bugs(right, rule):
        yield OptimizerBug(adam_step(variant), cause)
        if decay and variant.decay:
            coupled = Cause(f"{cause.name}, decay coupled", f"{cause.sentence} Besides: {_COUPLED}")
            yield OptimizerBug(adam_step(replace(variant, decay_form="coupled")), coupled)
    if decay:
        yield from _decay_bugs(right)
    others = ((0.0, "no momentum"), (0.5, ""), (0.8, ""), (0.95, ""), (0.99, ""), (0.999, ""))
    for b1, _ in others:
        if b1 != rule.beta_1:
            words = f"β₁ is {b1:g}, not {rule.beta_1:g}."
            yield OptimizerBug(adam_step(replace(right, b1=b1)), Cause("another constant", words))
    for b2 in (0.9, 0.95, 0.98, 0.99, 0.9999):
        if b2 != rule.beta_2:
            words = f"β₂ is {b2:g}, not {rule.beta_2:g}."
            yield OptimizerBug(adam_step(replace(right, b2=b2)), Cause("another constant", words))
    yield from _other_epsilons(right)


_COUPLED = (
    "the decay is added to the gradient (an L2 penalty), but AdamW subtracts it from θ itself, apart from Adam's step."
)


def _adam_bugs(right: AdamVariant, rule: Adam) -> Iterator[tuple[AdamVariant, Cause]]:
    uncorrected = "means that start at 0 are too small in the first steps: divide m by 1 − β₁ᵗ and v by 1 − β₂ᵗ."
    yield (
        replace(right, correct_first=False, correct_second=False),
        Cause("bias correction missing", f"The bias correction is missing: {uncorrected}"),
    )
    words = f"Only v is corrected, m is not: {uncorrected}"
    yield replace(right, correct_first=False), Cause("bias correction missing", words)
    words = f"Only m is corrected, v is not: {uncorrected}"
    yield replace(right, correct_second=False), Cause("bias correction missing", words)
    words = "ε is inside the root, √(v̂ + ε): it belongs outside, √v̂ + ε."
    yield replace(right, root="inside"), Cause("ε inside the root", words)
    words = "ε is inside the root and before the correction, √(v + ε): it belongs outside, √v̂ + ε."
    yield replace(right, root="inside, before"), Cause("ε inside the root", words)
    yield (
        replace(right, b1=rule.beta_2, b2=rule.beta_1),
        Cause("β₁ and β₂ swapped", "β₁ and β₂ are swapped: β₁ is of the mean m, β₂ of the mean of squares v."),
    )
    words = "t is one too large: it counts the steps from 1, so that 1 − βᵗ is 1 − β in the first."
    yield replace(right, shift=1), Cause("t counts wrongly", words)
    words = "t is one too small: it counts the steps from 1. At t = 0, 1 − βᵗ is 0 and is divided by."
    yield replace(right, shift=-1), Cause("t counts wrongly", words)
    words = "t is 1 in every step: it must count them."
    yield replace(right, counts=False), Cause("t counts wrongly", words)
    words = "m and v start at 0 in every step: they must be kept from step to step."
    yield replace(right, forgets=True), Cause("state not carried over", words)
    yield (
        replace(right, forgets=True, counts=False),
        Cause("state not carried over", "m, v and t start anew in every step: they must be kept from step to step."),
    )
    for share, which in (("second", "m"), ("first", "v"), ("none", "m and v")):
        words = f"The factor 1 − β before the new part of {which} is missing: it is a mean, not a sum."
        yield replace(right, new_factor=share), Cause("factor 1 − β missing", words)
    yield replace(right, root="no root"), Cause("root missing", "The root of v̂ is missing: the step is m̂/(√v̂ + ε).")
    yield replace(right, root="twice"), Cause("root taken twice", "The root of v̂ is taken twice.")
    words = "v is a mean of |g|, not of g²."
    yield replace(right, square="size"), Cause("not squared", words)
    yield replace(right, square="plain"), Cause("not squared", "v is a mean of g, not of g².")
    words = "v keeps the larger of the old and the new square; it is their running mean."
    yield replace(right, maximum=True), Cause("maximum, not mean", words)
    words = "m̂ and v̂ are kept as the state: the corrected means belong to the step alone, m and v to the state."
    yield replace(right, keeps_corrected=True), Cause("corrected means kept", words)
    words = "The step has g in place of the mean m̂."
    yield replace(right, numerator="gradient"), Cause("g for m", words)
    words = "v is one number for all parameters (a mean over them); each has its own."
    yield replace(right, one_for_all=True), Cause("one v for all", words)


def _decay_bugs(right: AdamVariant) -> Iterator[OptimizerBug]:
    for how, name, words in (
        ("coupled", "decay coupled", _COUPLED[0].upper() + _COUPLED[1:]),
        ("without rate", "decay without the rate", "The decay lacks the rate: θ is to shrink by η λ θ, not by λ θ."),
        ("after", "decay after the step", "The decay is taken from θ after Adam's step, not from θ as it was before."),
        ("added", "decay's sign flipped", "The decay is added: θ grows by η λ θ, but should shrink by it."),
        ("square of rate", "decay with the rate twice", "The decay has the rate twice: η² λ θ for η λ θ."),
    ):
        yield OptimizerBug(adam_step(replace(right, decay_form=how)), Cause(name, words))
    words = "The decay is missing: θ is to shrink by η λ θ in each step."
    yield OptimizerBug(adam_step(replace(right, decay=0.0)), Cause("decay missing", words))
    for factor, words in ((0.5, "half of it"), (2.0, "twice of it"), (0.1, "a tenth"), (10.0, "ten times of it")):
        sentence = f"The decay is λ = {factor * right.decay:g}, {words}."
        yield OptimizerBug(adam_step(replace(right, decay=factor * right.decay)), Cause("another constant", sentence))


def _other_epsilons(right: AdamVariant) -> Iterator[OptimizerBug]:
    for exponent in range(3, 17):
        epsilon = 10.0**-exponent
        if epsilon != right.epsilon:
            words = f"ε is {epsilon:g}, not {right.epsilon:g}."
            yield OptimizerBug(adam_step(replace(right, epsilon=epsilon)), Cause("another constant", words))


def rmsprop_bugs(rule: RMSProp) -> Iterator[OptimizerBug]:
    """Common mistakes in RMSProp."""
    right = _uncorrected(AdamVariant(0.0, rule.rho, rule.epsilon))
    yield OptimizerBug(adam_step(right), None)
    yield from _second_moment_bugs(right, "s")
    words = "1 − ρ stands where ρ belongs: s ← ρ s + (1 − ρ) g²."
    yield OptimizerBug(adam_step(replace(right, b2=1 - rule.rho)), Cause("ρ and 1 − ρ swapped", words))
    words = "The factor 1 − ρ before g² is missing: s is a mean, not a sum."
    yield OptimizerBug(adam_step(replace(right, new_factor="none")), Cause("factor 1 − β missing", words))
    words = "s is the sum of all squares (AdaGrad's); it is their running mean."
    yield OptimizerBug(adam_step(replace(right, sums=True)), Cause("sum, not mean", words))
    words = "s is divided by 1 − ρᵗ, a bias correction that RMSProp has not."
    yield OptimizerBug(adam_step(replace(right, correct_second=True)), Cause("bias correction added", words))
    for rho in (0.5, 0.8, 0.95, 0.99, 0.999):
        if rho != rule.rho:
            words = f"ρ is {rho:g}, not {rule.rho:g}."
            yield OptimizerBug(adam_step(replace(right, b2=rho)), Cause("another constant", words))


def adagrad_bugs(rule: AdaGrad) -> Iterator[OptimizerBug]:
    """Common mistakes in AdaGrad."""
    right = _uncorrected(AdamVariant(0.0, 1.0, rule.epsilon, sums=True))
    yield OptimizerBug(adam_step(right), None)
    yield from _second_moment_bugs(right, "s")
    for decay in (0.5, 0.9, 0.95, 0.99, 0.999):
        words = f"s is a running mean with the factor {decay:g} (RMSProp's); it is the sum of all squares."
        yield OptimizerBug(adam_step(replace(right, sums=False, b2=decay)), Cause("mean, not sum", words))


def _uncorrected(variant: AdamVariant) -> AdamVariant:
    """The variant without bias correction."""
    return replace(variant, correct_first=False, correct_second=False)


def _second_moment_bugs(right: AdamVariant, s: str) -> Iterator[OptimizerBug]:
    """Mistakes in the denominator √s + ε of RMSProp and AdaGrad."""
    for variant, name, words in (
        (replace(right, root="inside"), "ε inside the root", f"ε is inside the root, √({s} + ε): it belongs outside."),
        (replace(right, root="none"), "no ε", "It has no ε (or one too small to be seen)."),
        (replace(right, root="no root"), "root missing", f"The root is missing: g is divided by √{s} + ε."),
        (replace(right, root="twice"), "root taken twice", f"The root of {s} is taken twice."),
        (replace(right, square="size"), "not squared", f"{s} is made of |g|, not of g²."),
        (replace(right, square="plain"), "not squared", f"{s} is made of g, not of g²."),
        (
            replace(right, maximum=True),
            "maximum, not sum" if right.sums else "maximum, not mean",
            f"{s} keeps the larger of the old and the new square.",
        ),
        (
            replace(right, forgets=True),
            "state not carried over",
            f"{s} starts at 0 in every step: it must be kept from step to step.",
        ),
        (replace(right, one_for_all=True), "one v for all", f"{s} is one number for all parameters; each has its own."),
    ):
        yield OptimizerBug(adam_step(variant), Cause(name, words))
    yield from _other_epsilons(right)
