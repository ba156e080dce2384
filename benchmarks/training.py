"""Training time of Pellucid and of its peers: same data, same first weights, same batches, as many threads a side.

Run by `make bench`, in an environment of its own that holds the peers. In each round every side trains once, in turn;
the ratio of a peer is its time over Pellucid's in the same round, and the table shows the median of the rounds and
their range. The compile time of JAX and torch.compile is left out, their data lies ready. Slow peers train fewer
epochs, and their time is scaled; the loss after training is printed for each side that trained all epochs.

With one thread a side, time is processor time, so that other programs on the machine count less; with more
(`BENCH_THREADS=2`), it is time on the clock.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

os.environ |= dict.fromkeys(
    ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), os.environ.get("BENCH_THREADS", "1")
)
os.environ["XLA_FLAGS"] = (
    f"--xla_cpu_multi_thread_eigen={str(os.environ['OMP_NUM_THREADS'] != '1').lower()}"
    f" intra_op_parallelism_threads={os.environ['OMP_NUM_THREADS']}"
)

import numpy as np
import report
import sides

THREADS = int(os.environ["OMP_NUM_THREADS"])
HEADINGS = {
    "jax": "JAX jit", "scikit-learn": "scikit-learn", "torch": "torch eager", "torch.compile": "torch.compile",
    "numpy": "NumPy loop", "products": "its matrix products alone",
}  # fmt: skip


@dataclass(frozen=True)
class Work:
    """One row of the table."""

    name: str
    n: int
    widths: tuple[int, ...]
    hidden: str
    dtype: str
    batch_size: int | None
    optimizer: str
    rate: float
    epochs: int
    reduction: str = "mean"
    penalty: float = 0.0

    def data(self) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(0)
        if self.name.startswith("moons"):
            from sklearn.datasets import make_moons

            X, y = make_moons(self.n, noise=0.2, random_state=0)
        else:
            X = rng.normal(size=(self.n, self.widths[0]))
            y = (X @ rng.normal(size=(self.widths[0], self.widths[-1]))).argmax(axis=1)
        return X.astype(self.dtype), y

    def weights(self) -> list[tuple[np.ndarray, np.ndarray]]:
        rng = np.random.default_rng(1)
        shapes = zip(self.widths[:-1], self.widths[1:], strict=True)
        return [((rng.normal(size=s) / np.sqrt(s[0])).astype(self.dtype), np.zeros(s[1], self.dtype)) for s in shapes]

    def orders(self, epochs: int) -> np.ndarray | None:
        if self.batch_size is None:
            return None
        rng = np.random.default_rng(2)
        order, orders = np.arange(self.n), []
        for _ in range(epochs):
            order = rng.permutation(order)
            orders.append(order)
        return np.stack(orders)


MOONS = {"n": 200, "hidden": "tanh", "dtype": "float64", "batch_size": None, "optimizer": "gradient_descent",
         "rate": 0.01, "reduction": "sum", "penalty": 0.01}  # fmt: skip
WORKS = [
    Work("moons h=3", widths=(2, 3, 2), epochs=20_000, **MOONS),
    Work("moons h=50", widths=(2, 50, 2), epochs=8_000, **MOONS | {"rate": 0.001}),
    Work("moons (50, 50)", widths=(2, 50, 50, 2), epochs=2_000, **MOONS | {"rate": 0.001}),
    Work("table (64, 64) b200", 20_000, (8, 64, 64, 3), "relu", "float32", 200, "adam", 1e-3, 10),
    Work("table (100,) b32", 20_000, (8, 100, 3), "relu", "float32", 32, "adam", 1e-3, 4),
    Work("images (256, 128) b128", 12_032, (784, 256, 128, 10), "relu", "float32", 128, "adam", 1e-3, 3),
]


def run(work: Work, rounds: int, names: list[str]) -> dict[str, object]:
    """Alternate the sides, `rounds` times each."""
    X, y = work.data()
    trainers: dict[str, tuple[Callable[[], float], float]] = {}
    for name in names:
        share = sides.SHARE.get(name, 1.0) if work.epochs >= 100 else 1.0
        epochs = max(1, round(work.epochs * share))
        trainers[name] = sides.SIDES[name](work, X, y, epochs, THREADS), work.epochs / epochs
    times: dict[str, list[float]] = {name: [] for name in names}
    losses: dict[str, float] = {}
    for _ in range(rounds):
        for name, (train, factor) in trainers.items():
            seconds, loss = train()
            times[name].append(seconds * factor)
            if factor == 1:
                losses[name] = loss
    ours = times["pellucid"]
    ratios = {name: [t / o for t, o in zip(times[name], ours, strict=True)] for name in names if name != "pellucid"}
    return {
        "work": work.name,
        "seconds": {name: statistics.median(values) for name, values in times.items()},
        "ratio": {name: [statistics.median(values), min(values), max(values)] for name, values in ratios.items()},
        "loss": losses,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", default="", help="works whose name contains this")
    parser.add_argument("--sides", default=",".join(sides.SIDES))
    options = parser.parse_args()
    names = options.sides.split(",")
    rows = []
    for work in WORKS:
        if options.only in work.name:
            row = run(work, options.rounds, names)
            rows.append(row)
            ratios = "  ".join(f"{k} {m:.2f} ({a:.2f}–{b:.2f})" for k, (m, a, b) in row["ratio"].items())
            print(f"{work.name}: pellucid {row['seconds']['pellucid']:.3f} s;  {ratios}")
            print("    loss: " + ", ".join(f"{k} {v:.4f}" for k, v in row["loss"].items()), flush=True)
    peers = [name for name in names if name != "pellucid"]
    cells = [[row["work"], *(report.spread(row["ratio"][name]) for name in peers)] for row in rows]
    print()
    print(report.table([f"training, {THREADS} thread(s) a side", *(HEADINGS[name] for name in peers)], cells))
    name = "training" if THREADS == 1 else f"training-{THREADS}-threads"
    print(f"\nwritten to {report.save(name, {'threads': THREADS, 'rows': rows})}; ratios vary by machine")


if __name__ == "__main__":
    start = time.perf_counter()
    main()
    print(f"{time.perf_counter() - start:.0f} s in all")
