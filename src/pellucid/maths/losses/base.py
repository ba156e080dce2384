"""The base class of losses: a number per sample, beside its derivatives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from pellucid.maths.activations import Activation
from pellucid.maths.options import KernelFormula, Option, drop_inherited, no_second_derivative
from pellucid.maths.registry import Registry
from pellucid.maths.typing import Array

__all__ = ["LOSSES", "Loss"]


@dataclass(frozen=True, eq=False)
class Loss(Option):
    """A loss ℓ(y, a) per sample, summed over the k outputs, its gradient and its second derivative.

    Every registered loss is a sum over outputs, so its second derivatives ∂²ℓ/∂aᵢ∂aⱼ are 0 for i ≠ j.
    `second_derivative` and `curvature` are optional in a class of one's own: training does without them.

    Two paths lead to δ = ∂ℓ/∂Z, the derivative with respect to the last layer's pre-activation:

    * the *canonical pair* of loss and output activation (softmax with cross-entropy, sigmoid with binary
      cross-entropy, identity with squared error, exponential with Poisson): everything cancels and δ = A − Y. The
      value is computed from Z, in a form that cannot overflow before its true value does;
    * any other pair: the chain rule, δ = (∂ℓ/∂A through the output activation's derivative).

    Attributes
    ----------
    name, formula, gradient_formula, second_derivative_formula : str
        How it is called; ℓ(y, a), ∂ℓ/∂a and ∂²ℓ/∂a² in LaTeX.
    canonical : str or None
        The name of the output activation for which δ = A − Y.
    canonical_only : bool
        Whether it takes no other output activation.
    domain : (float, float)
        Where outputs must lie: the image of the output activation has to be inside.
    kinks : tuple of float
        The residuals a − y at which ℓ or ∂ℓ/∂a jumps, or ∂ℓ/∂a bends. ∂²ℓ/∂a² is taken as 0 there.
    task : "classification" or "regression"
    kernel_formula, kernel_from_logits : function or None
        The compiled engine's statement of the same, of `pellucid.maths.elementary`'s functions, for one output:
        `kernel_formula(y, a, z, *options)` is (ℓ, ∂ℓ/∂a), and `kernel_from_logits(y, a, z, *options)`, for the
        canonical pair, (ℓ, ∂ℓ/∂z) computed from z. The numbers are those that `kernel_options` names.
    """

    formula: ClassVar[str] = r"\ell(y, a)"
    gradient_formula: ClassVar[str] = r"\partial\ell/\partial a"
    second_derivative_formula: ClassVar[str] = r"\partial^2\ell/\partial a^2"
    canonical: ClassVar[str | None] = None
    canonical_only: ClassVar[bool] = False
    domain: ClassVar[tuple[float, float]] = (-float("inf"), float("inf"))
    kinks: ClassVar[tuple[float, ...]] = ()
    task: ClassVar[Literal["classification", "regression"]] = "regression"
    kernel_formula: ClassVar[KernelFormula | None] = None
    kernel_from_logits: ClassVar[KernelFormula | None] = None

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        drop_inherited(cls, Loss, ("second_derivative", "curvature"), of=("value", "gradient"))
        drop_inherited(cls, Loss, ("curvature",), of=("value_from_logits", "canonical"))

    def value(self, Y: Array, A: Array) -> Array:
        """ℓ of each sample (n,), from targets Y and outputs A, both (n, k)."""
        raise NotImplementedError(f"{type(self).__name__} must define value(Y, A)")

    def gradient(self, Y: Array, A: Array) -> Array:
        """∂ℓ/∂A of each sample (n, k)."""
        raise NotImplementedError(f"{type(self).__name__} must define gradient(Y, A)")

    def second_derivative(self, Y: Array, A: Array) -> Array:
        """∂²ℓ/∂A² of each sample and output (n, k); NotImplementedError if the class states none.

        >>> from pellucid.losses import Huber
        >>> Huber(delta=1.0).second_derivative(np.array([[0.0, 0.0]]), np.array([[0.5, 10.0]]))
        array([[1., 0.]])
        """
        raise NotImplementedError(no_second_derivative(type(self).__name__))

    def curvature(self, A: Array) -> Array:
        """∂²ℓ/∂Z² after the canonical output activation, from its outputs A (n, k). As δ = A − Y, it is ∂A/∂Z, whatever
        the targets: (n, k) if each output depends on its own z alone, else a matrix per sample (n, k, k).

        NotImplementedError if the class states none.

        >>> from pellucid.losses import BinaryCrossEntropy, CrossEntropy
        >>> BinaryCrossEntropy().curvature(np.array([[0.5, 0.75]]))  # a (1 − a)
        array([[0.25  , 0.1875]])
        >>> CrossEntropy().curvature(np.array([[0.25, 0.75]]))  # diag(a) − a aᵀ
        array([[[ 0.1875, -0.1875],
                [-0.1875,  0.1875]]])
        """
        what = "states no curvature: define curvature in it" if self.canonical else "has no canonical output activation"
        raise NotImplementedError(f"{type(self).__name__} {what}")

    def value_from_logits(self, Y: Array, Z: Array) -> Array:
        """ℓ of each sample (n,) from the pre-activations Z (n, k) of the canonical output activation."""
        raise NotImplementedError(f"{type(self).__name__} has no canonical output activation")

    def is_canonical_with(self, activation: Activation) -> bool:
        """Whether δ = A − Y holds for this output activation."""
        return activation.name == self.canonical

    def check_output(self, activation: Activation) -> None:
        """Raise ValueError if outputs of `activation` are not what this loss is defined for."""
        if self.is_canonical_with(activation):
            return
        low, high = activation.image
        if self.canonical_only or low < self.domain[0] or high > self.domain[1]:
            others = "" if self.canonical_only else f", or another with values in {self.domain}"
            raise ValueError(
                f"loss {self.name!r} cannot follow output activation {activation.name!r}: "
                f"give the last layer activation {self.canonical!r}{others}"
            )

    def encode(self, y: object, n_outputs: int, dtype: np.dtype[np.floating]) -> Array:
        """Targets as users give them, as the matrix Y (n, k) that `value` and `gradient` take."""
        return check_targets(y, n_outputs, dtype)


def over_square(Y: Array, A: Array) -> Array:
    """Y / A² for Y, A ≥ 0: 0 where Y is, and the largest number of the dtype where the quotient is beyond it.

    >>> over_square(np.array([2.0, 0.0, 1.0]), np.array([2.0, 0.0, 0.0]))
    array([5.00000000e-001, 0.00000000e+000, 1.79769313e+308])
    """
    quotient = np.zeros_like(A)
    with np.errstate(divide="ignore", over="ignore"):
        np.divide(Y, A, out=quotient, where=Y > 0)
        np.divide(quotient, A, out=quotient, where=Y > 0)  # twice: A² may underflow where Y / A² has a number
    return np.minimum(quotient, np.finfo(A.dtype).max)


def check_targets(y: object, n_outputs: int, dtype: np.dtype[np.floating]) -> Array:
    """Finite numbers of shape (n,) or (n, k) as a matrix (n, k) of `dtype`, or ValueError."""
    raw = np.asarray(y)
    try:
        Y = raw.astype(dtype)
    except (TypeError, ValueError) as error:
        raise ValueError(f"y must hold numbers, got {raw.ravel()[:1]!r}") from error
    if Y.ndim == 1:
        Y = Y[:, None]
    if Y.ndim != 2 or Y.shape[1] != n_outputs:
        wanted = "(n,) or (n, 1)" if n_outputs == 1 else f"(n, {n_outputs})"
        raise ValueError(f"y must have shape {wanted} for {n_outputs} output(s), got {raw.shape}")
    if not np.isfinite(Y).all():
        row = int(np.flatnonzero(~np.isfinite(Y).all(axis=1))[0])
        raise ValueError(f"y must be finite, got {raw[row]} in row {row + 1}")
    return Y


LOSSES: Registry[Loss] = Registry(
    "loss",
    Loss,
    aliases={
        "crossentropy": "cross_entropy",
        "categorical_crossentropy": "cross_entropy",
        "sparse_categorical_crossentropy": "cross_entropy",
        "log_loss": "cross_entropy",
        "binary_crossentropy": "binary_cross_entropy",
        "bce": "binary_cross_entropy",
        "pinball": "quantile",
    },
    hints={
        name: f"write {ours!r}, which is {formula} for each sample, summed over the outputs"
        for ours, formula, names in (
            ("squared_error", "(a − y)²/2", ("mse", "mean_squared_error", "squared", "l2")),
            ("absolute_error", "|a − y|", ("mae", "mean_absolute_error", "absolute", "l1")),
        )
        for name in names
    },
)
