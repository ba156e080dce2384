"""Two half moons, told apart by three tanh units and a softmax."""

import numpy as np
from sklearn.datasets import make_moons

from pellucid import Dense, Network, callbacks, check_gradients, optimizers, penalties, plots
from pellucid.lessons import sources
from pellucid.lessons.lesson import Lesson, Settings
from pellucid.lessons.page import heading, progress_every, say

RATE = 0.01
PENALTY = penalties.L2(0.01)
SAMPLES = 200


def run(settings: Settings) -> None:
    """Build, check, train and draw the network."""
    say(f"""
        Two classes of {SAMPLES // 2} points each, bent around each other. A straight line gets 85 % of them right
        (lesson logistic-regression). A hidden layer of {settings.hidden} tanh units gives the network
        {settings.hidden} bent steps to build its border from.

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

    heading(f"{settings.passes} passes of gradient descent at rate {RATE}")
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
        penalty=PENALTY,
        reduction="sum",
        callbacks=[print_loss],
        progress=False,
    )
    print(f"Final loss:            {mean_loss():.6f}")
    print(f"Training accuracy:     {np.mean(net.predict(X) == y):.3f}")
    last = ", ".join(f"{objective / SAMPLES:.6f}" for objective in history["objective"][-2:])
    say(f"""

        The border now follows the moons. It cannot be much better than this: the noise has put a few points into the
        other moon, and a border that went round each of them would have learned the noise.

        A rate of {RATE} looks careful, but it is not: the tutorial reports the mean loss and descends the sum over
        {SAMPLES} points, so on the loss it prints the rate is {RATE * SAMPLES:g}. That is the edge of what is stable:
        the loss curve has spikes, and with three units the run never settles, it jumps to and fro between two places
        (losses before the last two passes: {last}). Two programs that round differently agree for some hundred
        passes, then part, and end anywhere between 0.070 and 0.072.
        """)

    if settings.plots:
        settings.save(plots.dataset(X, y, title=f"{SAMPLES} points on two half moons"), "data.png")
        title = f"{settings.hidden} tanh units, accuracy {np.mean(net.predict(X) == y):.3f}"
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
