"""Grading homework: the faults of the tutorials, found from outside by differences, and named."""

from typing import Any

import numpy as np
from sklearn.datasets import make_moons
from sklearn.neural_network import MLPRegressor

from pellucid import activations, grade, grade_derivative, plots
from pellucid.lessons import sources
from pellucid.lessons.lesson import Lesson, Settings
from pellucid.lessons.page import heading, say

N = 200

Parameters = dict[str, Any]


class Homework:
    """Somebody's network in plain NumPy: 2 → 3 ELU (a = 2) → 1 sigmoid. The keywords are the places to go wrong in."""

    def __init__(self, seed: int) -> None:
        self.X, self.y = make_moons(N, noise=0.20, random_state=seed)
        random = np.random.default_rng(seed)
        self.theta = {
            "W1": random.normal(size=(2, 3)),
            "b1": 0.1 * random.normal(size=3),
            "W2": random.normal(size=(3, 1)),
            "b2": np.zeros(1),
        }

    def forward(self, theta: Parameters) -> tuple[Any, Any, Any]:
        """Z and A of the hidden layer, and the answers (n,)."""
        Z = self.X @ theta["W1"] + theta["b1"]
        A = elu(Z)
        return Z, A, 1 / (1 + np.exp(-(A @ theta["W2"] + theta["b2"])[:, 0]))

    def loss(self, theta: Parameters) -> float:
        """The mean binary cross-entropy."""
        p = self.forward(theta)[2]
        return float(-np.mean(self.y * np.log(p) + (1 - self.y) * np.log(1 - p)))

    def gradient(
        self, theta: Parameters, slope: Any = None, *, average: int = 1, below: float = 1.0, bias: Any = np.sum
    ) -> Parameters:
        """∂J/∂θ by back-propagation, with or without mistakes."""
        Z, A, p = self.forward(theta)
        top = (p - self.y)[:, None] / N**average
        hidden = below * (top @ theta["W2"].T) * (slope or elu_slope)(Z)
        return {
            "W1": self.X.T @ hidden,
            "b1": bias(hidden, axis=0),
            "W2": A.T @ top,
            "b2": bias(top, axis=0),
        }


def elu(z: Any) -> Any:
    """z for z > 0, 2 (eᶻ − 1) elsewhere."""
    return np.where(z > 0, z, 2 * np.expm1(np.minimum(z, 0)))


def elu_slope(z: Any) -> Any:
    """1 for z > 0, 2 eᶻ elsewhere."""
    return np.where(z > 0, 1.0, 2 * np.exp(np.minimum(z, 0)))


def faulty_slope(z: Any) -> Any:
    """What the text's program takes: 0 for z > 0."""
    return np.where(z > 0, 0.0, 2 * np.exp(np.minimum(z, 0)))


def run(settings: Settings) -> None:
    """The right gradient, four wrong ones, and scikit-learn's."""
    say("""
        A gradient can be graded without knowing how it was made: move each parameter a little, see how the loss
        changes, and compare. How the two differ tells the mistake: n times too large, right above some layer and wrong
        below, short by the penalty. The network here is plain NumPy; grade() is given its loss, its gradient and its
        parameters, nothing else.
        """)
    work = Homework(settings.seed)

    heading("First, as it should be")
    tell(grade(work.loss, work.gradient, work.theta, n_samples=N))

    heading("The slope of ELU (fault 1)")
    say("The text's formula for the slope has 1 for z > 0. Its program has 0:")
    print()
    tell(grade_derivative(elu, faulty_slope))
    say("In the network, the hidden layer alone is wrong:")
    print()
    tell(grade(work.loss, lambda theta: work.gradient(theta, faulty_slope), work.theta, n_samples=N))

    heading("Divided by n twice (fault 2)")
    say("Once on the way to the hidden layer, and once more in its gradients:")
    print()
    tell(grade(work.loss, lambda theta: work.gradient(theta, below=1 / N), work.theta, n_samples=N))

    heading("The mean is printed, the sum is descended (fault 5)")
    tell(grade(work.loss, lambda theta: work.gradient(theta, average=0), work.theta, n_samples=N))

    heading("The bias, a δ a sample (fault 6)")
    tell(grade(work.loss, lambda theta: work.gradient(theta, bias=rows), work.theta, n_samples=N))

    heading("scikit-learn, three outputs")
    say("""
        A step of plain gradient descent shows the gradient that it took: (θ before − θ after)/rate. So the gradient of
        scikit-learn's MLPRegressor can be graded through its public methods against the loss that it reports.
        """)
    print()
    loss, gradient, theta = their_regressor(settings.seed)
    tell(grade(loss, gradient, theta, n_samples=N, n_outputs=3))
    say("""
        Its step is three times what its loss asks for: harmless for plain descent, where the rate makes up for it, but
        a line search (its solver "lbfgs") is told one function and the slope of another.
        """)
    if settings.plots:
        settings.save(plots.activation(activations.ELU(alpha=2.0)), "elu.png")


def tell(result: Any) -> None:
    """The table of a result as it is, its verdict as a paragraph."""
    *table, verdict = str(result).split("\n")
    print("\n".join(table))
    say(verdict)


def rows(delta: Any, axis: int) -> Any:
    """What the formula ∂J/∂b = δ says: nothing summed."""
    return delta


def their_regressor(seed: int) -> tuple[Any, Any, Parameters]:
    """Loss, gradient and parameters of scikit-learn's network, from outside."""
    random = np.random.default_rng(seed)
    X, Y = random.normal(size=(N, 2)), random.normal(size=(N, 3))
    rate = 1e-3
    model = MLPRegressor(
        hidden_layer_sizes=(4,),
        activation="tanh",
        solver="sgd",
        alpha=0.0,
        batch_size=N,
        learning_rate_init=rate,
        momentum=0.0,
        nesterovs_momentum=False,
        shuffle=False,
        random_state=seed,
    ).partial_fit(X, Y)

    def parameters() -> Parameters:
        pairs = zip(model.coefs_, model.intercepts_, strict=True)
        return {
            f"{name}{i}": array.copy()
            for i, pair in enumerate(pairs, 1)
            for name, array in zip("Wb", pair, strict=True)
        }

    def step(theta: Parameters) -> float:
        for i, (W, b) in enumerate(zip(model.coefs_, model.intercepts_, strict=True), 1):
            W[...], b[...] = theta[f"W{i}"], theta[f"b{i}"]
        return float(model.partial_fit(X, Y).loss_)

    def gradient(theta: Parameters) -> Parameters:
        step(theta)
        after = parameters()
        return {name: (theta[name] - after[name]) / rate for name in theta}

    return step, gradient, parameters()


LESSON = Lesson(
    name="homework",
    title="Grading gradients: right or wrong",
    source=f"the faults in {sources.ELU}, {sources.MOONS} and {sources.CLOUDS}",
    run=run,
    defaults={"seed": 0},
)
