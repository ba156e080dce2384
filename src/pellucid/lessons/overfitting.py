"""Learning by heart, and four things against it: less freedom, dropout, stopping in time, more data."""

from dataclasses import dataclass

import numpy as np
from sklearn.datasets import make_moons

from pellucid import Dense, EarlyStopping, Network, optimizers, penalties, plots
from pellucid.lessons import sources
from pellucid.lessons.lesson import Lesson, Settings
from pellucid.lessons.page import count, heading, say, when

TRAIN, VALIDATION, TEST = 100, 300, 2000
NOISE = 0.35
BATCH = 25


@dataclass(frozen=True)
class Remedy:
    """One way to train: what is done besides descending the loss."""

    name: str
    dropout: float = 0.0
    penalty: penalties.L2 | None = None
    early_stopping: EarlyStopping | None = None
    times_the_data: int = 1


REMEDIES = (
    Remedy("nothing"),
    Remedy("L2, 0.01", penalty=penalties.L2(0.01)),
    Remedy("dropout, 0.5", dropout=0.5),
    Remedy("early stopping", early_stopping=EarlyStopping(patience=30)),
    Remedy("ten times the data", times_the_data=10),
)


def build(hidden: int, dropout: float, seed: int) -> Network:
    """2 inputs → two layers of ReLU units → 2 softmax: far more weights than there are points."""
    layers = [
        Dense(2, hidden, "relu", dropout=dropout),
        Dense(hidden, hidden, "relu", dropout=dropout),
        Dense(hidden, 2, "softmax"),
    ]
    return Network(layers, loss="cross_entropy").initialize("he_normal", random_state=seed)


def run(settings: Settings) -> None:
    """Train the same network five ways, and judge each on points it has never seen."""
    hidden, seed, passes = settings.hidden, settings.seed, settings.passes
    most = max(remedy.times_the_data for remedy in REMEDIES) * TRAIN
    X, y = make_moons(most + VALIDATION + TEST, noise=NOISE, random_state=seed)
    X_pool, y_pool = X[:most], y[:most]
    X_val, y_val = X[most : most + VALIDATION], y[most : most + VALIDATION]
    X_test, y_test = X[most + VALIDATION :], y[most + VALIDATION :]
    parameters = build(hidden, 0.0, seed).theta.size
    say(f"""
        A network with more weights than examples can learn each example by heart, noise included, and be wrong
        about the next. Only points kept back show it. Here: {TRAIN} to learn from, {VALIDATION} for decisions (when
        to stop, how strong a penalty), {TEST} for the verdict, looked at once.

            2 inputs  →  {hidden} ReLU  →  {hidden} ReLU  →  2 softmax          {parameters} parameters
        """)

    heading(f"Five ways, at most {count(passes, 'epoch')} of Adam each, in batches of {BATCH}")
    print(f"{'':20}{'':8}{'loss':^30}{'accuracy':^20}")
    print(f"{'against it':20}{'epochs':>8}{'train':>10}{'validation':>12}{'test':>8}{'train':>10}{'test':>10}")
    models, histories, measured = {}, {}, {}
    for remedy in REMEDIES:
        n = TRAIN * remedy.times_the_data
        X_train, y_train = X_pool[:n], y_pool[:n]
        net = models[remedy.name] = build(hidden, remedy.dropout, seed)
        histories[remedy.name] = net.fit(
            X_train,
            y_train,
            optimizer=optimizers.Adam(0.003),
            epochs=passes,
            batch_size=BATCH,
            penalty=remedy.penalty,
            random_state=seed,
            validation=(X_val, y_val),
            early_stopping=remedy.early_stopping,
            progress=False,
        )
        parts = ((X_train, y_train), (X_val, y_val), (X_test, y_test))
        losses = [net.loss_value(*part) for part in parts]
        train, test = (np.mean(net.predict(A) == b) for A, b in (parts[0], parts[2]))
        measured[remedy.name] = (*losses, float(train), float(test))
        print(
            f"{remedy.name:20}{len(histories[remedy.name]):8d}{losses[0]:10.3f}{losses[1]:12.3f}{losses[2]:8.3f}"
            f"{train:10.3f}{test:10.3f}"
        )

    plain = histories["nothing"]
    best = int(np.argmin(plain["validation_loss"]))
    print(f"\nWith nothing done (the validation loss was lowest after epoch {best + 1}):")
    for epoch in sorted({0, best, *(round(share * (passes - 1)) for share in (0.1, 0.3, 0.6, 1.0))}):
        print(
            f"    epoch {epoch + 1:4d}   training loss {plain['loss'][epoch]:.3f}   "
            f"validation loss {plain['validation_loss'][epoch]:.3f}"
        )
    trained, tested = ({name: row[part] for name, row in measured.items()} for part in (0, 2))
    wrongs = {name: 1 - row[4] for name, row in measured.items()}
    lowest, final = plain["validation_loss"][best], plain["validation_loss"][-1]
    climbed = final > 1.1 * lowest and plain["loss"][-1] < plain["loss"][best]
    held = [remedy.name for remedy in REMEDIES[1:4]]
    say(
        "\n\n",
        when(
            climbed,
            f"With nothing done the training loss falls from epoch {best + 1} to the end, from "
            f"{plain['loss'][best]:.3f} to {plain['loss'][-1]:.3f}, while the validation loss climbs from {lowest:.3f} "
            f"to {final:.3f}: what is learned there holds for the network's own hundred points only.",
            f"With nothing done the validation loss ends at {final:.3f}; its lowest was {lowest:.3f}. There is little "
            "or no overfitting yet.",
        ),
        when(
            climbed and wrongs["nothing"] == max(wrongs.values()),
            "On points it has not seen, this network is wrong most often of the five.",
        ),
        "The loss counts how sure a wrong answer was, so it shows overfitting more than the accuracy does.",
        """

        L2 pulls all weights towards 0, so that a bend in the border must be worth its price. Dropout switches off
        half of the units at random in each step, so that none can rely on another. Early stopping takes the weights
        of the best epoch back, and saves time as well. More data is the only one that brings new knowledge.
        """,
        when(
            all(trained[name] > trained["nothing"] and tested[name] < tested["nothing"] for name in held),
            "The first three end with a larger loss on the training points, and a smaller one on the test points, than "
            "with nothing done.",
        ),
        when(
            tested["ten times the data"] < tested["nothing"],
            "Ten times the data has a smaller test loss, too.",
        ),
        when(
            tested["ten times the data"] > 1.5 * trained["ten times the data"] and parameters > most,
            f"But even {most} points are fewer than the {parameters} parameters: they, too, are being learned by "
            "heart.",
        ),
    )

    if settings.plots:
        import matplotlib.pyplot as plt  # here, so that a lesson that draws nothing does not wait for it

        settings.save(plots.loss_curve(plain, title="Nothing done against it"), "turn.png")
        axes = None
        for name, history in histories.items():
            if name != "early stopping":  # its curve is that of "nothing", as far as it goes
                axes = plots.loss_curve(history["validation_loss"], label=name, log=True, y="validation loss", ax=axes)
        if axes is not None:
            stopped = histories["early stopping"]
            kept = int(np.argmin(stopped["validation_loss"]))
            at = kept + 1, stopped["validation_loss"][kept]
            axes.plot(*at, "*", color="#222222", markersize=13, label="early stopping: the weights kept")
            axes.legend(fontsize="small", edgecolor="none")
        settings.save(axes, "validation.png")

        panels = plt.figure(figsize=(9.3, 6.0), layout="constrained").subplots(2, 3).ravel()
        for remedy, panel in zip(REMEDIES, panels, strict=False):
            n = TRAIN * remedy.times_the_data  # each with the points it learned from
            plots.decision_boundary(
                models[remedy.name],
                X_pool[:n],
                y_pool[:n],
                title=remedy.name,
                resolution=150,
                point_size=10 if n == TRAIN else 3,
                legend=False,
                ax=panel,
            )
        panels[-1].axis("off")
        panels[-1].legend(*panels[0].get_legend_handles_labels(), title="class", loc="center", frameon=False)
        settings.save(panels, "borders.png")


LESSON = Lesson(
    name="overfitting",
    title="Overfitting, and what helps",
    source=f"the closing part of {sources.CLOUDS}",
    run=run,
    defaults={"hidden": 100, "passes": 300, "seed": 0},
)
