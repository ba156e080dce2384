"""Adam and its relatives: running means of the gradient and of its square."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from pellucid.maths.checks import check_real
from pellucid.maths.elementary import sqrt
from pellucid.maths.typing import Array
from pellucid.optimizers.base import OPTIMIZERS, FirstOrder, State

__all__ = ["Adam", "AdamW", "NAdam"]


def _with_epsilon_hat(formula: str) -> str:
    """A rule's formula with ε/√(1 − β₂ᵗ) where ε stands: ε is ε̂ there."""
    return formula.replace(r"\varepsilon", r"\frac{\varepsilon}{\sqrt{1 - \beta_2^t}}")


@OPTIMIZERS.register
@dataclass(frozen=True)
class Adam(FirstOrder):
    r"""m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², θ ← θ − η m̂/(√v̂ + ε).

    m̂ = m/(1 − β₁ᵗ) and v̂ = v/(1 − β₂ᵗ) undo the means' start at 0; t counts the steps from 1. Each parameter's first
    step has length η, whatever its gradient.

    With `epsilon_hat`, ε is ε̂, which is added before the correction: θ ← θ − η √(1 − β₂ᵗ)/(1 − β₁ᵗ) · m/(√v + ε̂).
    This is the usual step with ε = ε̂/√(1 − β₂ᵗ), 32 times ε̂ in the first step and ε̂ itself in the end. TensorFlow,
    Keras and scikit-learn step so, and `pellucid.MLPClassifier` and `MLPRegressor` do, to repeat scikit-learn's runs.

    The squares g² must not overflow: beyond 1.8e19 in float32 v becomes infinite and the step 0. `fit` raises a
    DivergenceError where that happens.

    Source: Kingma, Ba, "Adam: a method for stochastic optimization" (2015), algorithm 1; ε̂ is the last paragraph of its
    section 2.

    >>> theta, rule = np.array([1.0]), Adam(learning_rate=0.1, epsilon=0.5, epsilon_hat=True)
    >>> rule.step(theta, np.array([2.0]), rule.init(theta), rule.learning_rate)  # 0.1 · 2/(2 + 0.5 · 31.6)
    >>> theta.round(4)
    array([0.9888])
    """

    learning_rate: float = 0.001
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8
    epsilon_hat: bool = field(default=False, kw_only=True)

    name: ClassVar[str] = "adam"
    title: ClassVar[str] = "Adam"
    symbols: ClassVar[Mapping[str, str]] = {
        **FirstOrder.symbols, "beta_1": r"\beta_1", "beta_2": r"\beta_2", "epsilon": r"\varepsilon",
    }  # fmt: skip
    kernel_vectors: ClassVar[tuple[str, ...]] = ("m", "v")
    kernel_numbers: ClassVar[tuple[str, ...]] = (
        "epsilon", "beta_1", "one_minus_beta1", "beta_2", "one_minus_beta2", "bias_correction1", "bias_correction2",
    )  # fmt: skip
    formula: ClassVar[str] = (
        r"m \leftarrow \beta_1 m + (1 - \beta_1)\,g,\quad v \leftarrow \beta_2 v + (1 - \beta_2)\,g^2,\quad"
        r"\theta \leftarrow \theta - \eta\,\frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \varepsilon}"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        check_real(f"{type(self).__name__} beta_1", self.beta_1, least=0, below=1)
        check_real(f"{type(self).__name__} beta_2", self.beta_2, least=0, below=1)
        check_real(f"{type(self).__name__} epsilon", self.epsilon, above=0)
        if self.epsilon_hat:  # the formula of this object; the class keeps the usual one
            object.__setattr__(self, "formula", _with_epsilon_hat(self.formula))

    def epsilon_at(self, t: Any) -> Any:
        """The number added to √v̂ in step t (a number, or an array of them): ε, or ε̂/√(1 − β₂ᵗ)."""
        return self.epsilon / np.sqrt(1 - self.beta_2**t) if self.epsilon_hat else self.epsilon

    def init(self, theta: Array, decayed: Array | None = None) -> State:
        """Both running means and the count of steps, 0."""
        return {"m": np.zeros_like(theta), "v": np.zeros_like(theta), "t": np.zeros(1, dtype=np.int64)}

    def step(self, theta: Array, gradient: Array, state: State, rate: float) -> None:
        """Update both means, then move by their corrected ratio."""
        m, v = self._update_means(gradient, state)
        t = int(state["t"][0])
        spread = v / (1 - self.beta_2**t)
        np.sqrt(spread, out=spread)
        spread += self.epsilon_at(t)
        step = np.divide(m, spread, out=spread)  # in place: of large θ, memory takes most of the time
        step *= rate / (1 - self.beta_1**t)
        theta -= step

    def _update_means(self, gradient: Array, state: State) -> tuple[Array, Array]:
        state["t"] += 1
        m, v = state["m"], state["v"]
        m *= self.beta_1
        m += (1 - self.beta_1) * gradient
        v *= self.beta_2
        squared = gradient * gradient
        squared *= 1 - self.beta_2
        v += squared
        return m, v

    def step_numbers(self, state: State, rates: Array) -> list[Any]:
        """ε, β₁, 1 − β₁, β₂, 1 − β₂, and the bias corrections 1/(1 − β₁ᵗ) and 1/(1 − β₂ᵗ)."""
        t = _times(state, len(rates))
        means = [self.epsilon_at(t), self.beta_1, 1 - self.beta_1, self.beta_2, 1 - self.beta_2]
        return [*means, 1 / (1 - self.beta_1**t), 1 / (1 - self.beta_2**t)]

    def count_steps(self, state: State, n: int) -> None:
        """T + n."""
        state["t"] += n

    @staticmethod
    def kernel_step(
        theta: Any, g: Any, m: Any, v: Any, rate: Any, epsilon: Any, beta_1: Any, one_minus_beta1: Any, beta_2: Any,
        one_minus_beta2: Any, bias_correction1: Any, bias_correction2: Any,
    ) -> tuple[Any, ...]:  # fmt: skip
        """m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², θ − η m̂/(√v̂ + ε)."""
        m = beta_1 * m + one_minus_beta1 * g
        v = beta_2 * v + one_minus_beta2 * (g * g)
        return theta - rate * (m * bias_correction1) / (sqrt(v * bias_correction2) + epsilon), m, v


@OPTIMIZERS.register
@dataclass(frozen=True)
class AdamW(Adam):
    r"""Adam with decoupled weight decay: first θ ← θ − η λ θ, then Adam's step.

    Unlike an L2 penalty, whose gradient Adam divides by √v̂ like any other, the decay is the same share of each weight.
    If `init` is given which parameters are weights, biases do not decay.

    Source: Loshchilov, Hutter, "Decoupled weight decay regularization" (2019), algorithm 2.
    """

    weight_decay: float = 0.01

    name: ClassVar[str] = "adamw"
    title: ClassVar[str] = "AdamW"
    symbols: ClassVar[Mapping[str, str]] = {**Adam.symbols, "weight_decay": r"\lambda"}
    kernel_vectors: ClassVar[tuple[str, ...]] = ("m", "v", "decayed")
    kernel_numbers: ClassVar[tuple[str, ...]] = ("decay", *Adam.kernel_numbers)
    formula: ClassVar[str] = r"\theta \leftarrow \theta - \eta \lambda\,\theta,\quad " + Adam.formula

    def __post_init__(self) -> None:
        super().__post_init__()
        check_real("AdamW weight_decay", self.weight_decay, least=0)

    def init(self, theta: Array, decayed: Array | None = None) -> State:
        """Adam's state, and 1 where decay acts, else 0."""
        return super().init(theta) | {
            "decayed": np.ones_like(theta) if decayed is None else decayed.astype(theta.dtype),
        }

    def step(self, theta: Array, gradient: Array, state: State, rate: float) -> None:
        """Decay, then Adam's step."""
        theta -= (rate * self.weight_decay) * (state["decayed"] * theta)
        super().step(theta, gradient, state, rate)

    def step_numbers(self, state: State, rates: Array) -> list[Any]:
        """η λ, then Adam's."""
        return [rates * self.weight_decay, *super().step_numbers(state, rates)]

    @staticmethod
    def kernel_step(  # type: ignore[override]  # not called as Adam's is
        theta: Any, g: Any, m: Any, v: Any, decayed: Any, rate: Any, decay: Any, *numbers: Any
    ) -> tuple[Any, ...]:
        """θ ← θ − η λ θ where decay acts, then Adam's step."""
        return Adam.kernel_step(theta - decay * (decayed * theta), g, m, v, rate, *numbers)


@OPTIMIZERS.register
@dataclass(frozen=True)
class NAdam(Adam):
    r"""Adam that looks ahead like Nesterov's momentum, with a momentum that warms up.

    μₜ = β₁ (1 − ½·0.96^{tψ}), ψ = `momentum_decay`; with Π the product of all μ up to t,
    m̂ = μₜ₊₁ m/(1 − Π μₜ₊₁) + (1 − μₜ) g/(1 − Π), then θ ← θ − η m̂/(√v̂ + ε).

    Source: Dozat, "Incorporating Nesterov momentum into Adam" (2016), algorithm 2 with its suggested μₜ.
    """

    learning_rate: float = 0.002
    momentum_decay: float = 0.004

    name: ClassVar[str] = "nadam"
    title: ClassVar[str] = "NAdam"
    symbols: ClassVar[Mapping[str, str]] = {**Adam.symbols, "momentum_decay": r"\psi", "product": r"\Pi"}
    letters: ClassVar[Mapping[str, str]] = {
        r"\hat v": r"$\hat v = v / (1 - \beta_2^t)$", r"\Pi": r"$\Pi$ is the product of all $\mu$ so far",
    }  # fmt: skip
    kernel_numbers: ClassVar[tuple[str, ...]] = (
        "epsilon", "beta_1", "one_minus_beta1", "beta_2", "one_minus_beta2", "of_mean", "bias_correction2",
        "of_gradient",
    )  # fmt: skip
    formula: ClassVar[str] = (
        r"m \leftarrow \beta_1 m + (1 - \beta_1)\,g,\quad v \leftarrow \beta_2 v + (1 - \beta_2)\,g^2,\quad "
        r"\mu_t = \beta_1 (1 - \frac{1}{2} \cdot 0.96^{t \psi}),\quad "
        r"\theta \leftarrow \theta - \eta\,\left(\frac{\mu_{t+1} m}{1 - \Pi\mu_{t+1}}"
        r" + \frac{(1 - \mu_t)\,g}{1 - \Pi}\right) / \left(\sqrt{\hat v} + \varepsilon\right)"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        check_real("NAdam momentum_decay", self.momentum_decay, least=0)

    def init(self, theta: Array, decayed: Array | None = None) -> State:
        """Adam's state, and the product of all momenta so far, 1."""
        return super().init(theta) | {"product": np.ones(1)}

    def step(self, theta: Array, gradient: Array, state: State, rate: float) -> None:
        """Update both means, then move by the look-ahead mixture of m and g."""
        m, v = self._update_means(gradient, state)
        t = int(state["t"][0])
        now, following = self._momentum(t), self._momentum(t + 1)
        state["product"] *= now
        product = float(state["product"][0])
        ahead = (following / (1 - product * following)) * m + ((1 - now) / (1 - product)) * gradient
        theta -= rate * ahead / (np.sqrt(v / (1 - self.beta_2**t)) + self.epsilon_at(t))

    def _momentum(self, t: int) -> float:
        return float(self.beta_1 * (1 - 0.5 * 0.96 ** (t * self.momentum_decay)))

    def _momenta(self, t: Array) -> Array:
        """μ of many steps."""
        return self.beta_1 * (1 - 0.5 * 0.96 ** (t * self.momentum_decay))

    def _products(self, state: State, n: int) -> Array:
        """Π so far, and after each of the next n steps: one by one, so that it does not matter how many steps are taken
        at a time."""
        return np.cumprod(np.concatenate([state["product"], self._momenta(_times(state, n))]))

    def step_numbers(self, state: State, rates: Array) -> list[Any]:
        """Adam's, but μₜ₊₁/(1 − Π μₜ₊₁) for its first bias correction, and then (1 − μₜ)/(1 − Π)."""
        t = _times(state, len(rates))
        now, following = self._momenta(t), self._momenta(t + 1)
        product = self._products(state, len(rates))[1:]
        numbers = super().step_numbers(state, rates)
        numbers[5] = following / (1 - product * following)
        return [*numbers, (1 - now) / (1 - product)]

    def count_steps(self, state: State, n: int) -> None:
        """Π after n steps, and t + n."""
        state["product"][:] = self._products(state, n)[-1]
        super().count_steps(state, n)

    @staticmethod
    def kernel_step(  # type: ignore[override]  # not called as Adam's is
        theta: Any, g: Any, m: Any, v: Any, rate: Any, epsilon: Any, beta_1: Any, one_minus_beta1: Any, beta_2: Any,
        one_minus_beta2: Any, of_mean: Any, bias_correction2: Any, of_gradient: Any,
    ) -> tuple[Any, ...]:  # fmt: skip
        """Adam's means, then θ − η (c_m m + c_g g)/(√v̂ + ε), with the two factors of the look-ahead."""
        m = beta_1 * m + one_minus_beta1 * g
        v = beta_2 * v + one_minus_beta2 * (g * g)
        return theta - rate * (of_mean * m + of_gradient * g) / (sqrt(v * bias_correction2) + epsilon), m, v


def _times(state: State, n: int) -> Array:
    """The numbers t of the next n steps, the first ever being 1."""
    return int(state["t"][0]) + 1 + np.arange(n, dtype=np.float64)
