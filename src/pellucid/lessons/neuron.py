"""One sigmoid unit on a table of five people, step by step, and why it needs a bias."""

import numpy as np

from pellucid import Dense, Network, callbacks, check_gradients, optimizers, plots
from pellucid.lessons import sources
from pellucid.lessons.lesson import Lesson, Settings
from pellucid.lessons.page import count, heading, progress_every, say, when

FEATURES = ("smoking", "obesity", "exercise")
X = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [1.0, 1.0, 0.0], [1.0, 1.0, 1.0]])
DIABETIC = np.array([1, 0, 0, 1, 1])
NOBODY = np.zeros((1, 3))  # does not smoke, is not obese, does not exercise
RATE = 0.5


def new_neuron(seed: int) -> Network:
    """Three inputs, one sigmoid: a network of one unit."""
    return Network([Dense(3, 1, "sigmoid")], loss="binary_cross_entropy").initialize("normal", random_state=seed)


def run(settings: Settings) -> None:
    """One pass by hand, then many; then the same without a bias."""
    say("""
        A neuron adds up its inputs, each times a weight, adds a bias, and squashes the sum. It learns by moving
        weights and bias against the gradient of its loss. The table is made up, five people of whom three are
        diabetic; it is small enough to follow every number.
        """)
    print("\n" + "  ".join(f"{name:>8}" for name in (*FEATURES, "diabetic")))
    for person, answer in zip(X, DIABETIC, strict=True):
        print("  ".join(f"{value:8.0f}" for value in (*person, answer)))

    heading("Feed forward")
    net = new_neuron(settings.seed)
    w, b = net.layers[0].W[:, 0], net.layers[0].b[0]
    z = X @ w + b
    a = 1 / (1 + np.exp(-z))
    print("weights  ", "  ".join(f"{name} {weight:+.4f}" for name, weight in zip(FEATURES, w, strict=True)))
    print(f"bias      {b:+.4f}")
    print(f"first person: z = 0·({w[0]:.4f}) + 1·({w[1]:.4f}) + 0·({w[2]:.4f}) + {b:.4f} = {z[0]:.4f}")
    print(f"              a = σ({z[0]:.4f}) = {a[0]:.4f}: untrained, it says {a[0]:.0%}; the truth is {DIABETIC[0]}")

    heading("Back-propagation")
    say("""
        The loss of a person is −ln(a) if diabetic and −ln(1 − a) if not. Its derivative with respect to z is
        simple, and each weight's share of it is the input that the weight was multiplied by:

            δ = a − y          ∂J/∂w = mean of x · δ          ∂J/∂b = mean of δ
        """)
    delta = a - DIABETIC
    gradient = net.backward(net.forward(X), DIABETIC)
    by_hand = np.append(X.T @ delta, delta.sum()) / len(X)
    print("\nδ                ", "  ".join(f"{value:+.4f}" for value in delta))
    print("gradient by hand ", "  ".join(f"{value:+.4f}" for value in by_hand), " (three weights, then the bias)")
    print("by the library   ", "  ".join(f"{value:+.4f}" for value in gradient.theta))
    print(check_gradients(net, X, DIABETIC))

    heading(f"{count(settings.passes, 'pass', 'passes')} at rate {RATE}")
    every = progress_every(settings.passes, lines=10)

    def print_loss(run: callbacks.Run) -> None:
        if run.epoch % every == 0:
            print(f"pass {run.epoch:6d}   loss {run.network.loss_value(X, DIABETIC):.6f}")

    history = net.fit(
        X,
        DIABETIC,
        optimizer=optimizers.GradientDescent(RATE),
        epochs=settings.passes,
        callbacks=[print_loss],
        progress=False,
    )
    trained = net.layers[0]
    print("weights  ", "  ".join(f"{name} {v:+.3f}" for name, v in zip(FEATURES, trained.W[:, 0], strict=True)))
    print(f"bias      {trained.b[0]:+.3f}")
    print("answers  ", "  ".join(f"{p:.3f}" for p in net.predict_proba(X)[:, 1]), "  truth ", *DIABETIC)
    print(f"accuracy  {np.mean(net.predict(X) == DIABETIC):.3f}")
    smoking, obesity, exercise = trained.W[:, 0]
    right = int(np.sum(net.predict(X) == DIABETIC))
    say(
        """

        In this table whoever is obese is diabetic.
        """,
        when(
            right == len(X) and obesity > 2 * max(abs(smoking), abs(exercise)),
            "The unit found that, and everything else counts for little.",
            f"The unit has not found that yet: it is right about {right} of {len(X)} people, and the weight of "
            f"obesity is {obesity:+.3f}.",
        ),
        """
        One column separates the two groups perfectly, so the loss has no minimum: larger weights are always a little
        better, and however long the training, it never reaches an end. Five invented people are no evidence about
        diabetes.
        """,
    )

    heading("Why a bias")
    without = new_neuron(settings.seed)

    def take_bias_away(run: callbacks.Run) -> None:
        run.network.layers[0].b = np.zeros(1)

    without.fit(
        X,
        DIABETIC,
        optimizer=optimizers.GradientDescent(RATE),
        epochs=settings.passes,
        callbacks=[take_bias_away],
        progress=False,
    )
    say("""
        Now someone who does not smoke, is not obese and does not exercise: x = (0, 0, 0). Whatever the weights are,
        they are multiplied by 0, so that z is the bias and nothing else.
        """)
    print(f"\n{'':16}{'untrained':>10}{'trained':>10}")
    before, after = new_neuron(settings.seed).predict_proba(NOBODY)[0, 1], net.predict_proba(NOBODY)[0, 1]
    print(f"with a bias     {before:10.3f}{after:10.3f}")
    print(f"without one     {before:10.3f}{without.predict_proba(NOBODY)[0, 1]:10.3f}")
    say("""

        Without a bias the answer is always σ(0) = 0.5: the neuron cannot say anything about this person. The
        tutorial says that the output would always be zero; the sum is, but the sigmoid of it is one half.
        """)

    if settings.plots:
        settings.save(plots.loss_curve(history, log=True, title="One neuron, five people"), "loss.png")


LESSON = Lesson(
    name="neuron",
    title="One neuron, and why it needs a bias",
    source=f"{sources.NEURON}; {sources.PART_2}",
    run=run,
    defaults={"passes": 2000, "seed": 0},
)
