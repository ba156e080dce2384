"""Handwritten digits: real images, with training, validation and test data kept apart."""

import numpy as np
import sklearn.linear_model
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from pellucid import Dense, EarlyStopping, Network, callbacks, optimizers, plots
from pellucid.lessons import sources
from pellucid.lessons.lesson import Lesson, Settings
from pellucid.lessons.page import heading, progress_every, say

BATCH = 32
PATIENCE = 15


def run(settings: Settings) -> None:
    """Train with early stopping, judge on the test part, look at the mistakes."""
    images, labels = load_digits(return_X_y=True)
    X = images / 16.0  # pixels from 0 (paper) to 16 (ink), as numbers from 0 to 1
    X_rest, X_test, y_rest, y_test = train_test_split(
        X, labels, test_size=0.2, random_state=settings.seed, stratify=labels
    )
    X_train, X_val, y_train, y_val = train_test_split(
        X_rest, y_rest, test_size=0.25, random_state=settings.seed, stratify=y_rest
    )
    say(f"""
        {len(X)} digits written by hand, 8 by 8 pixels each, from scikit-learn. {len(X_train)} are for learning,
        {len(X_val)} for deciding when to stop, {len(X_test)} for the verdict. The last are looked at once: a test
        part that has a say in any decision is no test any more.

            64 pixels  →  {settings.hidden} ReLU  →  10 softmax          loss: cross-entropy
        """)

    heading(f"At most {settings.passes} epochs of Adam, in batches of {BATCH}")
    net = Network([Dense(64, settings.hidden, "relu"), Dense(settings.hidden, 10, "softmax")], loss="cross_entropy")
    net.initialize("he_normal", random_state=settings.seed)
    every = progress_every(settings.passes)

    def print_losses(run: callbacks.Run) -> None:
        if run.epoch % every == 0:
            row = run.history.last
            print(
                f"epoch {run.epoch:4d}   loss {row['loss']:.4f}   validation loss {row['validation_loss']:.4f}   "
                f"validation accuracy {row['validation_metric']:.3f}"
            )

    history = net.fit(
        X_train,
        y_train,
        optimizer=optimizers.Adam(0.002),
        epochs=settings.passes,
        batch_size=BATCH,
        random_state=settings.seed,
        validation=(X_val, y_val),
        early_stopping=EarlyStopping(patience=PATIENCE),
        callbacks=[print_losses],
        progress=False,
    )
    print(f"{history.stopped}; weights of epoch {history.best_epoch} kept")
    say(f"""

        The training loss goes on falling, the validation loss turns: from there on the network learns its own
        examples by heart. Training stops {PATIENCE} epochs after the best one, and takes its weights back.
        """)

    heading("The verdict")
    line = sklearn.linear_model.LogisticRegression(max_iter=2000).fit(X_train, y_train)
    print(f"{'':26}{'train':>8}{'validation':>12}{'test':>8}")
    for name, model in (("logistic regression", line), (f"{settings.hidden} hidden units", net)):
        scores = [
            np.mean(model.predict(part) == truth)
            for part, truth in ((X_train, y_train), (X_val, y_val), (X_test, y_test))
        ]
        print(f"{name:26}{scores[0]:8.3f}{scores[1]:12.3f}{scores[2]:8.3f}")
    answers = net.predict(X_test)
    wrong = np.flatnonzero(answers != y_test)
    confidence = net.predict_proba(X_test).max(axis=1)
    say(f"""

        {len(wrong)} of {len(X_test)} test digits are misread. The network is {confidence[answers == y_test].mean():.0%}
        sure of itself on average where it is right, and {confidence[wrong].mean() if len(wrong) else 0:.0%} where it
        is wrong.
        """)

    if settings.plots:
        settings.save(plots.loss_curve(history, log=True, title="Digits"), "loss.png")
        shown = wrong[np.argsort(-confidence[wrong])][:16]  # its surest mistakes first
        if len(shown):
            captions = [f"{y_test[i]} read as {answers[i]}" for i in shown]
            settings.save(plots.pictures(X_test[shown], captions, title="Misread, the surest first"), "misread.png")
        settings.save(plots.pictures(X_train[:16], [str(y) for y in y_train[:16]]), "digits.png")


LESSON = Lesson(
    name="digits",
    title="Handwritten digits",
    source=f"the closing advice of {sources.CLOUDS}, on real images",
    run=run,
    defaults={"hidden": 50, "passes": 200, "seed": 0},
)
