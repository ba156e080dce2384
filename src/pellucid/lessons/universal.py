"""One hidden layer, more units, more shapes: how a network comes to follow any curve and any border."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from pellucid import Dense, Network, optimizers, plots
from pellucid.lessons import sources
from pellucid.lessons.lesson import Lesson, Settings
from pellucid.lessons.page import heading, listed, say, when

UNITS = (1, 2, 3, 4, 8, 16, 32)
Points = NDArray[np.float64]


def curve(x: Points) -> Points:
    """A wave that gets faster: sin(3x + x²), on −2 … 2."""
    return np.sin(3 * x + x**2)


def disc(X: Points) -> NDArray[np.bool_]:
    """Inside a circle."""
    return np.hypot(X[:, 0], X[:, 1]) < 0.75


def chequers(X: Points) -> NDArray[np.bool_]:
    """Four squares, coloured in turn: exclusive or."""
    return X[:, 0] * X[:, 1] > 0


def ring(X: Points) -> NDArray[np.bool_]:
    """Between two circles."""
    return np.abs(np.hypot(X[:, 0], X[:, 1]) - 0.6) < 0.2


def spiral(X: Points) -> NDArray[np.bool_]:
    """Two arms that wind around each other once."""
    radius, angle = np.hypot(X[:, 0], X[:, 1]), np.arctan2(X[:, 1], X[:, 0])
    return np.sin(angle + 6 * radius) > 0


SHAPES: dict[str, Callable[[Points], NDArray[np.bool_]]] = {
    "disc": disc,
    "chequers": chequers,
    "ring": ring,
    "spiral": spiral,
}


def run(settings: Settings) -> None:
    """A curve, then borders, with 1 to 32 units."""
    seed, passes = settings.seed, settings.passes
    random = np.random.default_rng(seed)
    say("""
        A hidden unit is a bent step: low on one side, high on the other. Sums of enough such steps come as close as
        one likes to any continuous function on a bounded range (Cybenko, 1989). The theorem does not say how many are
        enough, nor whether training finds them. Here it is tried.
        """)

    heading("A curve: sin(3x + x²)")
    x = np.linspace(-2, 2, 200).reshape(-1, 1)
    outside = np.linspace(2, 3, 50).reshape(-1, 1)
    print(f"{'tanh units':>11}{'weights':>9}{'RMS error':>12}{'largest':>10}{'RMS error on 2 … 3':>21}")
    fits, inside, beyond = {}, {}, {}
    for units in UNITS:
        candidates = []
        for draw in range(3):  # the best of three starts: a descent may end in a poor valley
            net = Network([Dense(1, units, "tanh"), Dense(units, 1)], loss="squared_error")
            net.initialize("normal", biases="normal", random_state=seed + draw)
            net.fit(x, curve(x), optimizer=optimizers.LBFGS(), epochs=passes, progress=False)
            candidates.append((net.loss_value(x, curve(x)), net))
        net = min(candidates, key=lambda one: one[0])[1]
        error = net.predict(x) - curve(x)[:, 0]
        fits[units], inside[units] = net, float(np.sqrt(np.mean(error**2)))
        beyond[units] = float(np.sqrt(np.mean((net.predict(outside) - curve(outside)[:, 0]) ** 2)))
        print(f"{units:11d}{net.theta.size:9d}{inside[units]:12.5f}{np.abs(error).max():10.5f}{beyond[units]:21.3f}")
    better = inside[1] / inside[8]
    say(
        "\n\n",
        when(
            better >= 2,
            f"From one unit to eight the error falls to 1/{better:.0f}.",
            f"From one unit to eight the error goes from {inside[1]:.3f} to {inside[8]:.3f}: training did not put "
            "them to use.",
        ),
        when(
            better >= 2 and inside[32] > 0.5 * inside[8],
            "More units gain little or nothing after that: the descent, not their number, is the limit.",
        ),
        when(
            min(beyond[units] / inside[units] for units in UNITS) > 1.5,
            "The theorem holds on the range only: on 2 … 3, where no points were, the error is larger with every "
            "number of units, at least "
            f"{min(beyond.values()):.1f} on a curve that stays between −1 and 1.",
        ),
    )

    heading("Borders: the share of fresh points on the right side")
    X, fresh = random.uniform(-1, 1, (1000, 2)), random.uniform(-1, 1, (4000, 2))
    print(f"{'tanh units':>11}" + "".join(f"{name:>11}" for name in SHAPES))
    models: dict[str, dict[int, Network]] = {name: {} for name in SHAPES}
    shares: dict[str, dict[int, float]] = {name: {} for name in SHAPES}
    for units in UNITS:
        cells = []
        for name, shape in SHAPES.items():
            candidates = []
            for draw in range(3):
                net = Network([Dense(2, units, "tanh"), Dense(units, 1, "sigmoid")], loss="binary_cross_entropy")
                net.initialize("normal", biases="normal", random_state=seed + draw)
                net.fit(X, shape(X), optimizer=optimizers.LBFGS(), epochs=passes, progress=False)
                candidates.append((net.loss_value(X, shape(X)), net))
            net = models[name][units] = min(candidates, key=lambda one: one[0])[1]
            shares[name][units] = float(np.mean(net.predict(fresh) == shape(fresh)))
            cells.append(f"{shares[name][units]:11.3f}")
        print(f"{units:11d}" + "".join(cells))
    enough = {
        name: next((units for units, share in by_units.items() if share >= 0.95), None)
        for name, by_units in shares.items()
    }
    found = {name: units for name, units in enough.items() if units is not None}
    losers = [name for name, units in found.items() if units < 32 and shares[name][32] < max(shares[name].values())]
    say(
        """

        One unit draws one straight line; three can enclose a region.
        """,
        when(
            bool(found),
            "95 of 100 fresh points are on the right side with "
            f"{listed(f'{units} units for the {name}' for name, units in found.items())}.",
        ),
        when(
            len(found) < len(SHAPES),
            f"No number of units gets there for the {listed(name for name in SHAPES if name not in found)}.",
        ),
        when(
            bool(losers),
            f"Where the units are enough, more of them need not help: with 32 the share for the {listed(losers)} is "
            "below its highest, for 1000 points do not say what to do between them.",
        ),
    )

    if settings.plots:
        shown = {f"{units} unit{'s' if units > 1 else ''}": fits[units] for units in (1, 2, 4, 32)}
        settings.save(plots.fitted_curves(shown, x, curve(x), margin=0.5), "curve.png")
        for name, sized in models.items():
            axes = plots.hidden_size_grid(
                sized, X, SHAPES[name](X).astype(int), equal=True, margin=0.1, max_points=200, title=name
            )
            settings.save(axes, f"{name}.png")


LESSON = Lesson(
    name="universal",
    title="More units, more shapes",
    source=f"{sources.MOONS}; {sources.PART_2}",
    run=run,
    defaults={"passes": 300, "seed": 0},
)
