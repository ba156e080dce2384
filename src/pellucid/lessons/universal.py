"""One hidden layer, more units, more shapes: how a network comes to follow any curve and any border."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from pellucid import Dense, Network, optimizers, plots
from pellucid.lessons import sources
from pellucid.lessons.lesson import Lesson, Settings
from pellucid.lessons.page import heading, say

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
        A hidden unit is a bent step: low on one side, high on the other. Sums of such steps come as close as
        one likes to any continuous function on a bounded range, if there are enough of them (Cybenko, 1989).
        How many are enough, and whether training finds them, the theorem does not say. Here that is tried.
        """)

    heading("A curve: sin(3x + x²)")
    x = np.linspace(-2, 2, 200).reshape(-1, 1)
    outside = np.linspace(2, 3, 50).reshape(-1, 1)
    print(f"{'tanh units':>11}{'weights':>9}{'RMS error':>12}{'largest':>10}{'RMS error on 2 … 3':>21}")
    fits = {}
    for units in UNITS:
        candidates = []
        for draw in range(3):  # the best of three starts: a descent may end in a poor valley
            net = Network([Dense(1, units, "tanh"), Dense(units, 1)], loss="squared_error")
            net.initialize("normal", biases="normal", random_state=seed + draw)
            net.fit(x, curve(x), optimizer=optimizers.LBFGS(), epochs=passes, progress=False)
            candidates.append((net.loss_value(x, curve(x)), net))
        net = min(candidates, key=lambda one: one[0])[1]
        error = net.predict(x) - curve(x)[:, 0]
        beyond = net.predict(outside) - curve(outside)[:, 0]
        fits[units] = net
        print(
            f"{units:11d}{net.theta.size:9d}{np.sqrt(np.mean(error**2)):12.5f}{np.abs(error).max():10.5f}"
            f"{np.sqrt(np.mean(beyond**2)):21.3f}"
        )
    say("""

        From one unit to eight the error falls to a thirtieth or less. After that the descent, not the number of
        units, is what limits it. And the promise holds on the range only: on 2 … 3, where no points were, every one
        of them is off by 0.8 and more, on a curve that never leaves −1 … 1.
        """)

    heading("Borders: the share of fresh points on the right side")
    X, fresh = random.uniform(-1, 1, (1000, 2)), random.uniform(-1, 1, (4000, 2))
    print(f"{'tanh units':>11}" + "".join(f"{name:>11}" for name in SHAPES))
    models: dict[str, dict[int, Network]] = {name: {} for name in SHAPES}
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
            cells.append(f"{np.mean(net.predict(fresh) == shape(fresh)):11.3f}")
        print(f"{units:11d}" + "".join(cells))
    say("""

        One unit draws one straight line. Three lines enclose a disc, and part four chequers with their bends;
        a ring and a spiral want 8 to 16. Where the units suffice, more of them gain nothing: they lose a
        hundredth or two, for 1000 points do not say what to do between them.
        """)

    if settings.plots:
        shown = {f"{units} unit{'s' if units > 1 else ''}": fits[units] for units in (1, 2, 4, 32)}
        settings.save(plots.fitted_curves(shown, x, curve(x), margin=0.5), "curve.png")
        for name, sized in models.items():
            settings.save(plots.hidden_size_grid(sized, X, SHAPES[name](X).astype(int)), f"{name}.png")


LESSON = Lesson(
    name="universal",
    title="More units, more shapes",
    source=f"{sources.MOONS}; {sources.PART_2}",
    run=run,
    defaults={"passes": 300, "seed": 0},
)
