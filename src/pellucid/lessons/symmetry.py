"""Why weights do not start equal: units that begin alike stay alike."""

import numpy as np
from sklearn.datasets import make_moons

from pellucid import Dense, Network, callbacks, initializers, optimizers, plots
from pellucid.lessons import sources
from pellucid.lessons.lesson import Lesson, Settings
from pellucid.lessons.page import count, heading, progress_every, say, when

POINTS = (100, 200)  # of either class, so that the last bias has something to learn
RATE = 1.0
START = 0.5
NUDGE = 1e-6


def build(hidden: int, activation: str, weights: str | initializers.Initializer, seed: int) -> Network:
    """2 inputs → hidden units → 1 sigmoid."""
    net = Network([Dense(2, hidden, activation), Dense(hidden, 1, "sigmoid")], loss="binary_cross_entropy")
    return net.initialize(weights, random_state=seed)


def set_equal(net: Network, value: float) -> Network:
    """Give every weight one value; biases stay 0."""
    for layer in net.layers:
        layer.W = np.full_like(layer.W, value)
    return net


def apart(net: Network) -> float:
    """How far the hidden units are from being one: the largest difference between two units' incoming weights."""
    W = net.layers[0].W
    return float((W.max(axis=1) - W.min(axis=1)).max())


def run(settings: Settings) -> None:
    """Zero, equal, nudged and random starts."""
    hidden, seed, passes = settings.hidden, settings.seed, settings.passes
    X, y = make_moons(POINTS, noise=0.2, random_state=seed)
    say(f"""
        Hidden units are there to see different things. They get different weights only if something makes them
        different from the start. Two half moons of {POINTS[0]} and {POINTS[1]} points,
        {count(passes, "pass", "passes")} of gradient descent at rate {RATE:g}.

            2 inputs  →  {count(hidden, "unit")}  →  1 sigmoid          loss: binary cross-entropy
        """)

    heading("The first gradient")
    print(f"{'start':16}{'largest |∂J/∂W1|':>18}{'largest |∂J/∂W2|':>18}{'|∂J/∂b2|':>11}")
    starts = {
        "zeros, tanh": build(hidden, "tanh", "zeros", seed),
        "zeros, sigmoid": build(hidden, "sigmoid", "zeros", seed),
        f"all {START}, tanh": set_equal(build(hidden, "tanh", "zeros", seed), START),
        "random, tanh": build(hidden, "tanh", "xavier_uniform", seed),
    }
    for name, net in starts.items():
        gradient = net.backward(net.forward(X), y)
        (dW1, _), (dW2, db2) = gradient.layers
        print(f"{name:16}{np.abs(dW1).max():18.1e}{np.abs(dW2).max():18.1e}{np.abs(db2).max():11.1e}")
    say("""

        With zeros, what goes back to a hidden unit is multiplied by its outgoing weight, 0: W1 gets nothing. What W2
        gets is multiplied by the unit's output. For tanh that is tanh(0) = 0, so W2 gets nothing either: only the
        last bias moves, and the answer is the same for every point. A sigmoid unit gives ½ where tanh gives 0, so its
        W2 may move, and after it W1.
        """)

    heading("After training")
    print(f"{'start':16}{'loss':>8}{'accuracy':>10}{'apart by':>10}   weights from input 1")
    losses, distances = {}, {}
    for name, net in starts.items():
        history = net.fit(
            X, y, optimizer=optimizers.GradientDescent(RATE), epochs=passes, batch_size=None, progress=False
        )
        losses[name] = history["loss"]
        distances[name] = apart(net)
        row = " ".join(f"{w:6.2f}" for w in net.layers[0].W[0, :4])
        print(
            f"{name:16}{net.loss_value(X, y):8.4f}{np.mean(net.predict(X) == y):10.3f}{distances[name]:10.1e}   {row}"
            f"{' …' if hidden > 4 else ''}"
        )
    started_equal = [distances[name] for name in starts if not name.startswith("random")]
    say(
        "\n\n",
        when(
            hidden > 1 and max(started_equal) == 0,
            f"Equal units get equal gradients, take equal steps and are equal again: {hidden} of them do the work of "
            "one, which is a straight border, however long they train.",
        ),
        when(
            hidden > 1 and distances["random, tanh"] > 0,
            "Random weights are different from the start, and stay so.",
        ),
        when(
            hidden == 1,
            "One hidden unit has no other that it could be equal to: take two or more to see the difference between "
            "the starts.",
        ),
    )

    heading(f"A nudge of {NUDGE:g}")
    nudged = set_equal(build(hidden, "tanh", "zeros", seed), START)
    nudged.layers[0].W += NUDGE * np.random.default_rng(seed).standard_normal(nudged.layers[0].W.shape)
    every = progress_every(passes, lines=10)

    def print_distance(run: callbacks.Run) -> None:
        if (run.epoch + 1) % every == 0:
            print(f"after pass {run.epoch + 1:6d}   loss {run.history['loss'][-1]:.4f}   apart by {apart(nudged):.1e}")

    print(f"at the start{'':18}   apart by {apart(nudged):.1e}")
    nudged_history = nudged.fit(
        X,
        y,
        optimizer=optimizers.GradientDescent(RATE),
        epochs=passes,
        batch_size=None,
        callbacks=[print_distance],
        progress=False,
    )
    losses[f"all {START}, nudged"] = nudged_history["loss"]
    distance = apart(nudged)
    print(f"accuracy {np.mean(nudged.predict(X) == y):.3f}")
    say(
        "\n\n",
        when(
            hidden > 1 and distance > 1,
            "Equal units are like a pencil on its tip: they stay equal only while nothing moves them. A millionth was "
            f"enough to end it, though the difference took many of the {passes} passes to grow; a random start has it "
            "at once.",
        ),
        when(
            hidden > 1 and distance <= 1,
            f"After {count(passes, 'pass', 'passes')} the units are still apart by only {distance:.1e}. A random start "
            "has a difference at once.",
        ),
        "Biases may start at 0, for different weights are enough to make units different.",
    )

    if settings.plots:
        equal, random = starts[f"all {START}, tanh"], starts["random, tanh"]
        settings.save(plots.unit_maps(equal, X, y, title="Equal at the start: what each unit says"), "equal-units.png")
        settings.save(plots.unit_maps(random, X, y, title="Random start: what each unit says"), "random-units.png")
        settings.save(plots.network_diagram(equal, title="Equal at the start, after training"), "equal-network.png")
        settings.save(plots.network_diagram(random, title="Random start, after training"), "random-network.png")
        axes = None
        for name, values in losses.items():
            axes = plots.loss_curve(values, label=name, x="pass", y="mean cross-entropy", ax=axes)
        settings.save(axes, "loss.png")


LESSON = Lesson(
    name="symmetry",
    title="Weights that start equal",
    source=sources.ELU,
    run=run,
    defaults={"hidden": 4, "passes": 4_000, "seed": 0},
)
