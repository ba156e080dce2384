"""Handwritten digits: real images, with training, validation and test data kept apart."""

import numpy as np
import sklearn.linear_model
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from pellucid import Dense, EarlyStopping, Network, callbacks, optimizers, plots
from pellucid.lessons import sources
from pellucid.lessons.lesson import Lesson, Settings
from pellucid.lessons.page import count, heading, progress_every, say, when

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
        part that takes part in a decision is no test any more.

            64 pixels  →  {settings.hidden} ReLU  →  10 softmax          loss: cross-entropy
        """)

    heading(f"At most {count(settings.passes, 'epoch')} of Adam, in batches of {BATCH}")
    net = Network([Dense(64, settings.hidden, "relu"), Dense(settings.hidden, 10, "softmax")], loss="cross_entropy")
    net.initialize("he_normal", random_state=settings.seed)
    every = progress_every(settings.passes)

    def print_losses(run: callbacks.Run) -> None:
        if run.epoch % every == 0:
            row = run.history.last
            print(
                f"epoch {run.epoch + 1:4d}   loss {row['loss']:.4f}   validation loss {row['validation_loss']:.4f}   "
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
    best = history.best_epoch if history.best_epoch is not None else len(history) - 1
    print(f"{history.stopped}; weights of epoch {best + 1} kept")
    losses, validation = history["loss"], history["validation_loss"]
    turned = best < len(history) - 1
    say(
        "\n\n",
        when(
            turned and losses[-1] < losses[best],
            f"After epoch {best + 1} the training loss still falls, from {losses[best]:.4f} to {losses[-1]:.4f}, and "
            f"the validation loss does not: it ends at {validation[-1]:.4f}, above its lowest, {validation[best]:.4f}. "
            "What is learned after that epoch holds for the training digits only.",
        ),
        when(
            not turned,
            "The validation loss was lowest in the last epoch: the run was not finished.",
        ),
        when(
            history.ending == "early stopping",
            f"Training stops {PATIENCE} epochs after the best one, and takes the weights of that epoch.",
        ),
    )

    heading("The verdict")
    line = sklearn.linear_model.LogisticRegression(max_iter=2000).fit(X_train, y_train)
    print(f"{'':26}{'train':>8}{'validation':>12}{'test':>8}")
    for name, model in (("logistic regression", line), (count(settings.hidden, "hidden unit"), net)):
        scores = [
            np.mean(model.predict(part) == truth)
            for part, truth in ((X_train, y_train), (X_val, y_val), (X_test, y_test))
        ]
        print(f"{name:26}{scores[0]:8.3f}{scores[1]:12.3f}{scores[2]:8.3f}")
    answers = net.predict(X_test)
    wrong = np.flatnonzero(answers != y_test)
    confidence = net.predict_proba(X_test).max(axis=1)
    say(
        f"""

        {len(wrong)} of {len(X_test)} test digits are misread.
        """,
        when(
            0 < len(wrong) < len(X_test),
            f"The probability of its answer is {np.mean(confidence[answers == y_test]):.0%} on average where the "
            f"network is right, and {np.mean(confidence[wrong]):.0%} where it is wrong."
            if 0 < len(wrong) < len(X_test)
            else "",
        ),
    )

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
