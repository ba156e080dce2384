"""Two half moons with sigmoids everywhere and the squared error: back-propagation derived for any layer."""

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import make_moons

from pellucid import Dense, Network, callbacks, check_gradients, optimizers, plots
from pellucid.lessons import sources
from pellucid.lessons.lesson import Lesson, Settings
from pellucid.lessons.page import count, heading, progress_every, say

RATE = 0.01
SAMPLES = 300


class LargerOutput:
    """A regression network of two outputs as a classifier: the larger output names the class."""

    def __init__(self, net: Network) -> None:
        self.net = net

    def predict_proba(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Each output's share of their sum: one half where they are equal. Not a probability, but as good a shade."""
        outputs = np.asarray(self.net.predict(X))
        return outputs / outputs.sum(axis=1, keepdims=True)

    def predict(self, X: NDArray[np.float64]) -> NDArray[np.intp]:
        """0 or 1 for each row."""
        return np.asarray(self.net.predict(X)).argmax(axis=1)


def run(settings: Settings) -> None:
    """Derive the gradient, compare it with the library's, train, and see why this pair learns slowly."""
    hidden = settings.hidden
    say(f"""
            2 inputs  →  {hidden} sigmoid  →  2 sigmoid          loss: ½ Σ (y − t)²

        The tutorial derives back-propagation for this network, and then trains another one (tanh and softmax, the
        lesson moons). Here is the one that it derived. Write h for the hidden units, y for the outputs, t for the
        targets, W and U for the weights before and after the hidden layer.
        """)

    heading("The derivation")
    say("""
        The sigmoid's slope is σ' = σ (1 − σ), so it can be had from the output alone. The loss reaches an output's
        sum z through y, and a hidden unit's sum through every output it feeds:

            output      δ_out = (y − t) · y (1 − y)                 ∂L/∂U = hᵀ δ_out      ∂L/∂c = Σ δ_out
            hidden      δ_hid = (δ_out Uᵀ) · h (1 − h)              ∂L/∂W = xᵀ δ_hid      ∂L/∂b = Σ δ_hid

        There is no target for a hidden unit. What takes its place is the sum of the outputs' δ, each times the weight
        between the unit and that output. Any further layer goes the same way: that is back-propagation.
        """)
    X, labels = make_moons(SAMPLES, noise=0.20, random_state=settings.seed)
    T = np.eye(2)[labels]  # one column a class, 1 for the right one
    net = Network([Dense(2, hidden, "sigmoid"), Dense(hidden, 2, "sigmoid")], loss="squared_error")
    net.initialize("normal_fan_in", random_state=np.random.RandomState(settings.seed))

    first, last = net.layers
    H = 1 / (1 + np.exp(-(X @ first.W + first.b)))
    Y = 1 / (1 + np.exp(-(H @ last.W + last.b)))
    delta_out = (Y - T) * Y * (1 - Y)
    delta_hid = (delta_out @ last.W.T) * H * (1 - H)
    by_hand = [X.T @ delta_hid, delta_hid.sum(axis=0), H.T @ delta_out, delta_out.sum(axis=0)]
    gradient = net.backward(net.forward(X), T, reduction="sum")
    by_library = [part for layer in gradient.layers for part in layer]
    print()
    for name, mine, theirs in zip(("∂L/∂W", "∂L/∂b", "∂L/∂U", "∂L/∂c"), by_hand, by_library, strict=True):
        print(f"{name} {mine.shape!s:8} largest difference to the library's: {np.abs(mine - theirs).max():.1e}")
    print(check_gradients(net, X, T, reduction="sum"))

    heading(f"{count(settings.passes, 'pass', 'passes')} of gradient descent at rate {RATE} on the sum")
    every = progress_every(settings.passes)
    model = LargerOutput(net)

    def print_loss(run: callbacks.Run) -> None:
        if run.epoch % every == 0:
            loss = net.loss_value(X, T)
            print(f"Loss after pass {run.epoch:5d}: {loss:.6f}   accuracy {np.mean(model.predict(X) == labels):.3f}")

    history = net.fit(
        X,
        T,
        optimizer=optimizers.GradientDescent(RATE),
        epochs=settings.passes,
        batch_size=None,
        reduction="sum",
        callbacks=[print_loss],
        progress=False,
    )
    print(f"Final loss:            {net.loss_value(X, T):.6f}   accuracy {np.mean(model.predict(X) == labels):.3f}")

    heading("Why cross-entropy is the better loss for a classifier")
    say("""
        The signal that an output whose target is 1 sends back, δ, for a sum z that is ever more wrong:
        """)
    z = np.array([2.0, 0.0, -2.0, -5.0, -10.0])
    a = 1 / (1 + np.exp(-z))
    print(f"\n{'z':26}" + "".join(f"{value:10.0f}" for value in z))
    print(f"{'output a = σ(z)':26}" + "".join(f"{value:10.5f}" for value in a))
    print(f"{'squared error, δ':26}" + "".join(f"{value:10.5f}" for value in (a - 1) * a * (1 - a)))
    print(f"{'cross-entropy, δ':26}" + "".join(f"{value:10.5f}" for value in a - 1))
    say(
        """

        With the squared error an output that is sure and wrong is where its sigmoid is flat, and hardly moves.
        Cross-entropy cancels that slope: the more wrong, the stronger the signal.
        """,
        settings.by_default(
            "The squared error's loss curve is nearly level for three to four thousand passes, before the border "
            "learns to bend."
        ),
    )

    if settings.plots:
        accuracy = np.mean(model.predict(X) == labels)
        title = f"{count(hidden, 'sigmoid')}, squared error, accuracy {accuracy:.3f}"
        settings.save(plots.decision_boundary(model, X, labels, title=title), "boundary.png")
        settings.save(plots.loss_curve(history, log=True, x="pass", y="half the squared error, mean"), "loss.png")


LESSON = Lesson(
    name="moons-squared-error",
    title="Sigmoids and squared error, derived",
    source=sources.PART_2,
    run=run,
    defaults={"hidden": 3, "passes": 20_000, "seed": 0},
)
