"""How many hidden units? The same training with 1 to 50 of them, side by side."""

from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import make_moons

from pellucid import Dense, Network, activations, optimizers, penalties, plots
from pellucid.lessons import sources
from pellucid.lessons.lesson import Lesson, Settings
from pellucid.lessons.page import heading, say

SIZES = (1, 2, 3, 4, 5, 20, 50)
ELU_SIZES = (2, 5, 10, 25, 50)
PENALTY = penalties.L2(0.01)


def train_tanh(X: NDArray[np.float64], y: NDArray[np.int64], hidden: int, settings: Settings) -> Network:
    """The network of the lesson moons, from the tutorials' own first weights."""
    net = Network([Dense(2, hidden, "tanh"), Dense(hidden, 2, "softmax")], loss="cross_entropy")
    net.initialize("normal_fan_in", random_state=np.random.RandomState(settings.seed))
    net.fit(
        X,
        y,
        optimizer=optimizers.GradientDescent(0.01),
        epochs=settings.passes,
        penalty=PENALTY,
        reduction="sum",
        progress=False,
    )
    return net


def train_elu(X: NDArray[np.float64], y: NDArray[np.int64], hidden: int, settings: Settings) -> Network:
    """The network of the lesson moons-elu."""
    layers = [Dense(2, hidden, activations.ELU(alpha=2.0)), Dense(hidden, 1, "sigmoid")]
    net = Network(layers, loss="binary_cross_entropy").initialize("xavier_uniform", random_state=settings.seed)
    net.fit(X, y, optimizer=optimizers.GradientDescent(0.1), epochs=settings.passes, progress=False)
    return net


def run(settings: Settings) -> None:
    """Three sweeps, with points never seen to say which size to believe."""
    say("""
        Each hidden unit adds one bend to the border. Too few cannot follow the moons; too many can follow the noise.
        Three sweeps, as the tutorials run them; the last column, which they do not have, is the accuracy on 2000
        fresh points from the same moons.
        """)
    fresh_X, fresh_y = make_moons(2000, noise=0.20, random_state=settings.seed + 1000)
    sweeps = (
        ("200 points, tanh and softmax", "moons-200.png", 200, SIZES, train_tanh),
        ("300 points, tanh and softmax", "moons-300.png", 300, SIZES, train_tanh),
        ("500 points, ELU and sigmoid", "moons-elu.png", 500, ELU_SIZES, train_elu),
    )
    for title, filename, samples, sizes, train in sweeps:
        heading(title)
        X, y = make_moons(samples, noise=0.20, random_state=settings.seed)
        models = {}
        print(f"{'h':>4}{'loss':>9}{'train':>9}{'fresh':>9}{'seconds':>10}")
        for hidden in sizes:
            started = perf_counter()
            net = models[hidden] = train(X, y, hidden, settings)
            if train is train_tanh:
                loss = net.loss_value(X, y, penalty=PENALTY, reduction="sum") / samples
            else:
                loss = net.loss_value(X, y)
            accuracy, unseen = np.mean(net.predict(X) == y), np.mean(net.predict(fresh_X) == fresh_y)
            print(f"{hidden:4d}{loss:9.3f}{accuracy:9.3f}{unseen:9.3f}{perf_counter() - started:10.1f}")
        if settings.plots:
            axes = plots.hidden_size_grid(models, X, y, title=f"{title}, {settings.passes} passes")
            settings.save(axes, filename)
    say("""

        One unit draws a line, two a line with a bend; from three on the border follows the moons. More units go on
        lowering the loss on the points they were trained with, and no longer the error on fresh ones: what they gain
        is noise learned by heart. The tutorial says that the smaller network would likely do better on a separate
        test set; compare the columns train and fresh to see how far that is so.
        """)


LESSON = Lesson(
    name="hidden-sizes",
    title="How many hidden units",
    source=f"{sources.MOONS}; {sources.PART_2}; {sources.ELU}",
    run=run,
    defaults={"passes": 20_000, "seed": 0},
)
