"""One step of training with every number on the page, for a network small enough to check with pencil and paper."""

import numpy as np

from pellucid import Dense, Network, callbacks, explain, optimizers, plots
from pellucid.lessons import sources
from pellucid.lessons.lesson import Lesson, Settings
from pellucid.lessons.page import WIDTH, count, heading, say, when

X, Y = np.array([[1.0, 2.0]]), np.array([1])
RATE = 0.5


def build() -> Network:
    """2 inputs → 2 sigmoid → 1 sigmoid, with weights chosen so that the first sums are whole numbers."""
    net = Network([Dense(2, 2, "sigmoid"), Dense(2, 1, "sigmoid")], loss="squared_error")
    hidden, last = net.layers
    hidden.W, hidden.b = np.array([[-1.0, -1.0], [1.0, 0.5]]), np.array([0.0, -1.0])
    last.W, last.b = np.array([[2.0], [1.0]]), np.array([-1.0])
    return net


def run(settings: Settings) -> None:
    """The whole step, then one unit and one weight, then what comes of more steps."""
    net = build()
    say("""
        Take pencil and paper. Two inputs, two hidden units, one output, sigmoid everywhere, squared error: the network
        whose back-propagation one of the tutorials derives. One sample, x = (1, 2), whose answer should be 1. Work
        out each line before reading on; all you need is σ(z) = 1/(1 + e⁻ᶻ) and its slope a (1 − a).
        """)
    print()
    step = explain(net, X, Y, optimizer=optimizers.GradientDescent(RATE))
    print(step.to_text(WIDTH))

    heading("Once more, for one unit and one weight")
    print(step.node(1, 1).to_text(WIDTH))
    print(step.edge(1, 2, 1).to_text(WIDTH))
    say("""
        All of this is what `explain` prints, for any network and any data of yours; `pellucid explain` does it from
        the shell. The numbers are not computed a second time for the page: training itself uses them.
        """)

    heading(f"And {count(settings.passes, 'step')} more")
    every = max(1, settings.passes // 10)
    answers = [float(net.forward(X).output[0, 0])]

    def print_answer(run: callbacks.Run) -> None:
        if (run.epoch + 1) % every == 0:
            # The loss in the history is that before the step; this is the answer after it.
            answer = float(run.network.forward(X).output[0, 0])
            answers.append(answer)
            print(f"after step {run.epoch + 1:4d}   answer {answer:.4f}   loss {(answer - 1) ** 2 / 2:.6f}")

    before = net.copy()
    net.fit(
        X,
        Y,
        optimizer=optimizers.GradientDescent(RATE),
        epochs=settings.passes,
        callbacks=[print_answer],
        progress=False,
    )
    gains = np.diff(answers)
    say(
        f"""

        The answer went from {answers[0]:.4f} to {answers[-1]:.4f}.
        """,
        when(
            len(gains) > 1 and bool(np.all(gains > 0) and np.all(np.diff(gains) < 0)),
            "It comes closer to 1 in ever smaller steps: both the error a − y and the slope a (1 − a), which are "
            "factors of every gradient, go to 0 together.",
        ),
    )

    if settings.plots:
        settings.save(plots.network_diagram(before, title="Before"), "before.png")
        settings.save(plots.network_diagram(net, title=f"After {count(settings.passes, 'step')}"), "after.png")


LESSON = Lesson(
    name="by-hand",
    title="Every number of one training step",
    source=f"the derivation in {sources.PART_2}",
    run=run,
    defaults={"passes": 200},
)
