"""Update rules as people get them wrong: each rule of this package, with a switch at each place of a mistake.

`variants` lists, for one rule, the mistakes that can be made in it, each as a rule of its own that can be run; and the
other forms in which a right one is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from pellucid.maths.cause import Cause
from pellucid.maths.typing import Array
from pellucid.optimizers.adam import Adam, AdamW, NAdam
from pellucid.optimizers.adaptive import AdaGrad, RMSProp
from pellucid.optimizers.base import FirstOrder
from pellucid.optimizers.descent import GradientDescent, Momentum, Nesterov

Memory = dict[str, Array]


@dataclass(frozen=True)
class Slip:
    """One rule with one mistake. `move` answers the new θ and changes the memory."""

    move: Callable[[Array, Array, Memory, float, int], Array]
    cause: Cause | None
    """None: it is right, in another form."""
    note: str = ""


@dataclass(frozen=True)
class Ways:
    """How a rule is carried out: the defaults are right."""

    b1: float = 0.9
    b2: float = 0.999
    epsilon: float = 1e-8
    root: str = "outside"
    correct_first: bool = True
    correct_second: bool = True
    shift: int = 0
    counts: bool = True
    fresh_share: str = "both"
    square: str = "square"
    largest: bool = False
    forgets: bool = False
    keeps_corrected: bool = False
    numerator: str = "mean"
    decay: float = 0.0
    how_decayed: str = "decoupled"
    sums: bool = False
    one_for_all: bool = False


def averaged(ways: Ways) -> Callable[[Array, Array, Memory, float, int], Array]:
    """Adam and its relatives, AdaGrad and RMSProp among them: m and v in each of these ways."""

    def move(theta: Array, g: Array, memory: Memory, rate: float, step: int) -> Array:
        if ways.decay and ways.how_decayed == "coupled":
            g = g + ways.decay * theta
        zero = np.zeros_like(theta)
        m, v = (zero, zero) if ways.forgets else (memory.get("m", zero), memory.get("v", zero))
        t = (step if ways.counts else 1) + ways.shift
        squared = {"square": g * g, "size": np.abs(g), "plain": g}[ways.square]
        if ways.one_for_all:
            squared = np.full_like(theta, squared.mean())
        m = ways.b1 * m + (1.0 if ways.fresh_share in ("second", "none") else 1 - ways.b1) * g
        if ways.largest:
            v = np.maximum(v if ways.sums else ways.b2 * v, squared)
        else:
            share = 1.0 if ways.sums or ways.fresh_share in ("first", "none") else 1 - ways.b2
            v = (1.0 if ways.sums else ways.b2) * v + share * squared
        first = m / (1 - ways.b1**t) if ways.correct_first else m
        c = 1 - ways.b2**t if ways.correct_second else 1.0
        second = v / c
        memory["m"], memory["v"] = (first, second) if ways.keeps_corrected else (m, v)
        spread = _spread(ways, v, c)
        if ways.numerator == "gradient":
            first = g
        new = theta - rate * first / spread
        if ways.decay:
            new = new + _decayed(ways, theta, new, rate)
        return new

    return move


def _spread(ways: Ways, v: Array, c: float) -> Array:
    """What the mean is divided by; v is the mean of squares, c = 1 − β₂ᵗ."""
    e = ways.epsilon
    if ways.root == "inside":
        return np.sqrt(v / c + e)
    if ways.root == "inside, before":
        return np.sqrt((v + e) / c)
    if ways.root == "before":
        return (np.sqrt(v) + e) / np.sqrt(c)
    if ways.root == "none":
        return np.sqrt(v / c)
    if ways.root == "no root":
        return v / c + e
    if ways.root == "twice":
        return np.sqrt(np.sqrt(v / c)) + e
    return np.sqrt(v / c) + e


def _decayed(ways: Ways, theta: Array, new: Array, rate: float) -> Array:
    """The change of θ by decay, from θ before and after the step."""
    share = {
        "decoupled": rate, "coupled": 0.0, "without rate": 1.0, "after": rate, "added": -rate,
        "square of rate": rate * rate,
    }[ways.how_decayed]  # fmt: skip
    return -share * ways.decay * (new if ways.how_decayed == "after" else theta)


def variants(rule: FirstOrder) -> Iterator[Slip]:
    """The mistakes that can be made in this rule, and its other forms."""
    if isinstance(rule, NAdam):
        yield from _of_nadam(rule)
    elif isinstance(rule, Adam):
        yield from _of_adam(rule)
    elif isinstance(rule, RMSProp):
        yield from _of_rmsprop(rule)
    elif isinstance(rule, AdaGrad):
        yield from _of_adagrad(rule)
    elif isinstance(rule, Momentum):
        yield from _of_momentum(rule)
    elif isinstance(rule, GradientDescent):
        yield from _of_descent()


def _of_adam(rule: Adam) -> Iterator[Slip]:
    decay = rule.weight_decay if isinstance(rule, AdamW) else 0.0
    right = Ways(rule.beta_1, rule.beta_2, rule.epsilon, decay=decay)
    note = "It has ε before the bias correction (Adam's paper, just before section 2.1; Keras, scikit-learn): another "
    note += "form of the same rule, with an ε that is 1/√(1 − β₂ᵗ) times as large."
    yield Slip(averaged(replace(right, root="before")), None, note)
    note = "It has no ε (or one too small to be seen): where a gradient is 0, 0/0 comes of it."
    yield Slip(averaged(replace(right, root="none")), Cause("no ε", note))
    for ways, cause in _adam_slips(right, rule):
        yield Slip(averaged(ways), cause)
        if decay and ways.decay:
            coupled = Cause(f"{cause.name}, decay coupled", f"{cause.sentence} Besides: {_COUPLED}")
            yield Slip(averaged(replace(ways, how_decayed="coupled")), coupled)
    if decay:
        yield from _of_decay(right)
    others = ((0.0, "no momentum"), (0.5, ""), (0.8, ""), (0.95, ""), (0.99, ""), (0.999, ""))
    for b1, _ in others:
        if b1 != rule.beta_1:
            words = f"β₁ is {b1:g}, not {rule.beta_1:g}."
            yield Slip(averaged(replace(right, b1=b1)), Cause("another constant", words))
    for b2 in (0.9, 0.95, 0.98, 0.99, 0.9999):
        if b2 != rule.beta_2:
            words = f"β₂ is {b2:g}, not {rule.beta_2:g}."
            yield Slip(averaged(replace(right, b2=b2)), Cause("another constant", words))
    yield from _other_epsilons(right)


_COUPLED = "the decay is added to the gradient (an L2 penalty), where AdamW takes it from θ itself, beside Adam's step."


def _adam_slips(right: Ways, rule: Adam) -> Iterator[tuple[Ways, Cause]]:
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
        yield replace(right, fresh_share=share), Cause("factor 1 − β missing", words)
    yield replace(right, root="no root"), Cause("root missing", "The root of v̂ is missing: the step is m̂/(√v̂ + ε).")
    yield replace(right, root="twice"), Cause("root taken twice", "The root of v̂ is taken twice.")
    words = "v is a mean of |g|, not of g²."
    yield replace(right, square="size"), Cause("not squared", words)
    yield replace(right, square="plain"), Cause("not squared", "v is a mean of g, not of g².")
    words = "v keeps the larger of the old and the new square; it is their running mean."
    yield replace(right, largest=True), Cause("maximum, not mean", words)
    words = "m̂ and v̂ are kept as the state: the corrected means belong to the step alone, m and v to the state."
    yield replace(right, keeps_corrected=True), Cause("corrected means kept", words)
    words = "The step has g in place of the mean m̂."
    yield replace(right, numerator="gradient"), Cause("g for m", words)
    words = "v is one number for all parameters (a mean over them); each has its own."
    yield replace(right, one_for_all=True), Cause("one v for all", words)


def _of_decay(right: Ways) -> Iterator[Slip]:
    for how, name, words in (
        ("coupled", "decay coupled", _COUPLED[0].upper() + _COUPLED[1:]),
        ("without rate", "decay without the rate", "The decay lacks the rate: θ is to shrink by η λ θ, not by λ θ."),
        ("after", "decay after the step", "The decay is taken from θ after Adam's step, not from θ as it was before."),
        ("added", "decay's sign flipped", "The decay is added: θ grows by η λ θ where it is to shrink by that."),
        ("square of rate", "decay with the rate twice", "The decay has the rate twice: η² λ θ for η λ θ."),
    ):
        yield Slip(averaged(replace(right, how_decayed=how)), Cause(name, words))
    words = "The decay is missing: θ is to shrink by η λ θ in each step."
    yield Slip(averaged(replace(right, decay=0.0)), Cause("decay missing", words))
    for factor, words in ((0.5, "half of it"), (2.0, "twice of it"), (0.1, "a tenth"), (10.0, "ten times of it")):
        sentence = f"The decay is λ = {factor * right.decay:g}, {words}."
        yield Slip(averaged(replace(right, decay=factor * right.decay)), Cause("another constant", sentence))


def _other_epsilons(right: Ways) -> Iterator[Slip]:
    for exponent in range(3, 17):
        epsilon = 10.0**-exponent
        if epsilon != right.epsilon:
            words = f"ε is {epsilon:g}, not {right.epsilon:g}."
            yield Slip(averaged(replace(right, epsilon=epsilon)), Cause("another constant", words))


def _of_rmsprop(rule: RMSProp) -> Iterator[Slip]:
    right = _plain(Ways(0.0, rule.decay, rule.epsilon))
    yield Slip(averaged(right), None)
    yield from _scaled_slips(right, "s")
    words = "1 − ρ stands where ρ belongs: s ← ρ s + (1 − ρ) g²."
    yield Slip(averaged(replace(right, b2=1 - rule.decay)), Cause("ρ and 1 − ρ swapped", words))
    words = "The factor 1 − ρ before g² is missing: s is a mean, not a sum."
    yield Slip(averaged(replace(right, fresh_share="none")), Cause("factor 1 − β missing", words))
    words = "s is the sum of all squares (AdaGrad's); it is their running mean."
    yield Slip(averaged(replace(right, sums=True)), Cause("sum, not mean", words))
    words = "s is divided by 1 − ρᵗ, a bias correction that RMSProp has not."
    yield Slip(averaged(replace(right, correct_second=True)), Cause("bias correction added", words))
    for decay in (0.5, 0.8, 0.95, 0.99, 0.999):
        if decay != rule.decay:
            words = f"ρ is {decay:g}, not {rule.decay:g}."
            yield Slip(averaged(replace(right, b2=decay)), Cause("another constant", words))


def _of_adagrad(rule: AdaGrad) -> Iterator[Slip]:
    right = _plain(Ways(0.0, 1.0, rule.epsilon, sums=True))
    yield Slip(averaged(right), None)
    yield from _scaled_slips(right, "s")
    for decay in (0.5, 0.9, 0.95, 0.99, 0.999):
        words = f"s is a running mean with the factor {decay:g} (RMSProp's); it is the sum of all squares."
        yield Slip(averaged(replace(right, sums=False, b2=decay)), Cause("mean, not sum", words))


def _plain(ways: Ways) -> Ways:
    """Without Adam's mean and corrections."""
    return replace(ways, correct_first=False, correct_second=False)


def _scaled_slips(right: Ways, s: str) -> Iterator[Slip]:
    """Mistakes of the rules that divide by a root of squares."""
    for ways, name, words in (
        (replace(right, root="inside"), "ε inside the root", f"ε is inside the root, √({s} + ε): it belongs outside."),
        (replace(right, root="none"), "no ε", "It has no ε (or one too small to be seen)."),
        (replace(right, root="no root"), "root missing", f"The root is missing: g is divided by √{s} + ε."),
        (replace(right, root="twice"), "root taken twice", f"The root of {s} is taken twice."),
        (replace(right, square="size"), "not squared", f"{s} is made of |g|, not of g²."),
        (replace(right, square="plain"), "not squared", f"{s} is made of g, not of g²."),
        (
            replace(right, largest=True),
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
        yield Slip(averaged(ways), Cause(name, words))
    yield from _other_epsilons(right)


def _of_nadam(rule: NAdam) -> Iterator[Slip]:
    def move_with(
        *, warm: bool = True, ahead: bool = True, product: bool = True, ways: str = "outside", swapped: bool = False
    ) -> Callable[[Array, Array, Memory, float, int], Array]:
        b1, b2 = (rule.beta_2, rule.beta_1) if swapped else (rule.beta_1, rule.beta_2)

        def mu(t: int) -> float:
            return float(b1 * (1 - 0.5 * 0.96 ** (t * rule.momentum_decay))) if warm else b1

        def move(theta: Array, g: Array, memory: Memory, rate: float, step: int) -> Array:
            zero = np.zeros_like(theta)
            m = b1 * memory.get("m", zero) + (1 - b1) * g
            v = b2 * memory.get("v", zero) + (1 - b2) * g * g
            kept = float(memory.get("p", np.ones(1))[0]) if product else 1.0
            now, following = mu(step), mu(step + 1)
            if not warm:
                kept = b1 ** (step - 1)
            memory.update(m=m, v=v, p=np.array([kept * now]))
            both = kept * now
            mean = following * m / (1 - both * following) + (1 - now) * g / (1 - both)
            if not ahead:
                mean = m / (1 - b1**step)
            corrected = v if ways == "uncorrected" else v / (1 - b2**step)
            spread = np.sqrt(corrected + rule.epsilon) if ways == "inside" else np.sqrt(corrected) + rule.epsilon
            return theta - rate * mean / spread

        return move

    for move, name, words in (
        (move_with(ahead=False), "look-ahead missing", "The look-ahead is missing: this is Adam's step."),
        (move_with(warm=False), "momentum does not warm up", "μ is β₁ in every step; it is β₁ (1 − ½·0.96^(tψ))."),
        (move_with(product=False), "product not kept", "Π is the last μ alone; it is the product of all up to t."),
        (move_with(ways="inside"), "ε inside the root", "ε is inside the root, √(v̂ + ε): it belongs outside."),
        (move_with(ways="uncorrected"), "bias correction missing", "v is not divided by 1 − β₂ᵗ."),
        (move_with(swapped=True), "β₁ and β₂ swapped", "β₁ and β₂ are swapped."),
    ):
        yield Slip(move, Cause(name, words))


def _of_momentum(rule: Momentum) -> Iterator[Slip]:
    mu, ahead = rule.momentum, isinstance(rule, Nesterov)

    def move_with(
        *, mu: float = mu, ahead: bool = ahead, share: float = 1.0, late: bool = False, twice: bool = False,
        forgets: bool = False, opposed: bool = False, doubled: bool = False,
    ) -> Callable[[Array, Array, Memory, float, int], Array]:  # fmt: skip
        def move(theta: Array, g: Array, memory: Memory, rate: float, step: int) -> Array:
            old = np.zeros_like(theta) if forgets else memory.get("v", np.zeros_like(theta))
            v = (-mu if opposed else mu) * old - share * rate * g
            if twice:
                v = mu * v - share * rate * g
            memory["v"] = v
            if late:
                return theta + old
            if doubled:
                return theta + v - rate * g
            return theta + mu * v - rate * share * g if ahead else theta + v

        return move

    yield Slip(move_with(), None)
    kept = "v must be kept from step to step"
    for move, name, words in (
        (move_with(forgets=True), "state not carried over", f"v starts at 0 in every step: {kept}."),
        (
            move_with(share=1 - mu),
            "factor 1 − μ added",
            "The gradient has a factor 1 − μ, which v ← μ v − η g has not.",
        ),
        (move_with(mu=mu**2), "momentum applied twice", "The old velocity is multiplied by μ twice, μ²."),
        (move_with(twice=True), "momentum applied twice", "v is moved twice in each step."),
        (move_with(late=True), "old velocity", "θ is moved by the velocity before its update."),
        (
            move_with(opposed=True),
            "momentum's sign flipped",
            "The old velocity is subtracted: in v ← μ v − η g it is added.",
        ),
        (
            move_with(ahead=not ahead),
            "look-ahead missing" if ahead else "Nesterov's step",
            "The look-ahead is missing: θ ← θ + μ v − η g, where v is the new velocity."
            if ahead
            else "θ is moved by μ v − η g, Nesterov's step (momentum applied once more); here it is v.",
        ),
        (move_with(doubled=True, ahead=False), "gradient applied twice", "η g is in v, and is subtracted once more."),
    ):
        yield Slip(move, Cause(name, words))
    for other in (0.0, 0.5, 0.8, 0.95, 0.99):
        if other != mu:
            yield Slip(move_with(mu=other), Cause("another constant", f"μ is {other:g}, not {mu:g}."))


def _of_descent() -> Iterator[Slip]:
    for mu in (0.5, 0.8, 0.9, 0.95, 0.99):

        def move(theta: Array, g: Array, memory: Memory, rate: float, step: int, mu: float = mu) -> Array:
            memory["v"] = mu * memory.get("v", np.zeros_like(theta)) - rate * g
            return theta + memory["v"]

        yield Slip(move, Cause("momentum added", f"It has a momentum of {mu:g}; plain descent has none."))

    def signs(theta: Array, g: Array, memory: Memory, rate: float, step: int) -> Array:
        return theta - rate * np.sign(g)

    def of_length_1(theta: Array, g: Array, memory: Memory, rate: float, step: int) -> Array:
        return theta - rate * g / np.linalg.norm(g)

    def summed(theta: Array, g: Array, memory: Memory, rate: float, step: int) -> Array:
        memory["g"] = memory.get("g", np.zeros_like(theta)) + g
        return theta - rate * memory["g"]

    def faded(theta: Array, g: Array, memory: Memory, rate: float, step: int) -> Array:
        return theta - rate / step * g

    yield Slip(signs, Cause("signs only", "It moves by the signs of the gradient, not by the gradient."))
    yield Slip(of_length_1, Cause("normalised", "The gradient is divided by its norm: each step has the length η."))
    yield Slip(summed, Cause("gradients added up", "The gradients are added up from step to step: start from zeros."))
    yield Slip(faded, Cause("rate falls", "The rate is divided by the number of the step."))
