"""Two half moons, told apart by three tanh units and a softmax."""

import numpy as np
from sklearn.datasets import make_moons

from pellucid import Dense, Network, callbacks, check_gradients, optimizers, penalties, plots
from pellucid.lessons import sources
from pellucid.lessons.lesson import Lesson, Settings
from pellucid.lessons.page import count, heading, progress_every, say, when

RATE = 0.01
PENALTY = penalties.L2(0.01)
SAMPLES = 200


def run(settings: Settings) -> None:
    """Build, check, train and draw the network."""
    say(f"""
        Two classes of {SAMPLES // 2} points each, bent around each other. A straight line is not enough for them
        (lesson logistic-regression). A hidden layer of {count(settings.hidden, "tanh unit")} gives the network
        {count(settings.hidden, "bent step")} to build its border from.

            2 inputs  →  {settings.hidden} tanh  →  2 softmax          loss: cross-entropy
        """)

    # The data and the first weights come from the same generators, in the same order, as the tutorial's.
    X, y = make_moons(SAMPLES, noise=0.20, random_state=settings.seed)
    net = Network([Dense(2, settings.hidden, "tanh"), Dense(settings.hidden, 2, "softmax")], loss="cross_entropy")
    net.initialize("normal_fan_in", random_state=np.random.RandomState(settings.seed))

    heading("Is the gradient right?")
    print(check_gradients(net, X, y, penalty=PENALTY, reduction="sum"))
    say("""

        Each slope from back-propagation was compared with one measured by moving that weight a little and looking at
        the loss. Do this before believing any training run: a wrong gradient often still learns, only worse.
        """)

    heading(f"{count(settings.passes, 'pass', 'passes')} of gradient descent at rate {RATE}")
    every = progress_every(settings.passes)

    def mean_loss() -> float:
        """The loss as the tutorial reports it: the sum that is descended, penalty included, over the samples."""
        return net.loss_value(X, y, penalty=PENALTY, reduction="sum") / SAMPLES

    def print_loss(run: callbacks.Run) -> None:
        if run.epoch % every == 0:
            print(f"Loss after pass {run.epoch:5d}: {mean_loss():.6f}")

    history = net.fit(
        X,
        y,
        optimizer=optimizers.GradientDescent(RATE),
        epochs=settings.passes,
        batch_size=None,
        penalty=PENALTY,
        reduction="sum",
        callbacks=[print_loss],
        progress=False,
    )
    print(f"Final loss:            {mean_loss():.6f}")
    print(f"Training accuracy:     {np.mean(net.predict(X) == y):.3f}")
    wrong = int(np.sum(net.predict(X) != y))
    tail = np.asarray(history["objective"][-100:]) / SAMPLES
    rises = int(np.sum(np.diff(tail) > 1e-9))
    say(
        "\n\n",
        when(
            wrong <= 0.05 * SAMPLES,
            f"The border follows the moons: {count(wrong, 'point')} of {SAMPLES} on the wrong side. The noise has put "
            "a few points into the other moon; a border that goes round each of them has learned the noise.",
            f"The border does not follow the moons: {count(wrong, 'point')} of {SAMPLES} are on the wrong side.",
        ),
        f"""

        A rate of {RATE} looks careful, but it is not. The tutorial reports the mean loss and descends the sum over
        {SAMPLES} points, so on the loss that it prints the rate is {RATE * SAMPLES:g}.
        """,
        when(
            rises > 0,
            f"In the last {len(tail)} passes the loss still rose {count(rises, 'time')}, between {tail.min():.6f} and "
            f"{tail.max():.6f}: the run has not settled.",
        ),
        settings.by_default(
            "This rate is at the edge of what is stable. With three units the loss curve has spikes, and the run never "
            "settles: it jumps between two places. Two programs that round differently agree for some hundred passes, "
            "then differ, and end anywhere between 0.070 and 0.072."
        ),
    )

    if settings.plots:
        settings.save(plots.dataset(X, y, title=f"{SAMPLES} points on two half moons"), "data.png")
        title = f"{count(settings.hidden, 'tanh unit')}, accuracy {np.mean(net.predict(X) == y):.3f}"
        settings.save(plots.decision_boundary(net, X, y, title=title), "boundary.png")
        losses = np.asarray(history["objective"]) / SAMPLES
        settings.save(plots.loss_curve(losses, log=True, x="pass", y="mean loss"), "loss.png")


LESSON = Lesson(
    name="moons",
    title="Two half moons, three hidden units",
    source=f"{sources.MOONS}; {sources.NEURON}; {sources.PART_2}",
    run=run,
    defaults={"hidden": 3, "passes": 20_000, "seed": 0},
)
