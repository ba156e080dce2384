"""Why deep networks of sigmoids hardly learn: the slope is multiplied away on the way back."""

import numpy as np
from sklearn.datasets import make_moons

from pellucid import Dense, Network, optimizers, plots
from pellucid.lessons import sources
from pellucid.lessons.lesson import Lesson, Settings
from pellucid.lessons.page import count, heading, listed, say, when

KINDS = {"sigmoid": "xavier_uniform", "tanh": "xavier_uniform", "relu": "he_normal"}  # each with weights that suit it
DEPTHS = (1, 2, 4, 8)
RATE = 0.1
BATCH = 32


def build(activation: str, depth: int, width: int, seed: int) -> Network:
    """2 inputs → `depth` layers of `width` units → 2 softmax."""
    layers = [Dense(2, width, activation)]
    layers += [Dense(width, width, activation) for _ in range(depth - 1)]
    net = Network([*layers, Dense(width, 2, "softmax")], loss="cross_entropy")
    return net.initialize(KINDS[activation], random_state=seed)


def run(settings: Settings) -> None:
    """Gradients by layer before training; then training by depth."""
    width, seed, passes = settings.hidden, settings.seed, settings.passes
    X, y = make_moons(500, noise=0.2, random_state=seed)
    fresh_X, fresh_y = make_moons(2000, noise=0.2, random_state=seed + 1000)
    deepest = DEPTHS[-1]
    say(f"""
        On the way back from the loss, each layer multiplies the signal δ by its weights and by the slope of its
        activation. The sigmoid's slope is at most ¼, tanh's at most 1, ReLU's is 0 or 1. A product of many factors
        goes to 0 or to infinity unless they are about 1.

            2 inputs  →  1 to {deepest} layers of {count(width, "unit")}  →  2 softmax
        """)

    heading(f"The size of the gradient, layer by layer, {deepest} hidden layers, before training")
    networks = {activation: build(activation, deepest, width, seed) for activation in KINDS}
    sizes = {}
    for activation, net in networks.items():
        gradient = net.backward(net.forward(X), y)
        sizes[activation] = [float(np.sqrt(np.mean(dW**2))) for dW, _ in gradient.layers]
    print(f"{'layer':>6}" + "".join(f"{activation:>12}" for activation in KINDS))
    for number in range(deepest + 1):
        print(f"{number + 1:6d}" + "".join(f"{sizes[activation][number]:12.1e}" for activation in KINDS))
    print(f"{'slope':>6}" + "".join(f"{mean_slope(net, X):12.2f}" for net in networks.values()))
    factors = {
        activation: (values[0] / values[-2]) ** (1 / (deepest - 1))
        for activation, values in sizes.items()
        if values[-2]
    }
    print(
        f"{'factor':>6}" + "".join(f"{factors[kind]:12.2f}" if kind in factors else f"{'none':>12}" for kind in KINDS)
    )
    dead = [kind for kind in KINDS if kind not in factors]
    kept = [kind for kind in ("tanh", "relu") if min(sizes[kind][:-1]) * 10 > sizes[kind][-2] > 0]
    say(
        f"""

        Each number is the root mean square of ∂J/∂W in a layer; "slope" is the mean slope of the hidden units,
        "factor" what one layer further back does to the gradient on average, from layer {deepest} to layer 1.
        """,
        when(
            factors.get("sigmoid", 1.0) < 0.6,
            "With sigmoids it is far below 1, and the first layer, the one that sees the data, gets "
            f"{sizes['sigmoid'][0] / (sizes['sigmoid'][-2] or 1):.0e} of the gradient of layer {deepest}.",
        ),
        "The weights of tanh and ReLU are drawn to make up for the slopes.",
        when(
            bool(kept),
            f"With {listed(kept)} no hidden layer gets ten times less than the last one.",
        ),
        when(
            len(kept + dead) < 2,
            f"With {listed(kind for kind in ('tanh', 'relu') if kind not in kept + dead)} some hidden layer gets at "
            "least ten times less than the last one.",
        ),
        when(
            bool(dead),
            f"With {listed(dead)} no gradient at all reaches the hidden layers: somewhere every unit has slope 0 for "
            "every point.",
        ),
    )

    heading(f"{count(passes, 'epoch')} at rate {RATE}, batches of {BATCH}")
    print(f"{'hidden layers':>14}" + "".join(f"{activation:^22}" for activation in KINDS))
    print(f"{'':14}" + f"{'loss':>11}{'fresh':>9}  " * len(KINDS))
    trails, reached = {}, {}
    for depth in DEPTHS:
        cells = []
        for activation in KINDS:
            net = build(activation, depth, width, seed)
            trail = plots.Trail(every=max(1, passes // 50))
            net.fit(
                X,
                y,
                optimizer=optimizers.GradientDescent(RATE),
                epochs=passes,
                batch_size=BATCH,
                random_state=seed,
                callbacks=[trail],
                progress=False,
            )
            trails[activation, depth] = trail
            reached[activation, depth] = net.loss_value(X, y)
            cells.append(f"{reached[activation, depth]:11.4f}{np.mean(net.predict(fresh_X) == fresh_y):9.3f}  ")
        print(f"{depth:14d}" + "".join(cells))
    nothing = [depth for depth in DEPTHS if reached["sigmoid", depth] > 0.66]
    say(
        """

        "fresh" is the accuracy on 2000 points not trained with. A loss of 0.69 = ln 2 is that of the answer ½ for
        every point.
        """,
        when(
            bool(nothing),
            f"With sigmoids, networks of {listed(nothing)} hidden layers do not get far below it: they learned next to "
            "nothing."
            if nothing != [1]
            else "With sigmoids, the network of one hidden layer does not get far below it: it learned next to "
            "nothing.",
        ),
        when(
            max(reached[kind, depth] for kind in ("tanh", "relu") for depth in DEPTHS) < 0.35,
            "Tanh and ReLU learn at every depth. That does not mean that deeper is better: two moons do not need more "
            "than two layers.",
        ),
    )

    if settings.plots:
        axes = None
        for activation, values in sizes.items():
            axes = plots.loss_curve(
                values,
                label=activation,
                log=True,
                x="layer",
                y=r"size of the gradient,  $\sqrt{\mathrm{mean}\,(\partial J / \partial W)^2}$",
                title=f"Before training, {deepest} hidden layers",
                ax=axes,
            )
        settings.save(axes, "start.png")
        for activation in ("sigmoid", "relu"):
            title = f"{deepest} hidden layers of {activation}"
            settings.save(plots.gradient_norms(trails[activation, deepest], X, y, title=title), f"{activation}.png")
            axes = plots.update_ratios(trails[activation, deepest], title=title)
            settings.save(axes, f"{activation}-steps.png")


def mean_slope(net: Network, X: object) -> float:
    """The mean slope of all hidden units over the rows of X."""
    passed = net.forward(X)
    hidden = list(zip(net.layers, passed.Z, passed.A, strict=True))[:-1]
    return float(np.mean([layer.activation.derivative(Z, A).mean() for layer, Z, A in hidden]))


LESSON = Lesson(
    name="vanishing-gradients",
    title="Vanishing gradients",
    source=f"the closing advice of {sources.CLOUDS}, taken deeper",
    run=run,
    defaults={"hidden": 16, "passes": 100, "seed": 0},
)
