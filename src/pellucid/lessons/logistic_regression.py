"""Logistic regression on two half moons: the best straight line, which is not good enough."""

import numpy as np
from sklearn.datasets import make_moons
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV

from pellucid import Dense, Network, optimizers, penalties, plots
from pellucid.lessons import sources
from pellucid.lessons.lesson import Lesson, Settings
from pellucid.lessons.page import count, heading, say, when

RATE = 0.01


def run(settings: Settings) -> None:
    """Train a network without hidden layer, and compare it with scikit-learn's logistic regression."""
    say("""
        Try something simple before a network. Logistic regression is a
        network with no hidden layer: two inputs, one sigmoid. Where the sigmoid is one half, the sum w·x + b is zero,
        and that is the equation of a straight line.
        """)

    heading("200 points on two half moons")
    X, y = make_moons(200, noise=0.20, random_state=settings.seed)
    # How much large weights are held back, C, is chosen as the tutorial does: by five-fold cross-validation.
    search = GridSearchCV(LogisticRegression(), {"C": np.logspace(-4, 4, 10)}, cv=5).fit(X, y)
    C = float(search.best_params_["C"])
    net = Network([Dense(2, 1, "sigmoid")], loss="binary_cross_entropy")
    net.initialize("zeros")  # no hidden units, so no symmetry to break: the loss is a bowl with one minimum
    net.fit(
        X,
        y,
        optimizer=optimizers.GradientDescent(RATE),
        epochs=settings.passes,
        batch_size=None,
        penalty=penalties.L2(1 / C),
        reduction="sum",
    )
    w, b = net.layers[0].W[:, 0], net.layers[0].b[0]
    print(f"C = {C:.3f} by cross-validation, so the penalty is {1 / C:.3f} · ½ Σ w²")
    print(f"after {count(settings.passes, 'pass', 'passes')}: {w[0]:+.4f} x1 {w[1]:+.4f} x2 {b:+.4f} = 0 is the line")
    print(f"accuracy of the line: {np.mean(net.predict(X) == y):.3f}")

    heading("The same from scikit-learn")
    reference = LogisticRegression(C=C, tol=1e-10).fit(X, y)
    difference = np.abs(net.predict_proba(X) - reference.predict_proba(X)).max()
    print(f"accuracy: {reference.score(X, y):.3f}; largest difference in a probability: {difference:.1e}")
    wrong = int(np.sum(reference.predict(X) != y))
    say(
        """

        Both minimise the same function. scikit-learn minimises C · Σ loss + ½ Σ w² by a quasi-Newton method; the
        network minimises the same divided by C (penalty L2(1/C), reduction="sum") by plain gradient descent.
        """,
        when(
            difference < 1e-3,
            "They meet at its only minimum.",
            f"After {count(settings.passes, 'pass', 'passes')} the descent is not there yet.",
        ),
        f"""

        The line of scikit-learn, which is at the minimum, has {count(wrong, "point")} of {len(X)} on the wrong side.
        No straight line can follow the moons, for they reach into each other. What is needed is a line that bends: the
        lesson moons adds hidden units.
        """,
    )

    if settings.plots:
        title = f"Logistic regression, accuracy {np.mean(net.predict(X) == y):.3f}"
        settings.save(plots.decision_boundary(net, X, y, title=title), "boundary.png")


LESSON = Lesson(
    name="logistic-regression",
    title="The straight line that is not enough",
    source=f"{sources.MOONS}; {sources.NEURON}",
    run=run,
    defaults={"passes": 5000, "seed": 0},
)
