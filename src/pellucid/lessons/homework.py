"""Grade gradients and derivatives written by others: the errors of the tutorials, as if handed in as homework."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import make_moons

from pellucid import grade, grade_derivative, plots
from pellucid.lessons import sources
from pellucid.lessons.lesson import Lesson, Settings
from pellucid.lessons.page import count, heading, listed, say, when

Array = NDArray[np.floating]
Parameters = dict[str, Array]

RATE = 0.5
PENALTY = 0.001
ALPHA = 2.0  # of ELU


@dataclass(frozen=True)
class Homework:
    """A network in plain NumPy, as a student hands it in: 2 inputs → ELU → 1 sigmoid, cross-entropy and L2.

    Each field is a fault that one of the tutorials has; all False, it is right.
    """

    X: Array
    y: Array
    slope_0_above_0: bool = False
    divided_twice: bool = False
    sum_for_mean: bool = False
    penalty_forgotten: bool = False
    bias_not_summed: bool = False
    unguarded: bool = False

    def forward(self, theta: Parameters) -> tuple[Array, Array, Array]:
        """The sums and outputs of the hidden layer, and the sum of the last unit."""
        Z1 = self.X @ theta["W1"] + theta["b1"]
        A1 = np.where(Z1 > 0, Z1, ALPHA * np.expm1(np.minimum(Z1, 0)))
        return Z1, A1, (A1 @ theta["W2"] + theta["b2"])[:, 0]

    def loss(self, theta: Parameters) -> float:
        """The mean cross-entropy, and half the penalty times the squares of all weights."""
        z = self.forward(theta)[2]
        if self.unguarded:  # as the formula stands
            a = 1 / (1 + np.exp(-z))
            losses = -self.y * np.log(a) - (1 - self.y) * np.log(1 - a)
        else:  # the same, in a form that cannot overflow
            losses = np.logaddexp(0, z) - self.y * z
        squares = np.sum(theta["W1"] ** 2) + np.sum(theta["W2"] ** 2)
        return float(losses.mean() + PENALTY / 2 * squares)

    def gradient(self, theta: Parameters) -> Parameters:
        """Back-propagation by hand, with a planted error or without."""
        n = len(self.X)
        Z1, A1, z = self.forward(theta)
        delta2 = (1 / (1 + np.exp(-z)) - self.y)[:, np.newaxis]
        if not self.sum_for_mean:
            delta2 = delta2 / n
        slope = np.where(Z1 > 0, 0.0 if self.slope_0_above_0 else 1.0, A1 + ALPHA)
        delta1 = delta2 @ theta["W2"].T * slope
        if self.divided_twice:
            delta1 = delta1 / n
        gradient = {
            "W1": self.X.T @ delta1,
            "b1": delta1.sum(axis=0),
            "W2": A1.T @ delta2,
            "b2": delta2[0] if self.bias_not_summed else delta2.sum(axis=0),
        }
        if not self.penalty_forgotten:
            strength = PENALTY * n if self.sum_for_mean else PENALTY  # n is left out of the penalty as well
            gradient["W1"] += strength * theta["W1"]
            gradient["W2"] += strength * theta["W2"]
        return gradient

    def accuracy(self, theta: Parameters) -> float:
        """The share of points on the right side."""
        return float(np.mean((self.forward(theta)[2] > 0) == self.y))


HANDED_IN: dict[str, dict[str, bool]] = {
    "as it should be": {},
    "ELU's slope is 0 above 0": {"slope_0_above_0": True},
    "divided by n twice": {"divided_twice": True},
    "the sum, for a mean loss": {"sum_for_mean": True},
    "the penalty left out": {"penalty_forgotten": True},
    "∂J/∂b2 = δ of one sample": {"bias_not_summed": True},
}


def draw(hidden: int, seed: int) -> Parameters:
    """Random weights, and biases that are not 0, so that a fault in them shows."""
    random = np.random.default_rng(seed)
    shapes = {"W1": (2, hidden), "b1": (hidden,), "W2": (hidden, 1), "b2": (1,)}
    return {name: random.normal(0.0, 0.7, shape) for name, shape in shapes.items()}


def descend(work: Homework, theta: Parameters, passes: int) -> list[float]:
    """Train with the gradient handed in, and note the true loss before each step."""
    losses = []
    for _ in range(passes):
        losses.append(work.loss(theta))
        with np.errstate(over="ignore"):  # one of them blows up
            gradient = work.gradient(theta)
        for name, values in theta.items():
            values -= RATE * gradient[name]
    return losses


def losses_at_start(work: Homework, hidden: int, seed: int) -> float:
    """The loss before the first step."""
    return work.loss(draw(hidden, seed))


def quoted(names: list[str]) -> str:
    """Names in a sentence, each in quotation marks."""
    return listed(f'"{name}"' for name in names)


def sigmoid(z: Array) -> Array:
    """1/(1 + e⁻ᶻ)."""
    return 1 / (1 + np.exp(-z))


def elu(z: Array) -> Array:
    """ELU with α = 2."""
    return np.where(z > 0, z, ALPHA * np.expm1(np.minimum(z, 0)))


Function = Callable[[Array], Array]
DERIVATIVES: tuple[tuple[str, Function, Function], ...] = (
    ("sigmoid, σ(z) (1 − σ(z))", sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z))),
    ("sigmoid, z (1 − z)", sigmoid, lambda z: z * (1 - z)),
    ("tanh, 1 − z²", lambda z: np.tanh(z), lambda z: 1 - z**2),
    ("ELU, 0 for z > 0", elu, lambda z: np.where(z > 0, 0.0, ALPHA * np.exp(np.minimum(z, 0)))),
    ("ELU, 1 for z > 0", elu, lambda z: np.where(z > 0, 1.0, ALPHA * np.exp(np.minimum(z, 0)))),
    ("ReLU, 1 for z > 0", lambda z: np.maximum(z, 0), lambda z: np.where(z > 0, 1.0, 0.0)),
)


def run(settings: Settings) -> None:
    """Derivatives, then whole gradients, then what each fault does to training, then what no check finds."""
    hidden, seed, passes = settings.hidden, settings.seed, settings.passes
    say("""
        Somebody shows you a network "from scratch". Is its gradient right? Reading takes an afternoon; a call
        takes a second. `grade_derivative(f, df)` compares a derivative with its function,
        `grade(loss, gradient, theta)` any gradient with any loss, on plain arrays: no Pellucid network is needed. Here
        are the faults found in the tutorials, handed in as homework.
        """)

    heading("Derivatives")
    for name, f, df in DERIVATIVES:
        found = grade_derivative(f, df)
        print(f"{name:28}{'right' if found else 'WRONG':6}error {found.error:.1e}")
        if not found or found.kinks:
            say(found.verdict)
    say("""

        Two of the wrong ones, z (1 − z) and 1 − z², are right if they are given a = f(z) instead of z: a (1 − a) and
        1 − a². Some programs do so. What is passed is the easiest thing to get wrong.
        """)

    heading("Gradients")
    X, labels = make_moons(200, noise=0.2, random_state=seed)
    y = labels.astype(np.float64)
    works = {name: Homework(X, y, **faults) for name, faults in HANDED_IN.items()}
    for name, work in works.items():
        result = grade(work.loss, work.gradient, draw(hidden, seed), n_samples=len(X), n_outputs=1)
        print(f"\n{name}:")
        print(result)

    heading(f"Would you have noticed? {count(passes, 'pass', 'passes')} at rate {RATE:g}")
    print(f"{'handed in':28}{'loss':>10}{'accuracy':>10}")
    curves, finals, accuracies = {}, {}, {}
    for name, work in works.items():
        theta = draw(hidden, seed)
        losses = descend(work, theta, passes)
        if losses[-1] <= 10 * losses[0]:
            curves[name] = losses
        finals[name], accuracies[name] = work.loss(theta), work.accuracy(theta)
        print(f"{name:28}{finals[name]:10.4g}{accuracies[name]:10.3f}")
    right, *faulty = HANDED_IN
    broken = [name for name in faulty if not finals[name] < losses_at_start(works[right], hidden, seed)]
    worse = [name for name in faulty if name not in broken and accuracies[name] < accuracies[right] - 0.03]
    unseen = [name for name in faulty if name not in broken + worse]
    say(
        """

        With the sum for the mean the step is 200 times too long.
        """,
        when(bool(broken), f"A loss that ends above its first value is easy to notice: {quoted(broken)}."),
        when(
            bool(worse),
            f"Others lose more than 0.03 of the accuracy, but without the first line to compare with they do not look "
            f"broken: {quoted(worse)}.",
        ),
        when(bool(unseen), f"Not to be noticed from the accuracy: {quoted(unseen)}."),
        "The tutorial that has two of these faults reports 0.89.",
    )

    heading("A loss that overflows")
    confident = draw(hidden, seed)
    confident["W2"] *= 2000.0  # sure of itself, and wrong about some points
    for name, unguarded in (("log(σ(z)) as it stands", True), ("log(1 + eᶻ) − y z, guarded", False)):
        work = Homework(X, y, unguarded=unguarded)
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            try:
                result = grade(work.loss, work.gradient, confident)
                verdict = f"The loss is {work.loss(confident):.1f}. {result.verdict}"
            except ValueError as error:
                verdict = str(error)
        print(f"{name}:")
        say(verdict)
    say("""

        A network that is sure of something wrong has a probability that is rounded to 0 there, and log 0 is
        infinite. The tutorials all take exp and log without protection.

        What no gradient check finds: a wrong start (one tutorial misplaces a bracket in Xavier's bound), a wrong rate,
        wrong data. The gradient is right then, but the training is not what was meant. `diagnose` looks for such
        things in a training run.
        """)

    if settings.plots:
        axes = None
        for name, losses in curves.items():
            axes = plots.loss_curve(losses, label=name, log=True, x="pass", y="loss, rightly measured", ax=axes)
        settings.save(axes, "training.png")


LESSON = Lesson(
    name="homework",
    title="Grading other people's gradients",
    source=f"the faults of {sources.ELU}; {sources.MOONS}; {sources.CLOUDS}; {sources.PART_2}",
    run=run,
    defaults={"hidden": 8, "passes": 2_000, "seed": 0},
)
