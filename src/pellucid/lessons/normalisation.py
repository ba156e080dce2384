"""Why inputs are scaled: sigmoid units that get large numbers answer the same for everything."""

import numpy as np
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from pellucid import Dense, Network, activations, optimizers, plots
from pellucid.lessons import sources
from pellucid.lessons.lesson import Lesson, Settings
from pellucid.lessons.page import count, heading, say, when

RATE = 0.1
BATCH = 16
SPAN = 12.0  # of the figure
SATURATED = 0.01  # a slope below this is a 25th of the sigmoid's steepest


def run(settings: Settings) -> None:
    """The same network on the same table: as it comes, and scaled in two ways."""
    hidden, seed, passes = settings.hidden, settings.seed, settings.passes
    table = load_wine()
    X_train, X_test, y_train, y_test = train_test_split(
        table.data, table.target, test_size=0.3, random_state=seed, stratify=table.target
    )
    say(f"""
        {len(table.data)} Italian wines from three growers, {table.data.shape[1]} chemical measurements of each, from
        scikit-learn. Whose wine is it?

            {table.data.shape[1]} measurements  →  {hidden} sigmoid  →  3 softmax          loss: cross-entropy
        """)

    heading("The table as it comes")
    print(f"{'measurement':32}{'least':>10}{'most':>10}{'mean':>10}{'deviation':>12}")
    for name in ("alcohol", "magnesium", "hue", "proline"):
        column = X_train[:, table.feature_names.index(name)]
        print(f"{name:32}{column.min():10.2f}{column.max():10.2f}{column.mean():10.2f}{column.std():12.2f}")
    say("""

        Each has its own unit of measurement. In a weighted sum a value of 1000 counts a thousand times as much as a
        value of 1, whatever it means.
        """)

    # What is learned from data, the scaling too, is learned from the training part alone.
    standard, to_range = StandardScaler().fit(X_train), MinMaxScaler((-1, 1)).fit(X_train)
    versions = {
        "as it comes": (X_train, X_test),
        "mean 0, deviation 1": (standard.transform(X_train), standard.transform(X_test)),
        "from −1 to 1": (to_range.transform(X_train), to_range.transform(X_test)),
    }

    heading("The hidden units before training")
    print(f"{'inputs':24}{'mean |z|':>12}{'mean slope':>12}{'saturated':>12}{'at work':>12}")
    networks, sums, flat, working = {}, {}, {}, {}
    for name, (train, _) in versions.items():
        layers = [Dense(train.shape[1], hidden, "sigmoid"), Dense(hidden, 3, "softmax")]
        net = networks[name] = Network(layers, loss="cross_entropy").initialize("xavier_uniform", random_state=seed)
        passed = net.forward(train)
        Z, slope = passed.Z[0], passed.A[0] * (1 - passed.A[0])
        sums[name] = Z
        flat[name] = float(np.mean(slope < SATURATED))
        working[name] = int(np.sum(np.ptp(passed.A[0], axis=0) > 0.1))
        print(
            f"{name:24}{np.abs(Z).mean():12.2f}{slope.mean():12.4f}{flat[name]:12.1%}"
            f"{f'{working[name]} of {hidden}':>12}"
        )
    say(f"""

        z is a unit's weighted sum, "saturated" the share of all (unit, wine) pairs where the sigmoid's slope is below
        {SATURATED} (at its steepest it is ¼). "At work" are the units whose output differs by more than 0.1 between
        some two wines.
        """)

    heading(f"{count(passes, 'epoch')} of gradient descent at rate {RATE}, in batches of {BATCH}")
    print(f"{'inputs':24}{'loss':>10}{'train':>10}{'test':>10}")
    curves, losses, trained, tested = {}, {}, {}, {}
    for name, (train, test) in versions.items():
        net = networks[name]
        history = net.fit(
            train,
            y_train,
            optimizer=optimizers.GradientDescent(RATE),
            epochs=passes,
            batch_size=BATCH,
            random_state=seed,
            progress=False,
        )
        curves[name] = history["loss"]
        losses[name] = net.loss_value(train, y_train)
        trained[name], tested[name] = np.mean(net.predict(train) == y_train), np.mean(net.predict(test) == y_test)
        print(f"{name:24}{losses[name]:10.4f}{trained[name]:10.3f}{tested[name]:10.3f}")
    commonest = np.bincount(y_train).max() / len(y_train)
    print(f"{'always the commonest':24}{'':10}{commonest:10.3f}")
    raw, standardised, ranged = versions
    say(
        f"""

        As the table comes, {flat[raw]:.1%} of all sums lie on the flat ends of the sigmoid, where a unit hardly
        learns.
        """,
        when(
            flat[raw] > 0.8 and working[raw] <= hidden / 2,
            "Most units answer the same for every wine.",
        ),
        when(
            trained[raw] < commonest + 0.02,
            "The network ends no better than the guess of the commonest grower.",
        ),
        when(
            working[standardised] == working[ranged] == hidden,
            "With scaled inputs every unit is at work.",
        ),
        when(
            max(losses[standardised], losses[ranged]) < 0.5 * losses[raw],
            "With scaled inputs the loss ends at less than half.",
        ),
        when(
            abs(tested[standardised] - tested[ranged]) < 0.03,
            "Which of the two scalings matters little here.",
        ),
        """
        A single outlier can change the range a lot, the deviation less.

        Mean, deviation and range were computed from the training part. Computed from all the data, they would carry
        knowledge of the test part into the training.
        """,
    )

    if settings.plots:
        axes = None
        for name, values in curves.items():
            axes = plots.loss_curve(values, label=name, log=True, y="mean cross-entropy", ax=axes)
        settings.save(axes, "loss.png")
        axes = plots.activation(activations.Sigmoid(), span=(-SPAN, SPAN), legend=False, title="")
        for row, (name, Z) in enumerate(sums.items(), start=1):  # below the curve a tick for every weighted sum
            inside = Z[np.abs(Z) <= SPAN]
            axes.plot(inside, np.full(inside.size, -0.15 * row), "|", color="#222222", markersize=6)
            share = f"{name}: {inside.size / Z.size:.0%} of all sums lie within ±{SPAN:g}"
            axes.annotate(share, (-SPAN, -0.15 * row + 0.045), fontsize="small")
        settings.save(axes, "sums.png")


LESSON = Lesson(
    name="normalisation",
    title="Scaled inputs, saturated sigmoids",
    source=f"the closing part of {sources.CLOUDS}",
    run=run,
    defaults={"hidden": 20, "passes": 100, "seed": 0},
)
