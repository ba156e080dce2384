"""A network of two inputs, two hidden units and one output, every number of a training step worked out."""

import numpy as np

from pellucid import Dense, Network, explain, optimizers, plots
from pellucid.lessons import sources
from pellucid.lessons.lesson import Lesson, Settings
from pellucid.lessons.page import heading, say

X = np.array([[0.5, -1.0]])
TARGET = np.array([0.8])
RATE = 0.5


def new_network() -> Network:
    """2-2-1 with sigmoids and squared error, as the text derives it; weights that are easy to write down."""
    net = Network([Dense(2, 2, "sigmoid"), Dense(2, 1, "sigmoid")], loss="squared_error")
    net.layers[0].W = np.array([[0.2, -0.4], [0.7, 0.1]])
    net.layers[0].b = np.array([0.1, -0.2])
    net.layers[1].W = np.array([[0.6], [-0.3]])
    net.layers[1].b = np.array([0.05])
    return net


def run(settings: Settings) -> None:
    """One step in every detail, one unit's and one weight's story, then many steps."""
    say("""
        Nine numbers: four weights and two biases into the hidden layer, two weights and a bias into the output. One
        sample, (0.5, −1), is to be answered with 0.8. Take a pencil and follow; each formula stands above its numbers.
        """)
    net = new_network()
    step = explain(net, X, TARGET, optimizer=optimizers.GradientDescent(RATE))
    print()
    print(step.text)

    heading("The same step, seen from one hidden unit")
    print(step.node(0, 1).text)
    heading("The same step, seen from one weight")
    print(step.edge(0, 1, 0).text)

    heading(f"{settings.passes} such steps")
    history = net.fit(
        X, TARGET, optimizer=optimizers.GradientDescent(RATE), epochs=settings.passes, shuffle=False, progress=False
    )
    print(f"loss    {history['loss'][0]:.6f} before the first, {history['loss'][-1]:.2e} before the last")
    print(f"answer  {net.predict(X)[0]:.6f}; the target is {TARGET[0]}")
    say("""

        With one sample there is nothing to learn but that sample. With more rows nothing changes in the formulas: each
        has a row of its own in X, Z, A and δ, and the gradients sum over the rows. Try it on your data:

            explain(net, X, y).save("step.html")
        """)
    if settings.plots:
        settings.save(plots.network_diagram(net), "network.png")
        settings.save(plots.loss_curve(history, log=True, title="Nine numbers, one sample"), "loss.png")


LESSON = Lesson(
    name="by-hand",
    title="A training step, number by number",
    source=f"the derivation in {sources.PART_2}",
    run=run,
    defaults={"passes": 300},
)
