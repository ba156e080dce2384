"""How large a step may be, and why the tutorials' script blows up when it is given more points."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import make_moons

from pellucid import Dense, DivergenceError, History, Network, optimizers, penalties, plots
from pellucid.lessons import sources
from pellucid.lessons.lesson import Lesson, Settings
from pellucid.lessons.page import count, heading, listed, say, when

Reduction = Literal["mean", "sum"]

SUM_RATE = 0.01  # the tutorials'
MEAN_RATE = SUM_RATE * 200  # the same steps on the mean loss of 200 points
SIZES = (100, 200, 400, 1000, 2000)
RATES = (0.002, 0.02, 0.2, 2.0, 8.0, 32.0)


def build(seed: int, hidden: int) -> Network:
    """The network of the lesson moons, with the tutorials' own first weights."""
    net = Network([Dense(2, hidden, "tanh"), Dense(hidden, 2, "softmax")], loss="cross_entropy")
    return net.initialize("normal_fan_in", random_state=np.random.RandomState(seed))


def moons(samples: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Points on two half moons."""
    X, y = make_moons(samples, noise=0.20, random_state=seed)
    return X, y


def curvature(net: Network, X: NDArray[np.float64], y: NDArray[np.int64], reduction: Reduction) -> float:
    """How fast the gradient changes in the direction where it changes fastest: the Hessian's largest eigenvalue.

    By power iteration: a vector that is multiplied by the Hessian H again and again turns into that direction. H v is
    the difference of the gradients a little before and a little behind, along v.
    """
    probe, theta, step = net.copy(), net.theta.copy(), 1e-4
    v, eigenvalue = np.random.default_rng(0).standard_normal(theta.size), 0.0
    for _ in range(50):
        v /= np.linalg.norm(v)
        gradients = []
        for sign in (1, -1):
            probe.theta = theta + sign * step * v
            gradients.append(probe.backward(probe.forward(X), y, reduction=reduction).theta)
        Hv = (gradients[0] - gradients[1]) / (2 * step)
        eigenvalue, v = float(v @ Hv), Hv
    return eigenvalue


def train(
    net: Network, X: NDArray[np.float64], y: NDArray[np.int64], rate: float, reduction: Reduction, passes: int
) -> History | None:
    """Gradient descent as the tutorials run it, penalty included; None if the numbers blow up."""
    strength = 0.01 if reduction == "sum" else 0.01 / len(X)  # the mean divides everything by n, the penalty too
    try:
        return net.fit(
            X,
            y,
            optimizer=optimizers.GradientDescent(rate),
            epochs=passes,
            batch_size=None,
            penalty=penalties.L2(strength),
            reduction=reduction,
            progress=False,
        )
    except DivergenceError:
        return None


def print_run(name: str, history: History | None, net: Network, X: NDArray[np.float64], y: NDArray[np.int64]) -> None:
    """One line of a table: where the loss began, how far it still moved at the end, and the accuracy."""
    if history is None:
        print(f"{name:>8}   not a number")
        return
    losses = np.array(history["loss"])
    tail = losses[-100:]
    print(
        f"{name:>8}{losses[0]:10.3f}{losses.max():10.3f}{tail.min():11.3f} – {tail.max():<8.3f}"
        f"{np.mean(net.predict(X) == y):9.3f}"
    )


def learns(history: History | None) -> bool:
    """Whether the loss of the last hundred passes, or of the last half, stays below where it began."""
    if history is None:
        return False
    tail = history["loss"][len(history) // 2 :][-100:]
    return bool(max(tail) < history["loss"][0])


def ten_times_slower(slow: History | None, fast: History | None) -> bool:
    """Whether a run ends where another one, of ten times the rate, was after a tenth of the passes."""
    if slow is None or fast is None or len(slow) < 100:
        return False
    early = fast["loss"][len(fast) // 10 - 1]
    return bool(abs(slow["loss"][-1] - early) < 0.03 * early)


def jumps(history: History | None) -> bool:
    """Whether the loss still goes up by a tenth from one pass to the next in the last hundred."""
    if history is None:
        return False
    tail = np.array(history["loss"][-100:])
    return bool(np.any(tail[1:] > 1.1 * tail[:-1]))


HEADER = f"{'first':>10}{'highest':>10}{'last hundred passes':>22}{'accuracy':>9}"


def run(settings: Settings) -> None:
    """More points at one rate, with the sum and with the mean; then the rates."""
    hidden, seed, passes = settings.hidden, settings.seed, settings.passes
    say(f"""
        The rate says how far to go along the slope. Its right size depends on the loss, and so on a choice that is
        easy to overlook: the tutorials descend the sum of the losses of all points, and report their mean. Here their
        network ({count(hidden, "tanh unit")}, {count(passes, "pass", "passes")}) gets more points than they give it.
        """)

    heading(f"Rate {SUM_RATE}, loss summed over the points, as in the tutorials")
    print(f"{'points':>8}{HEADER}")
    curves, by_sum = {}, {}
    for samples in SIZES:
        X, y = moons(samples, seed)
        net = build(seed, hidden)
        history = by_sum[samples] = train(net, X, y, SUM_RATE, "sum", passes)
        print_run(str(samples), history, net, X, y)
        if history is not None:
            curves[count(samples, "point")] = np.array(history["loss"])
    learned = [samples for samples, history in by_sum.items() if learns(history)]
    thrown = [samples for samples, history in by_sum.items() if not learns(history)]
    say(
        """

        All losses here are means for a point, so that the lines compare.
        """,
        when(passes > 1 and bool(learned), f"With {listed(learned)} points the network learns."),
        when(
            passes > 1 and bool(thrown),
            f"With {listed(thrown)} points it does not: to the end the loss goes above where it began.",
        ),
        when(
            passes > 1 and bool(learned) and bool(thrown) and max(learned) < min(thrown),
            "There is nothing wrong with the extra points: they make the sum larger, its slope with it, and every step "
            "too long.",
        ),
    )

    heading(f"The same, with the mean and rate {SUM_RATE} · 200 = {MEAN_RATE:g}")
    print(f"{'points':>8}{HEADER}")
    by_mean = {}
    for samples in SIZES:
        X, y = moons(samples, seed)
        net = build(seed, hidden)
        by_mean[samples] = train(net, X, y, MEAN_RATE, "mean", passes)
        print_run(str(samples), by_mean[samples], net, X, y)
    say(
        """

        For 200 points these are the same steps as above, but for rounding. For other numbers of points the step no
        longer depends on how many they are.
        """,
        when(
            all(learns(history) for history in by_mean.values()),
            "One rate serves all of them.",
        ),
        when(
            passes > 1 and not all(learns(history) for history in by_mean.values()),
            "The rate is too high for this network all the same: with "
            f"{listed(n for n, history in by_mean.items() if not learns(history))} points the loss goes above where it "
            "began to the end.",
        ),
        'Pellucid takes the mean; `reduction="sum"` asks for the sum.',
    )

    heading("How long a step may be")
    print(f"{'':12}{'at the start':^30}{'after training':^30}")
    print(f"{'points':>8}{'curvature':>14}{'2/curvature':>14}{'':4}{'curvature':>14}{'2/curvature':>14}")
    limits: dict[tuple[str, int], tuple[float, float]] = {}
    pairs: list[tuple[Reduction, int]] = [(reduction, n) for reduction in ("sum", "mean") for n in SIZES[1:]]
    for reduction, samples in pairs:
        X, y = moons(samples, seed)
        net = build(seed, hidden)
        start = curvature(net, X, y, reduction)
        net.fit(X, y, optimizer=optimizers.GradientDescent(0.5), epochs=passes, batch_size=None, progress=False)
        end = curvature(net, X, y, reduction)
        limits[reduction, samples] = 2 / start, 2 / end
        print(f"{reduction:>4}{samples:5d}{start:13.2f}{2 / start:14.4f}{'':4}{end:14.2f}{2 / end:14.4f}")
    few, many = limits["sum", 200][0], limits["sum", 2000][0]
    means = [limit for (reduction, _), pair in limits.items() if reduction == "mean" for limit in pair]
    survivors = [n for n in learned if n >= 200 and max(limits["sum", n]) < SUM_RATE]
    say(
        """

        In a valley of curvature c, a step of rate r multiplies the distance to the bottom by 1 − r c: beyond r = 2/c
        each step ends higher than the last (lesson gradient-descent). For a network c differs from direction to
        direction and from place to place; the table has the largest, at two places.
        """,
        f"On the sum it grows with the number of points: at the start the limit is {few:.4f} for 200 points and "
        f"{many:.4f} for 2000. On the mean the limits are between {min(means):.2f} and {max(means):.2f}.",
        when(
            bool(survivors),
            f"A rate above the limit need not end a run, as {listed(survivors)} points show: thrown out of a narrow "
            "valley, the network may come down in a wider one.",
        ),
    )

    heading("Rates on the mean, 200 points")
    X, y = moons(200, seed)
    print(f"{'rate':>8}{HEADER}")
    by_rate, runs = {}, {}
    for rate in RATES:
        net = build(seed, hidden)
        history = train(net, X, y, rate, "mean", passes)
        print_run(f"{rate:g}", history, net, X, y)
        runs[rate] = history
        if history is not None:
            by_rate[f"rate {rate:g}"] = np.array(history["loss"])
    slower = [rate for rate in RATES if 10 * rate in RATES and ten_times_slower(runs[rate], runs[10 * rate])]
    jumping = [rate for rate in RATES if jumps(runs[rate])]
    say(
        "\n\n",
        when(
            bool(slower),
            f"A low rate learns the same, only later: at rate {listed(f'{rate:g}' for rate in slower)} the loss after "
            f"{passes} passes is that of ten times the rate after {passes // 10}.",
        ),
        when(
            bool(jumping),
            f"A high rate makes the loss jump: at rate {listed(f'{rate:g}' for rate in jumping)} it still does in "
            "the last hundred passes, and where it stops is chance.",
        ),
        """
        To find a rate, raise it by factors of three or ten until the loss no longer falls steadily, then take the one
        before.
        """,
    )

    if settings.plots:
        for filename, losses, title in (
            ("points.png", curves, f"Rate {SUM_RATE} on the summed loss"),
            ("rates.png", by_rate, "200 points, rate on the mean loss"),
        ):
            axes = None
            for name, values in losses.items():
                axes = plots.loss_curve(values, label=name, log=True, x="pass", y="mean loss", title=title, ax=axes)
            settings.save(axes, filename)

        trail = plots.Trail(every=max(1, passes // 200))
        net = build(seed, hidden)
        net.fit(
            X,
            y,
            optimizer=optimizers.GradientDescent(MEAN_RATE),
            epochs=passes,
            batch_size=None,
            callbacks=[trail],
            progress=False,
        )
        settings.save(
            plots.loss_surface(trail, X, y, title=f"200 points, rate {MEAN_RATE:g} on the mean loss"), "path.png"
        )


LESSON = Lesson(
    name="learning-rate",
    title="Learning rates; sum against mean",
    source=f"{sources.MOONS}; {sources.NEURON}; {sources.PART_2}",
    run=run,
    defaults={"hidden": 3, "passes": 3_000, "seed": 0},
)
