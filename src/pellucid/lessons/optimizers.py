"""Smarter ways downhill: smaller batches, momentum, Nesterov's look ahead, Adam."""

from dataclasses import replace
from math import ceil

import numpy as np
from numpy.typing import NDArray

from pellucid import Dense, DivergenceError, Network, optimizers, plots, schedules
from pellucid.lessons import sources
from pellucid.lessons.lesson import Lesson, Settings
from pellucid.lessons.page import count, heading, say, when

STEEP = 100.0  # how many times steeper the valley is across than along
RULES: dict[str, optimizers.FirstOrder] = {
    "gradient descent": optimizers.GradientDescent(),
    "momentum": optimizers.Momentum(),
    "Nesterov": optimizers.Nesterov(),
    "Adam": optimizers.Adam(),
}
RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
BATCHES = (1500, 128, 32, 8, 1)
BATCH_RATE = 0.1


def valley(point: NDArray[np.float64]) -> float:
    """f(x, y) = ½ (x² + 100 y²): long in x, narrow in y, lowest at the origin."""
    return float(0.5 * (point[0] ** 2 + STEEP * point[1] ** 2))


def descend(rule: optimizers.FirstOrder, rate: float, steps: int) -> NDArray[np.float64]:
    """The points a rule goes through in the valley, from (−4, 1): (steps + 1, 2)."""
    point = np.array([-4.0, 1.0])
    path, state = [point.copy()], rule.init(point)
    for _ in range(steps):
        rule.step(point, point * [1.0, STEEP], state, rate)  # the gradient of f is (x, 100 y)
        path.append(point.copy())
        if np.abs(point).max() > 1e6:  # the rate is too high: nothing more to see
            break
    return np.array(path)


def steps_needed(path: NDArray[np.float64]) -> int | None:
    """After how many steps f stays below a millionth, or None."""
    high = np.flatnonzero([valley(point) >= 1e-6 for point in path])
    return int(high[-1]) + 1 if high[-1] + 1 < len(path) else None


def clouds(seed: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Three clouds of 500 points, as in the lesson clouds."""
    random = np.random.RandomState(seed)
    X = np.vstack([random.standard_normal((500, 2)) + centre for centre in ([0.0, -2.0], [2.0, 2.0], [-2.0, 2.0])])
    return X, np.repeat([0, 1, 2], 500)


def build(hidden: int, seed: int) -> Network:
    """2 inputs → sigmoid units → 3 softmax."""
    net = Network([Dense(2, hidden, "sigmoid"), Dense(hidden, 3, "softmax")], loss="cross_entropy")
    return net.initialize("xavier_uniform", random_state=seed)


def angle_to_whole(net: Network, X: NDArray[np.float64], y: NDArray[np.int64], batch: int, seed: int) -> float:
    """The mean angle, in degrees, between a batch's gradient and that of all points."""
    random = np.random.default_rng(seed)
    whole, angles = net.backward(net.forward(X), y).theta, []
    for _ in range(200):
        rows = random.choice(len(X), batch, replace=False)
        part = net.backward(net.forward(X[rows]), y[rows]).theta
        cosine = part @ whole / (np.linalg.norm(part) * np.linalg.norm(whole))
        angles.append(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))
    return float(np.mean(angles))


def run(settings: Settings) -> None:
    """A valley that can be seen; then batches; then rules and rates on a network."""
    hidden, seed, passes = settings.hidden, settings.seed, settings.passes
    say("""
        Batch gradient descent looks at all points, then takes one step straight downhill. Both can be improved: a
        step from fewer points is cheaper, and straight downhill is seldom the way to the minimum.
        """)

    heading("The way: a long, narrow valley")
    say(f"""
        f = ½ (x² + {STEEP:g} y²), from (−4, 1), with g the gradient, η the rate and μ = 0.9.

            gradient descent    θ ← θ − η g
            momentum            v ← μ v − η g,    θ ← θ + v
            Nesterov            v ← μ v − η g,    θ ← θ + μ v − η g
            Adam                m, s ← running means of g and g²,    θ ← θ − η m / √s
        """)
    print(f"\n{'':20}{'best rate':>10}{'steps to f < 1e-6':>20}{'crossings':>12}")
    best_paths = {}
    for name, rule in RULES.items():
        found = []
        for rate in np.geomspace(0.0005, 0.5, 31):
            path = descend(rule, rate, 600)
            if (steps := steps_needed(path)) is not None:
                found.append((steps, rate, path))
        steps, rate, path = min(found, key=lambda one: one[0])
        best_paths[name] = path[: steps + 1]
        turns = int(np.sum(np.diff(np.sign(path[: steps + 1, 1])) != 0))
        print(f"{name:20}{rate:10.4f}{steps:20d}{turns:12d}")
    say("""

        Each rule has the best of 31 rates; the last column counts how often its path crosses the valley's floor.
        The valley is 100 times steeper across than along, and straight downhill is across it: at its best rate every
        single step of gradient descent jumps to the other side. Momentum adds up what the steps have in common, the
        way along, while their jumps across cancel. Nesterov's rule takes the slope at the place where momentum will
        carry it, and so can use more than twice the rate. Adam divides each direction by the size of its slopes: the
        narrow side no longer decides how fast it goes along.
        """)

    X, y = clouds(seed)
    heading(f"The step: how many points it is worth looking at (three clouds, rate {BATCH_RATE})")
    start = build(hidden, seed)
    marks = sorted({1, max(1, passes // 4), passes})
    print(f"{'batch':>14}{'updates':>9}{'angle':>8}" + "".join(f"{f'epoch {mark}':>11}" for mark in marks))
    batch_curves, angles, rises = {}, {}, {}
    for batch, falling in (*((size, False) for size in BATCHES), (1, True)):
        net = build(hidden, seed)
        history = net.fit(
            X,
            y,
            optimizer=optimizers.GradientDescent(BATCH_RATE),
            epochs=passes,
            batch_size=batch,
            schedule=schedules.Cosine() if falling else None,
            random_state=seed,
            validation=(X, y),  # the loss of all points after each epoch
            progress=False,
        )
        name = f"{batch}, rate → 0" if falling else str(batch)
        losses = history["validation_loss"]
        batch_curves[f"batch {name}"] = losses
        angles[name] = angle_to_whole(start, X, y, batch, seed)
        rises[name] = int(np.sum(np.diff(losses) > 0))
        print(
            f"{name:>14}{ceil(len(X) / batch) * passes:9d}{angles[name]:7.0f}°"
            + "".join(f"{losses[mark - 1]:11.4f}" for mark in marks)
        )
    first = {name: losses[0] for name, losses in batch_curves.items()}
    last = {name: losses[-1] for name, losses in batch_curves.items()}
    say(
        f"""

        "angle" is the mean angle between the gradient of a batch and that of all points, before training. For 32
        points it is {angles["32"]:.0f}°, for a single one, which is what "stochastic" means, {angles["1"]:.0f}°.
        """,
        when(
            first["batch 1"] < first["batch 32"] < first["batch 1500"],
            "A step from fewer points goes in a less exact direction, but there are more of them: after one epoch, "
            "with the same number of points looked at, the smaller batch of 1, 32 and 1500 points has the smaller "
            "loss.",
        ),
        when(
            rises["1"] > rises["1, rate → 0"] and last["batch 1, rate → 0"] < last["batch 1"],
            f"At a steady rate and with single points the loss does not settle: it rose in "
            f"{count(rises['1'], 'epoch')} of {passes}. With a rate that falls to 0 it rose in "
            f"{rises['1, rate → 0']}, and ends lower.",
        ),
    )

    heading(f"The rule and its rate: loss after {count(passes, 'epoch')} in batches of 32")
    print(f"{'rate':>8}" + "".join(f"{name:>18}" for name in RULES))
    table: dict[str, list[float]] = {name: [] for name in RULES}
    for rate in RATES:
        for name, rule in RULES.items():
            net = build(hidden, seed)
            try:
                net.fit(
                    X,
                    y,
                    optimizer=replace(rule, learning_rate=rate),
                    epochs=passes,
                    batch_size=32,
                    random_state=seed,
                    progress=False,
                )
                table[name].append(net.loss_value(X, y))
            except DivergenceError:
                table[name].append(np.inf)
        print(f"{rate:8g}" + "".join(f"{table[name][-1]:18.4f}" for name in RULES))
    best = {name: int(np.argmin(values)) for name, values in table.items()}
    lowest = {name: values[best[name]] for name, values in table.items()}
    tenth = [(table["momentum"][line], table["gradient descent"][line + 2]) for line in range(len(RATES) - 2)]
    two_below = [table[name][line - 2] for name, line in best.items() if name != "gradient descent" and line >= 2]
    say(
        "\n\n",
        "Lowest loss of each rule: "
        + ", ".join(f"{name} {lowest[name]:.4f} at rate {RATES[line]:g}" for name, line in best.items())
        + ".",
        when(
            all(abs(momentum - plain) < 0.15 * plain for momentum, plain in tenth),
            "Momentum at a tenth of the rate ends about where gradient descent does: where its steps agree, "
            "1/(1 − 0.9) = 10 of them add up.",
        ),
        when(
            RATES[best["Adam"]] < RATES[best["momentum"]],
            "Adam's best rate is lower than that of momentum.",
        ),
        when(
            max(lowest.values()) < 1.2 * min(lowest.values()),
            "At its best each rule ends at about the same loss here.",
        ),
        when(
            bool(two_below) and min(two_below) > lowest["gradient descent"],
            "The rate is worth a search: two lines above its best in this table, each of the others has a larger loss "
            "than plain gradient descent at its own best.",
        ),
    )

    if settings.plots:
        settings.save(plots.descents(valley, best_paths, title="Each rule at its best rate"), "valley.png")
        axes = None
        for name, losses in batch_curves.items():
            axes = plots.loss_curve(losses, label=name, log=True, y="mean loss after the epoch", ax=axes)
        if axes is not None:
            axes.set_ylim(top=5.0)  # room for the legend
        settings.save(axes, "batches.png")


LESSON = Lesson(
    name="optimizers",
    title="Batches, momentum, Nesterov, Adam",
    source=f"the closing part of {sources.CLOUDS}",
    run=run,
    defaults={"hidden": 5, "passes": 20, "seed": 0},
)
