"""Two half moons with ELU units and one sigmoid, a held-out test part, and three faults found by a gradient check."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import make_moons
from sklearn.model_selection import train_test_split

from pellucid import Dense, Network, activations, check_gradients, initializers, optimizers, plots
from pellucid.lessons import sources
from pellucid.lessons.lesson import Lesson, Settings
from pellucid.lessons.page import count, heading, say, when

RATE = 0.1
ELU = activations.ELU(alpha=2.0)
Weights = str | initializers.Initializer


@dataclass(frozen=True)
class FaultyELU(activations.ELU):
    """ELU with the slope that the tutorial codes: 0 for z > 0, where its own formula has 1."""

    def derivative(self, Z: NDArray[np.float64], A: NDArray[np.float64]) -> NDArray[np.float64]:
        """α eᶻ for z ≤ 0, and nothing at all above."""
        return np.where(Z > 0, 0.0, A + self.alpha)


def build(hidden: int, seed: int, *, elu: activations.ELU = ELU, weights: Weights = "xavier_uniform") -> Network:
    """2 inputs → ELU units → 1 sigmoid, with weights drawn as the tutorial draws them."""
    net = Network([Dense(2, hidden, elu), Dense(hidden, 1, "sigmoid")], loss="binary_cross_entropy")
    return net.initialize(weights, random_state=np.random.RandomState(seed))


def split(seed: int) -> list[NDArray[np.float64]]:
    """500 points, a quarter of them held out: X_train, X_test, y_train, y_test."""
    X, y = make_moons(500, noise=0.2, random_state=seed)
    parts: list[NDArray[np.float64]] = train_test_split(X, y, random_state=seed)
    return parts


def faulty_gradient(net: Network, X: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """The tutorial's gradient: on the way to the hidden layer it divides by the number of samples twice."""
    gradient = net.backward(net.forward(X), y)
    for part in gradient.layers[0]:
        part /= len(X)
    return gradient.theta


def run(settings: Settings) -> None:
    """Train it right, test it on points it has not seen, then see what the faults cost."""
    hidden, seed, passes = settings.hidden, settings.seed, settings.passes
    X_train, X_test, y_train, y_test = split(seed)
    say(f"""
        500 points on two half moons, {len(X_train)} to train on and {len(X_test)} kept back: how well a network does
        on the points it was trained with says little about other points.

            2 inputs  →  {hidden} ELU (a = 2)  →  1 sigmoid          loss: binary cross-entropy, the mean

        ELU is z above 0 and a(eᶻ − 1) below. With a = 2 its slope jumps from 2 to 1 at 0.
        """)

    heading(f"{count(passes, 'pass', 'passes')} of gradient descent")
    histories = {}
    for rate in (0.01, RATE):
        net = build(hidden, seed)
        first = net.loss_value(X_train, y_train)
        histories[rate] = net.fit(
            X_train, y_train, optimizer=optimizers.GradientDescent(rate), epochs=passes, batch_size=None, progress=False
        )
        print(
            f"rate {rate:<5g} loss {first:.4f} → {net.loss_value(X_train, y_train):.4f}   "
            f"training accuracy {np.mean(net.predict(X_train) == y_train):.3f}   "
            f"test accuracy {np.mean(net.predict(X_test) == y_test):.3f}"
        )
    slow, fast = (np.array(histories[rate]["loss"]) for rate in (0.01, RATE))
    reached = np.flatnonzero(fast <= slow[-1])
    say(
        "\n\n",
        when(
            len(reached) > 0 and passes > 1,
            f"At rate {RATE:g} the loss of rate 0.01 after {count(passes, 'pass', 'passes')}, {slow[-1]:.4f}, is "
            f"reached after {count(int(reached[0]) + 1 if len(reached) else 0, 'pass', 'passes')}.",
        ),
        "A higher rate gets as far in fewer passes, until it is too high; the lesson gradient-descent shows what "
        "happens then.",
    )

    heading("The tutorial's slope of ELU, under a gradient check")
    fresh = build(hidden, seed)
    print("as it should be:")
    print(check_gradients(fresh, X_train, y_train))
    print("with slope 0 for z > 0:")
    print(check_gradients(build(hidden, seed, elu=FaultyELU(alpha=2.0)), X_train, y_train))
    print("with the division by n done twice:")
    print(check_gradients(fresh, X_train, y_train, gradient=faulty_gradient(fresh, X_train, y_train)))
    say("""

        Neither fault stops the training: the last layer has the right gradient and still learns. So a wrong gradient
        is hard to notice from the loss alone. The check finds it at once.
        """)

    heading("What the faults cost")
    right = sqrt(3 / (0.5 * (2 + 1)))
    wrong = sqrt(3 / (0.5 + 2 + 1))
    say(f"""
        The third fault is a misplaced bracket: Xavier's bound is √(3 / (½ (n_in + n_out))), {right:.3f} for 2 and 1,
        and the code has √(3 / (½ + n_in + n_out)), {wrong:.3f}: smaller weights to begin with. All three together,
        on three draws of data and weights:
        """)
    print(f"\n{'':8}{'right':^18}{'with the faults':^18}")
    print(f"{'seed':8}{'train':>9}{'test':>9}{'train':>9}{'test':>9}")
    accuracies, moved = [], []
    for draw in range(seed, seed + 3):
        X_train, X_test, y_train, y_test = split(draw)
        good = build(hidden, draw)
        good.fit(
            X_train, y_train, optimizer=optimizers.GradientDescent(RATE), epochs=passes, batch_size=None, progress=False
        )
        bad = build(hidden, draw, elu=FaultyELU(alpha=2.0), weights=initializers.Uniform(wrong))
        drawn = [build(hidden, draw).layers[0].W, bad.layers[0].W.copy()]
        descent = optimizers.GradientDescent(RATE)
        for _ in range(passes):
            descent.step(bad.theta, faulty_gradient(bad, X_train, y_train), {}, RATE)
        parts = ((X_train, y_train), (X_test, y_test))
        scores = [float(np.mean(model.predict(Z) == t)) for model in (good, bad) for Z, t in parts]
        print(f"{draw:<8d}" + "".join(f"{score:9.3f}" for score in scores))
        accuracies.append(scores)
        moved.append(
            [
                float(np.linalg.norm(model.layers[0].W - W) / np.linalg.norm(W))
                for model, W in zip((good, bad), drawn, strict=True)
            ]
        )
    (right_train, right_test, wrong_train, wrong_test), (right_moved, wrong_moved) = (
        np.mean(rows, axis=0) for rows in (accuracies, moved)
    )
    print(f"{'mean':8}{right_train:9.3f}{right_test:9.3f}{wrong_train:9.3f}{wrong_test:9.3f}")
    print(f"{'W1 moved by':12}{right_moved:14.0%}{wrong_moved:18.0%}   of its own size, on average")
    say(
        """

        The tutorial reports 0.89 on its training data and 0.848 on its test data, and asks no further.
        """,
        when(
            wrong_test + 0.02 < right_test and abs(wrong_train - 0.89) < 0.04,
            "That is about what the faulty gradient reaches here; the right one reaches more.",
        ),
        when(
            wrong_moved < 0.5 * right_moved,
            "The faulty gradient leaves the hidden layer nearly as it was drawn.",
        ),
    )

    heading("Why weights do not start at zero")
    X_train, _, y_train, _ = split(seed)
    for start in (0.5, 0.0):
        stuck = build(hidden, seed, weights="zeros")
        for layer in stuck.layers:
            layer.W = np.full_like(layer.W, start)
        stuck.fit(
            X_train, y_train, optimizer=optimizers.GradientDescent(RATE), epochs=passes, batch_size=None, progress=False
        )
        accuracy = np.mean(stuck.predict(X_train) == y_train)
        print(f"all weights {start} at first: training accuracy {accuracy:.3f}; W1 is now")
        print(stuck.layers[0].W.round(4))
    say(
        "\n\n",
        when(
            hidden > 1,
            f"Units that start equal get equal gradients and stay equal: {hidden} of them do the work of one.",
            "With one hidden unit there is no other that could be equal to it; take two or more.",
        ),
        """
        At zero it is worse, no weight moves at all: the gradient of a hidden unit's weights is multiplied by its
        outgoing weight, 0, and the gradient of that weight by the unit's output, ELU(0) = 0. Random weights make the
        units different; biases may be 0.
        """,
    )

    if settings.plots:
        axes = None
        for rate, history in histories.items():
            axes = plots.loss_curve(history, label=f"rate {rate:g}", x="pass", y="mean cross-entropy", ax=axes)
        settings.save(axes, "loss.png")
        X_train, X_test, y_train, y_test = split(seed)
        settings.save(
            plots.decision_boundary(
                net, X_train, y_train, test=(X_test, y_test), title=f"{count(hidden, 'ELU unit')}, rate {RATE:g}"
            ),
            "boundary.png",
        )


LESSON = Lesson(
    name="moons-elu",
    title="ELU units, a test set, three faults",
    source=sources.ELU,
    run=run,
    defaults={"hidden": 3, "passes": 10_000, "seed": 0},
)
