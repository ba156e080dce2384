"""How many hidden units? The same training with 1 to 50 of them, side by side."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from sklearn.datasets import make_moons

from pellucid import Dense, Network, activations, fit_many, optimizers, penalties, plots
from pellucid.lessons import sources
from pellucid.lessons.lesson import Lesson, Settings
from pellucid.lessons.page import heading, say


def tanh_network(hidden: int, seed: int) -> Network:
    """The network of the lesson moons, with the tutorials' own first weights."""
    net = Network([Dense(2, hidden, "tanh"), Dense(hidden, 2, "softmax")], loss="cross_entropy")
    return net.initialize("normal_fan_in", random_state=np.random.RandomState(seed))


def elu_network(hidden: int, seed: int) -> Network:
    """The network of the lesson moons-elu."""
    layers = [Dense(2, hidden, activations.ELU(alpha=2.0)), Dense(hidden, 1, "sigmoid")]
    net = Network(layers, loss="binary_cross_entropy")
    return net.initialize("xavier_uniform", random_state=np.random.RandomState(seed))


@dataclass(frozen=True)
class Sweep:
    """One tutorial's data, network and training, and the sizes it tries."""

    title: str
    figure: str
    samples: int
    sizes: tuple[int, ...]
    network: Callable[[int, int], Network]
    rate: float
    reduction: Literal["mean", "sum"]
    penalty: penalties.L2 | None
    share: float  # of the passes asked for: the ELU units need half as many


TANH_SIZES, ELU_SIZES = (1, 2, 3, 4, 5, 20, 50), (2, 5, 10, 25, 50)
SWEEPS = (
    Sweep("200 points, tanh", "tanh-200.png", 200, TANH_SIZES, tanh_network, 0.01, "sum", penalties.L2(0.01), 1.0),
    Sweep("300 points, tanh", "tanh-300.png", 300, TANH_SIZES, tanh_network, 0.01, "sum", penalties.L2(0.01), 1.0),
    Sweep("500 points, ELU", "elu-500.png", 500, ELU_SIZES, elu_network, 0.1, "mean", None, 0.5),
)


def run(settings: Settings) -> None:
    """Three sweeps, with points never seen to say which size to believe."""
    say("""
        Each hidden unit adds one bend to the border. Too few cannot follow the moons; too many can follow the noise.
        Three sweeps, as the tutorials run them. Two things are added: how far the loss still moved over the last
        hundred passes, and the accuracy on 2000 fresh points from the same moons.
        """)
    fresh_X, fresh_y = make_moons(2000, noise=0.20, random_state=settings.seed + 1000)
    for sweep in SWEEPS:
        passes = max(1, round(sweep.share * settings.passes))
        heading(f"{sweep.title}, {passes} passes")
        X, y = make_moons(sweep.samples, noise=0.20, random_state=settings.seed)
        models = {hidden: sweep.network(hidden, settings.seed) for hidden in sweep.sizes}
        histories = fit_many(
            models.values(),
            X,
            y,
            threads=os.cpu_count() or 1,
            optimizer=optimizers.GradientDescent(sweep.rate),
            epochs=passes,
            penalty=sweep.penalty,
            reduction=sweep.reduction,
        )
        print(f"{'h':>4}{'loss':>9}{'between':>20}{'train':>9}{'fresh':>9}{'seconds':>10}")
        for (hidden, net), history in zip(models.items(), histories, strict=True):
            # The mean loss before each update, as the tutorials define it: penalty included, over the samples.
            losses = np.array(history["objective"]) / (sweep.samples if sweep.reduction == "sum" else 1)
            lowest, highest = losses[-100:].min(), losses[-100:].max()
            print(
                f"{hidden:4d}{losses[-1]:9.3f}{lowest:11.4f} – {highest:.4f}{np.mean(net.predict(X) == y):9.3f}"
                f"{np.mean(net.predict(fresh_X) == fresh_y):9.3f}{history['seconds'][-1]:10.1f}"
            )
        if settings.plots:
            axes = plots.hidden_size_grid(models, X, y, title=f"{sweep.title}, {passes} passes")
            settings.save(axes, sweep.figure)
    say("""

        With the tutorials' settings: one unit draws a line, two a line with a bend; from three on the border follows
        the moons. More units go on lowering the loss on the points they were trained with, and those with tanh lose a
        hundredth on fresh ones: what they gain is noise learned by heart. So far the tutorial is right that a smaller
        network does better on a test set; the ELU sweep, with more points to learn from, does not bear it out.

        Where lowest and highest differ, the run does not settle: its rate, 0.01 on a sum over hundreds of points, is
        too high for that network. One and two units jump between two places; with two units on 200 points, and four,
        the loss flares up for some passes again and again, and the figure it ends with is chance, down to the order
        in which a processor adds numbers.
        """)


LESSON = Lesson(
    name="hidden-sizes",
    title="How many hidden units",
    source=f"{sources.MOONS}; {sources.PART_2}; {sources.ELU}",
    run=run,
    defaults={"passes": 20_000, "seed": 0},
)
