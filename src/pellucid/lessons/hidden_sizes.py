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
from pellucid.lessons.page import count, heading, listed, say, when


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
    verdicts = []
    fresh_X, fresh_y = make_moons(2000, noise=0.20, random_state=settings.seed + 1000)
    for sweep in SWEEPS:
        passes = max(1, round(sweep.share * settings.passes))
        title = f"{sweep.title}, {count(passes, 'pass', 'passes')}"
        heading(title)
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
        train, fresh, moving = {}, {}, []
        for (hidden, net), history in zip(models.items(), histories, strict=True):
            # The mean loss before each update, as the tutorials define it: penalty included, over the samples.
            losses = np.array(history["objective"]) / (sweep.samples if sweep.reduction == "sum" else 1)
            lowest, highest = losses[-100:].min(), losses[-100:].max()
            train[hidden] = float(np.mean(net.predict(X) == y))
            fresh[hidden] = float(np.mean(net.predict(fresh_X) == fresh_y))
            if np.any(np.diff(losses[-100:]) > 1e-4):
                moving.append(hidden)
            print(
                f"{hidden:4d}{losses[-1]:9.3f}{lowest:11.4f} – {highest:.4f}{train[hidden]:9.3f}{fresh[hidden]:9.3f}"
                f"{history['seconds'][-1]:10.1f}"
            )
        verdicts.append(verdict(sweep, train, fresh, moving))
        if settings.plots:
            axes = plots.hidden_size_grid(models, X, y, title=title)
            settings.save(axes, sweep.figure)
    heading("What the tables say")
    say(
        """
        One unit draws a straight line, two a line with a bend. A border that follows the moons is right about 95 of
        100 fresh points and more.
        """,
        *verdicts,
        """

        A loss that rises from pass to pass is that of a run that has not settled: its rate is too high for that
        network, and where it stops is chance.
        """,
        settings.by_default(
            "From three tanh units on the border follows the moons. More of them lower the loss on the points they "
            "were trained with, and lose a hundredth on fresh ones: what they gain is noise learned by heart. The "
            "tutorial says that a smaller network does better on a test set; the ELU sweep, with more points to learn "
            "from, does not show it. With two tanh units on 200 points, and with four, the loss jumps up for some "
            "passes again and again, and the loss they end with depends on the order in which a processor adds "
            "numbers."
        ),
    )


def verdict(sweep: Sweep, train: dict[int, float], fresh: dict[int, float], moving: list[int]) -> str:
    """A paragraph with the conclusions from the table of one sweep."""
    follow = [hidden for hidden, share in fresh.items() if share >= 0.95]
    best, heart = max(fresh, key=lambda h: fresh[h]), max(train, key=lambda h: train[h])
    return (
        "\n\n"
        + " ".join(
            [
                f"{sweep.title}:",
                when(
                    bool(follow),
                    f"the smallest network whose border follows the moons has {count(min(follow, default=0), 'unit')}.",
                    "no border follows the moons.",
                ),
                f"On fresh points h = {best} is best ({fresh[best]:.3f}), on its own points h = {heart} "
                f"({train[heart]:.3f}).",
                when(bool(moving), f"With h = {listed(moving)} the loss still rose in the last hundred passes."),
            ]
        ).strip()
    )


LESSON = Lesson(
    name="hidden-sizes",
    title="How many hidden units",
    source=f"{sources.MOONS}; {sources.PART_2}; {sources.ELU}",
    run=run,
    defaults={"passes": 20_000, "seed": 0},
)
