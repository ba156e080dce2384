"""Two versions of Pellucid beside each other: what people do most, one core each, in turns.

    python before_after.py PATH_TO_AN_OLDER_CHECKOUT [--rounds 5]

In each round a fresh process of either version, pinned to the same core, does all the work; the table shows the median
over rounds of newer time / older time and its range. Time is processor time; a process whose processor time and wall
time differ by more than 10 % says that the machine is busy. Each checkout keeps its kernels in `build/objects`.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
CORE = max(os.sched_getaffinity(0))
BUSY = 1.10


def measured(work: Callable[[], object], repeats: int) -> tuple[float, float]:
    """The least processor time of several runs, and the wall time of that run."""
    best = (float("inf"), 0.0)
    for _ in range(repeats):
        wall, processor = time.perf_counter(), time.process_time()
        work()
        best = min(best, (time.process_time() - processor, time.perf_counter() - wall))
    return best


def works() -> Iterator[tuple[str, Callable[[], object], int]]:
    """(name, what is done, how often) of each row; made in the process that measures."""
    import numpy as np
    from sklearn.datasets import load_digits, load_iris, make_moons

    from pellucid import Dense, MLPClassifier, Network, check_gradients, fit_many
    from pellucid.optimizers import Adam, GradientDescent
    from pellucid.penalties import L2

    X, y = make_moons(200, noise=0.2, random_state=0)

    def moons(*hidden: int, epochs: int) -> Callable[[], object]:
        sizes = (2, *hidden, 2)
        layers = [Dense(a, b, "tanh") for a, b in pairwise(sizes[:-1])]
        net = Network([*layers, Dense(sizes[-2], 2, "softmax")]).initialize(random_state=0)
        rule = GradientDescent(0.01)
        return lambda: net.copy().fit(
            X, y, optimizer=rule, epochs=epochs, batch_size=None, penalty=L2(0.01), reduction="sum"
        )

    yield "moons, 3 units, 20 000 passes", moons(3, epochs=20_000), 2
    yield "moons, 50 units, 4 000 passes", moons(50, epochs=4_000), 2
    yield "moons, (50, 50), 1 000 passes", moons(50, 50, epochs=1_000), 2

    rng = np.random.default_rng(0)

    def table(n: int, p: int, hidden: tuple[int, ...], k: int, batch: int, epochs: int) -> Callable[[], object]:
        data = rng.normal(size=(n, p)).astype("float32")
        labels = (data @ rng.normal(size=(p, k))).argmax(axis=1)
        sizes = (p, *hidden, k)
        layers = [Dense(a, b, "relu") for a, b in pairwise(sizes[:-1])]
        net = Network([*layers, Dense(sizes[-2], k, "softmax")], dtype="float32").initialize(random_state=0)
        return lambda: net.copy().fit(data, labels, optimizer=Adam(), epochs=epochs, batch_size=batch, random_state=0)

    yield "table 20 000 × 8, (64, 64), batch 200", table(20_000, 8, (64, 64), 3, 200, 5), 2
    yield "table 20 000 × 8, (100,), batch 32", table(20_000, 8, (100,), 3, 32, 3), 2
    yield "images 12 032 × 784, (256, 128), batch 128", table(12_032, 784, (256, 128), 10, 128, 1), 2

    small = Network([Dense(2, 3, "tanh"), Dense(3, 2, "softmax")]).initialize(random_state=0)
    yield (
        "500 fits of 5 epochs, 2-3-2",
        lambda: [small.fit(X, y, epochs=5, batch_size=None, random_state=0) for _ in range(500)],
        2,
    )
    yield "5 000 predictions of one row", lambda: [small.predict_proba(X[:1]) for _ in range(5_000)], 3

    irises, kinds = load_iris(return_X_y=True)
    images, digits = load_digits(return_X_y=True)

    def estimator(data: object, labels: object, **options: object) -> Callable[[], object]:
        import warnings

        def fit() -> None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                MLPClassifier(random_state=0, **options).fit(data, labels)

        return fit

    yield "MLPClassifier on iris, defaults", estimator(irises, kinds), 2
    yield "MLPClassifier on digits, 20 iterations", estimator(images / 16, digits, max_iter=20), 2
    yield "MLPClassifier, lbfgs, iris", estimator(irises, kinds, solver="lbfgs"), 2

    nets = [Network([Dense(2, 16, "tanh"), Dense(16, 2, "softmax")]).initialize(random_state=i) for i in range(50)]
    yield (
        "fit_many, 50 networks, 200 epochs",
        lambda: fit_many(nets, X, y, epochs=200, batch_size=None, engine="compiled"),
        2,
    )
    wide = Network([Dense(10, 50, "tanh"), Dense(50, 2, "softmax")]).initialize(random_state=0)
    rows, answers = rng.normal(size=(20, 10)), np.arange(20) % 2
    yield "check_gradients, 10-50-2, 20 rows", lambda: check_gradients(wide, rows, answers), 2


def worker() -> None:
    """Do all the work once, and print the times."""
    times = {}
    for name, work, repeats in works():
        work()  # kernels are loaded
        times[name] = measured(work, 3 * repeats)
    print(json.dumps(times))


def run(checkout: Path) -> dict[str, list[float]]:
    """The times of a fresh process of one version."""
    environment = os.environ | {
        "PYTHONPATH": str(checkout / "src"),
        "PELLUCID_CACHE_DIR": str(checkout / "build/objects"),
        "OPENBLAS_NUM_THREADS": "1",
    }
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, __file__, "--worker"],
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
        preexec_fn=lambda: os.sched_setaffinity(0, {CORE}),
    )
    print(f"{checkout.name}: {time.perf_counter() - begin:.0f} s", file=sys.stderr)
    return json.loads(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("older", nargs="?", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        worker()
        return
    if arguments.older is None or not (arguments.older / "src/pellucid").is_dir():
        parser.error(f"PATH_TO_AN_OLDER_CHECKOUT must hold src/pellucid, got {arguments.older}")
    older, newer = [], []
    for turn in range(arguments.rounds):
        order = [(arguments.older.resolve(), older), (HERE, newer)]
        for checkout, times in order if turn % 2 == 0 else order[::-1]:
            times.append(run(checkout))
    print(f"{'':<46}{'older':>10}{'newer':>10}   newer / older")
    for name in newer[0]:
        ratios = [new[name][0] / old[name][0] for old, new in zip(older, newer, strict=True)]
        busy = any(side[name][1] > BUSY * side[name][0] for side in (*older, *newer))
        seconds = [statistics.median(side[name][0] for side in sides) for sides in (older, newer)]
        span = f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
        print(f"{name:<46}{seconds[0]:>8.3f} s{seconds[1]:>8.3f} s   {span}{'   the machine was busy' if busy else ''}")


if __name__ == "__main__":
    main()
