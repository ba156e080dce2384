"""Three clouds of points, sigmoid units and a softmax; then all that its tutorial leaves for later."""

from math import ceil

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from pellucid import Dense, EarlyStopping, Network, callbacks, check_gradients, optimizers, penalties, plots
from pellucid.lessons import sources
from pellucid.lessons.lesson import Lesson, Settings
from pellucid.lessons.page import count, heading, progress_every, say, when

CENTRES = np.array([[0.0, -2.0], [2.0, 2.0], [-2.0, 2.0]])
POINTS = 500  # in each cloud
RATE = 1e-5


def build(hidden: int, dropout: float = 0.0) -> Network:
    """2 inputs → sigmoid units → 3 softmax."""
    layers = [Dense(2, hidden, "sigmoid", dropout=dropout), Dense(hidden, 3, "softmax")]
    return Network(layers, loss="cross_entropy")


def start_parameters(hidden: int) -> int:
    """How many weights and biases `build` makes."""
    return build(hidden).theta.size


def accuracy(net: Network, X: NDArray[np.float64], T: NDArray[np.float64]) -> float:
    """The share of rows whose largest probability is on the right class."""
    return float(np.mean(net.predict(X) == T.argmax(axis=1)))


def run(settings: Settings) -> None:
    """The network of the tutorial, then the same clouds with the tools that it names at its end."""
    hidden, seed = settings.hidden, settings.seed
    random = np.random.RandomState(seed)
    X = np.vstack([random.standard_normal((POINTS, 2)) + centre for centre in CENTRES])
    labels = np.repeat([0, 1, 2], POINTS)
    T = np.eye(3)[labels]  # one-hot: a row for each point, 1 in the column of its class
    say(f"""
        Three clouds of {POINTS} points each around (0, −2), (2, 2) and (−2, 2), every point with a target such as
        (0, 1, 0).

            2 inputs  →  {hidden} sigmoid  →  3 softmax          loss: cross-entropy, summed over the points
        """)

    heading("From one point to many")
    net = build(hidden).initialize("normal", biases="normal", random_state=random)
    passed = net.forward(X)
    first, last = net.layers
    print(f"X {X.shape} · W1 {first.W.shape} + b1 {first.b.shape}  →  Z1 {passed.Z[0].shape}, A1 {passed.A[0].shape}")
    print(f"A1 {passed.A[0].shape} · W2 {last.W.shape} + b2 {last.b.shape}  →  Z2 {passed.Z[1].shape} → probabilities")
    gradient = net.backward(passed, T, reduction="sum")
    dW2, db2 = gradient.layers[1]
    print(f"on the way back: δ2 {gradient.deltas[1].shape}, ∂L/∂W2 {dW2.shape}, ∂L/∂b2 {db2.shape}")
    say(f"""

        One row is one point, and one matrix product does the work of {len(X)} weighted sums. The bias is a single row
        that NumPy adds to all of them. On the way back it is the other way round: b2 was used {len(X)} times, so its
        gradient is the sum of that many rows. The tutorial's formulas say ∂L/∂b = δ, which has the wrong shape (its
        code has the sum). Its cost is a mean in the formula and a sum in the code; the rate of 0.00001 is for the sum.
        """)
    unsummed = gradient.theta.copy()
    unsummed[-3:] = gradient.deltas[1][0]  # b2 comes last in θ; the δ of one point where their sum belongs
    print("\nThe gradient check, with ∂L/∂b2 taken from a single row of δ2:")
    print(check_gradients(net, X, T, reduction="sum", gradient=unsummed))

    heading(f"{count(settings.passes, 'pass', 'passes')} of gradient descent at rate {RATE}")
    every = progress_every(settings.passes, lines=10)

    def print_cost(run: callbacks.Run) -> None:
        if run.epoch % every == 0:
            cost = run.history["objective"][-1]  # before the update of this pass, as the tutorial measures it
            print(f"pass {run.epoch:6d}   cost {cost:10.3f}")

    history = net.fit(
        X,
        T,
        optimizer=optimizers.GradientDescent(RATE),
        epochs=settings.passes,
        batch_size=None,
        reduction="sum",
        callbacks=[print_cost],
        progress=False,
    )
    distances = ((X[:, np.newaxis, :] - CENTRES) ** 2).sum(axis=2)
    print(f"final cost       {net.loss_value(X, T, reduction='sum'):10.3f}")
    print(f"accuracy         {accuracy(net, X, T):10.3f}")
    print(f"nearest centre   {np.mean(distances.argmin(axis=1) == labels):10.3f}")
    say("""

        The clouds overlap, so no rule gets all points right. The last line is what a rule reaches that knows the true
        centres and takes the nearest. On these points another rule may be a little ahead by chance; on many more, none
        can be better.
        """)

    heading("What is left for later: a test set, validation, scaling, better descent")
    X_rest, X_test, T_rest, T_test = train_test_split(X, T, test_size=0.2, random_state=seed, stratify=labels)
    X_train, X_val, T_train, T_val = train_test_split(X_rest, T_rest, test_size=0.25, random_state=seed)
    scaler = StandardScaler().fit(X_train)
    X_train, X_val, X_test = (scaler.transform(part) for part in (X_train, X_val, X_test))
    epochs = min(settings.passes, 40)
    plain, decay = optimizers.GradientDescent(0.5), penalties.L2(1e-4)
    methods: list[tuple[str, optimizers.FirstOrder, int | None, float, penalties.L2 | None]] = [
        ("batch gradient descent", plain, None, 0.0, None),
        ("mini-batches of 32", plain, 32, 0.0, None),
        ("one point at a time", optimizers.GradientDescent(0.05), 1, 0.0, None),
        ("Nesterov momentum, 32", optimizers.Nesterov(0.1), 32, 0.0, None),
        ("Adam, 32", optimizers.Adam(0.03), 32, 0.0, None),
        ("Adam, 32, dropout, L2", optimizers.Adam(0.03), 32, 0.2, decay),
    ]
    say(f"""
        {len(X_train)} points to learn from, {len(X_val)} to decide when to stop, {len(X_test)} for the verdict,
        inputs scaled to mean 0 and deviation 1, at most {count(epochs, "epoch")} each, stopped after 10 without a
        better validation loss:
        """)
    print(f"\n{'':24}{'epochs':>8}{'updates':>9}{'loss':>9}{'validation':>12}{'test':>8}")
    curves, losses, tests = {}, {}, {}
    for name, optimizer, batch, dropout, penalty in methods:
        candidate = build(hidden, dropout).initialize("xavier_uniform", random_state=seed)
        record = candidate.fit(
            X_train,
            T_train,
            optimizer=optimizer,
            epochs=epochs,
            batch_size=batch,
            penalty=penalty,
            random_state=seed,
            validation=(X_val, T_val),
            early_stopping=EarlyStopping(patience=10),
            progress=False,
        )
        curves[name] = record["validation_loss"]
        updates = len(record) * ceil(len(X_train) / (batch or len(X_train)))
        losses[name], tests[name] = candidate.loss_value(X_train, T_train), accuracy(candidate, X_test, T_test)
        print(
            f"{name:24}{len(record):8d}{updates:9d}{losses[name]:9.4f}"
            f"{candidate.loss_value(X_val, T_val):12.4f}{tests[name]:8.3f}"
        )
    whole, batches, *others = losses.values()
    apart = max(tests.values()) - min(list(tests.values())[1:])
    by_chance = 2 * np.sqrt(2 * 0.02 * 0.98 / len(X_test))  # two standard errors of a difference, at 2 % wrong
    say(
        """

        An epoch is one look at all the points. Batch descent makes one update of it, mini-batches dozens.
        """,
        when(batches < 0.5 * whole, "For the same work mini-batches end at less than half of batch descent's loss."),
        when(
            min(others[1:3]) < 0.95 * batches,
            "With momentum or Adam each update does more than with plain descent on the same batches.",
        ),
        f"""
        Dropout and a penalty restrain a network that would otherwise learn its points by heart; this one has
        {count(start_parameters(hidden), "parameter")} for {len(X_train)} points.
        """,
        when(
            apart < by_chance and batches < 0.5 * whole,
            f"The test part, {len(X_test)} points, is too small to tell the last five methods apart.",
            f"On the test part the best and the worst of the last five methods differ by {apart:.3f}.",
        ),
    )

    heading("Why inputs are scaled")
    far_train, far_test = 100.0 * X_train + 1000.0, 100.0 * X_test + 1000.0  # the same points in other units
    print(f"{'inputs':28}{'mean |Z1|':>11}{'mean slope':>12}{'loss':>9}{'test':>8}")
    slopes, guesses = {}, {}
    for name, seen, judged in (
        ("mean 0, deviation 1", X_train, X_test),
        ("mean 1000, deviation 100", far_train, far_test),
    ):
        candidate = build(hidden).initialize("xavier_uniform", random_state=seed)
        first_pass = candidate.forward(seen)
        Z1, A1 = first_pass.Z[0], first_pass.A[0]
        candidate.fit(seen, T_train, optimizer=plain, epochs=epochs, batch_size=32, random_state=seed, progress=False)
        slopes[name], guesses[name] = np.mean(A1 * (1 - A1)), accuracy(candidate, judged, T_test)
        print(
            f"{name:28}{np.abs(Z1).mean():11.1f}{slopes[name]:12.5f}"
            f"{candidate.loss_value(seen, T_train):9.4f}{guesses[name]:8.3f}"
        )
    say(
        """

        A sigmoid's output changes for sums between about −6 and 6. Inputs in the hundreds push it to its flat ends,
        where its slope is nearly 0, and with it every gradient of the first layer.
        """,
        when(
            slopes["mean 1000, deviation 100"] < 0.01 and guesses["mean 1000, deviation 100"] < 0.5,
            "The hidden units answer the same for nearly every point, and cannot learn: what is left is about a guess "
            "among three.",
        ),
    )

    if settings.plots:
        settings.save(plots.dataset(X, labels, title="Three clouds"), "data.png")
        title = f"{count(hidden, 'sigmoid unit')}, accuracy {accuracy(net, X, T):.3f}"
        settings.save(plots.decision_boundary(net, X, labels, title=title), "boundary.png")
        kept = history["objective"][::100]
        settings.save(plots.loss_curve(kept, every=100, x="pass", y="cost, summed"), "cost.png")
        axes = None
        for name, values in curves.items():
            axes = plots.loss_curve(values, label=name, log=True, y="validation loss", ax=axes)
        settings.save(axes, "methods.png")


LESSON = Lesson(
    name="clouds",
    title="Three clouds, and better descent",
    source=sources.CLOUDS,
    run=run,
    defaults={"hidden": 5, "passes": 10_000, "seed": 0},
)
