"""The base classes of optimizers, and what their classes state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypeAlias

import numpy as np

from pellucid.maths.checks import check_real
from pellucid.maths.options import KernelFormula, Option
from pellucid.maths.registry import Registry
from pellucid.maths.typing import Array

State: TypeAlias = dict[str, Array]
"""The state of a rule between steps: arrays, by name. Counters are arrays of one element."""


@dataclass(frozen=True, eq=False)
class Optimizer(Option):
    """A way to minimise J(θ).

    What a rule can do are facts on its class; all other code asks these, never for one rule by its name.

    Attributes
    ----------
    formula : str
        Its update in LaTeX, with g = ∂J/∂θ and η the learning rate; `formula_note` says how to read it.
    needs : "gradient" or "objective"
        What one step is computed from: the gradient of a batch at θ, or J and its gradient at points that the rule
        chooses.
    full_batch : bool
        Whether each step needs all samples.
    uses_rate : bool
        Whether steps have a learning rate, which a schedule can move.
    allows_dropout : bool
        Whether J may be random.
    allows_limits : bool
        Whether gradients may be clipped and weights be shortened between its steps.
    """

    formula: ClassVar[str] = r"\theta \leftarrow \ldots"
    formula_note: ClassVar[str] = (
        r"With $g = \partial J / \partial \theta$, $\theta$ all weights and biases, and every operation element by "
        "element:"
    )
    needs: ClassVar[Literal["gradient", "objective"]] = "gradient"
    full_batch: ClassVar[bool] = False
    uses_rate: ClassVar[bool] = True
    allows_dropout: ClassVar[bool] = True
    allows_limits: ClassVar[bool] = True


Problem: TypeAlias = Callable[[Array], tuple[float, Array]]
"""J and ∂J/∂θ at a point. In training, the gradient is a new float64 array at each call."""

OPTIMIZERS: Registry[Optimizer] = Registry(
    "optimizer", Optimizer, aliases={"sgd": "gradient_descent", "gd": "gradient_descent", "l_bfgs_b": "lbfgs"}
)


@dataclass(frozen=True, eq=False)
class FirstOrder(Optimizer):
    """A rule that moves θ a step at a time by its gradient.

    Your own has an option of its own as a field, and moves θ in place. It runs on the reference
    engine, and on the compiled one if it also states its kernel formula (`kernel_step`):

    >>> from dataclasses import dataclass
    >>> import numpy as np
    >>> from pellucid import Network
    >>> from pellucid.optimizers import FirstOrder
    >>> @dataclass(frozen=True)
    ... class SignDescent(FirstOrder):
    ...     scale: float = 1.0
    ...
    ...     def init(self, theta, decayed=None):
    ...         return {}  # its state between steps: arrays, by name
    ...
    ...     def step(self, theta, gradient, state, rate):
    ...         theta -= rate * self.scale * np.sign(gradient)  # in place; nothing is returned
    >>> net = Network([1, 1])
    >>> net.layers[0].W = [[1.0]]
    >>> history = net.fit([[1.0]], [2.0], optimizer=SignDescent(0.1, scale=2.0), epochs=3, engine="reference")
    >>> net.layers[0].W.round(3)
    array([[1.6]])

    Attributes
    ----------
    kernel_vectors : tuple of str
        The names, in the state, of the vectors like θ that the kernel formula is given.
    kernel_numbers : tuple of str
        The numbers of a step that it is given after the learning rate: the columns of `step_numbers`.
    kernel_step : function or None
        The compiled engine's statement of `step`, of `pellucid.maths.elementary`'s functions, for one parameter:
        `kernel_step(theta, g, *vectors, rate, *numbers)` is (θ, *vectors) after the step; vectors that it leaves out
        stay as they are.
    """

    learning_rate: float = 0.01

    symbols: ClassVar[Mapping[str, str]] = {"learning_rate": r"\eta"}
    kernel_vectors: ClassVar[tuple[str, ...]] = ()
    kernel_numbers: ClassVar[tuple[str, ...]] = ()
    kernel_step: ClassVar[KernelFormula | None] = None

    def __post_init__(self) -> None:
        check_real(f"{type(self).__name__} learning_rate", self.learning_rate, above=0)

    def init(self, theta: Array, decayed: Array | None = None) -> State:
        """A fresh state for a vector like `theta`. `decayed` is True where weight decay acts; None: everywhere."""
        raise NotImplementedError(f"{type(self).__name__} must define init(theta, decayed)")

    def step(self, theta: Array, gradient: Array, state: State, rate: float) -> None:
        """Move `theta` and `state`, in place, with learning rate `rate`. `gradient` is left as it is."""
        raise NotImplementedError(f"{type(self).__name__} must define step(theta, gradient, state, rate)")

    def step_numbers(self, state: State, rates: Array) -> list[Any]:
        """The numbers that the next steps need besides vectors, the same for all parameters: a column, or one number
        for all steps, for each of `kernel_numbers`. The steps follow those that `state` has counted.
        """
        return [getattr(self, name) for name in self.kernel_numbers]

    def count_steps(self, state: State, n: int) -> None:
        """Move the counters in `state` by n steps, as n calls of `step` do."""


def numbers_of_steps(rule: FirstOrder, state: State, rates: Array) -> Array:
    """A row (1 + len(kernel_numbers),) for each rate: it, and the numbers of its step."""
    table = np.zeros((len(rates), 1 + len(rule.kernel_numbers)))
    table[:, 0] = rates
    for column, numbers in enumerate(rule.step_numbers(state, rates), start=1):
        table[:, column] = numbers
    return table


def checked_state(rule: Optimizer, state: object, method: str = "init") -> State:
    """The state that a rule returned from `init`, or left after `step`; {} for None, of a rule without a state.

    Raises
    ------
    TypeError
        If it is not a dictionary of arrays. NumPy's numbers count as arrays, and are replaced by them.
    """
    if state is None:
        return {}
    name = type(rule).__name__
    if not isinstance(state, dict):
        raise TypeError(
            f"{name}.{method} must return a dictionary of arrays, what it remembers between steps, got "
            f"{type(state).__name__}"
        )
    for key, value in state.items():
        if isinstance(value, np.generic):
            state[key] = np.asarray(value)  # NumPy makes numbers of arrays without axes
        elif not isinstance(value, np.ndarray):
            kind = type(value).__name__
            if method == "init":
                raise TypeError(
                    f"{name}.init must return a dictionary of arrays, such as np.zeros(1) for a counter, got {kind} "
                    f"for {key!r}"
                )
            raise TypeError(
                f"{name}.{method} left a {kind} as state[{key!r}], which must stay an array: write "
                f"state[{key!r}][...] = value"
            )
    return state


@dataclass(frozen=True, eq=False)
class SecondOrder(Optimizer):
    """A rule that searches for its next point: each step may evaluate J and its gradient at several points, on all
    samples. So J must be deterministic, and there is no learning rate.

    Your own moves θ in place and returns "", or the reason why there can be no other step. Both engines run it:

    >>> from dataclasses import dataclass
    >>> import numpy as np
    >>> from pellucid import Network
    >>> from pellucid.optimizers import SecondOrder
    >>> @dataclass(frozen=True)
    ... class SteepestDescent(SecondOrder):
    ...     first: float = 1.0
    ...
    ...     def init(self, theta):
    ...         return {"alpha": np.full(1, self.first)}  # its state between steps: arrays, by name
    ...
    ...     def step(self, problem, theta, state):
    ...         J, g = problem(theta)
    ...         if np.abs(g).max() < 1e-6:
    ...             return "converged"
    ...         alpha = 2 * state["alpha"][0]
    ...         while problem(theta - alpha * g)[0] > J - alpha * (g @ g) / 2:
    ...             alpha /= 2
    ...         state["alpha"][0] = alpha
    ...         theta -= alpha * g  # in place
    ...         return ""
    >>> net = Network([1, 1])
    >>> history = net.fit([[1.0], [2.0]], [3.0, 5.0], optimizer=SteepestDescent(), epochs=500)
    >>> history.stopped, net.theta.round(3)
    ('converged', array([2., 1.]))

    Attributes
    ----------
    search_note : str
        How it finds its next point, in explanations: the end of "It has no learning rate: …".
    """

    needs: ClassVar[Literal["gradient", "objective"]] = "objective"
    full_batch: ClassVar[bool] = True
    uses_rate: ClassVar[bool] = False
    allows_dropout: ClassVar[bool] = False
    allows_limits: ClassVar[bool] = False
    search_note: ClassVar[str] = "it evaluates $J$ at points of its choice."

    def init(self, theta: Array) -> State:
        """A fresh state for a vector like `theta`."""
        raise NotImplementedError(f"{type(self).__name__} must define init(theta)")

    def step(self, problem: Problem, theta: Array, state: State) -> str:
        """One iteration, which moves `theta` and `state` in place. Returns "" if there can be another, else why not:
        "converged", or the words of the rule. `problem` gives J and its gradient at a vector like `theta`.
        """
        raise NotImplementedError(f"{type(self).__name__} must define step(problem, theta, state)")

    def value_of(self, state: State) -> float | None:
        """J at θ, if `state` holds it or other numbers that are of this J only; None by default.

        A continued run with another J, such as another penalty, compares this number, and begins with a fresh state.
        """
        return None

    def minimize(
        self,
        value_and_gradient: Problem,
        theta: Array,
        *,
        max_iterations: int,
        after_iteration: Callable[[Array], bool] | None = None,
    ) -> str:
        """Minimise from `theta`, which is moved in place, by up to `max_iterations` steps.

        `after_iteration` is called with each new point and may return True to stop. The answer says why it stopped:
        "converged", "completed", "stopped", or the words of the rule where it could not continue.
        """
        state = checked_state(self, self.init(theta))
        for iteration in range(1, max_iterations + 1):
            before = theta.copy()
            reason = self.step(value_and_gradient, theta, state)
            moved = not (reason and np.array_equal(before, theta))
            if moved and after_iteration is not None and after_iteration(theta):
                return "stopped"
            if reason and (iteration < max_iterations or not moved):
                return reason
        return "completed"
