"""Ours against scikit-learn's MLP: the same arguments, the same data, the same seeds, one thread each.

    python benchmarks/estimators_against_sklearn.py --rows 4000 --seeds 10
    python benchmarks/estimators_against_sklearn.py --data digits letter --solver lbfgs

Inputs, and targets of regressions, are standardised on the training rows (images are only divided by their largest
number). For each data set and seed: processor time of both fits, held-out scores (accuracy or R²), epochs, and the
largest relative distance of the two loss curves. Fits alternate in order, so that a busy machine slows both.

With `--reordered`, scikit-learn's is fitted once more, on the same rows in another order: for 'lbfgs' the same function
with other rounding, so that what is seen of it is how far rounding alone takes a run.
"""

from __future__ import annotations

import argparse
import os
import time
import warnings
from dataclasses import dataclass

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")

import numpy as np
from estimators_data import TABLES, Table, load
from sklearn import neural_network
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

import pellucid

ONE_ROW_CALLS = 300
IMAGES = ("digits", "mnist5k")


@dataclass(frozen=True)
class Fitted:
    """One fit: seconds, held-out score, J of each epoch, microseconds to predict one row, milliseconds for many."""

    seconds: float
    score: float
    losses: np.ndarray
    one_row: float
    many_rows: float


def split(table: Table, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    stratify = table.y if table.labels else None
    X, X_test, y, y_test = train_test_split(table.X, table.y, test_size=0.2, random_state=seed, stratify=stratify)
    if table.name in IMAGES:
        return X / X.max(), X_test / X.max(), y, y_test
    inputs = StandardScaler().fit(X)
    if not table.labels:
        targets = StandardScaler().fit(y[:, None])
        y, y_test = targets.transform(y[:, None])[:, 0], targets.transform(y_test[:, None])[:, 0]
    return inputs.transform(X), inputs.transform(X_test), y, y_test


def fit(
    library: object, table: Table, seed: int, arguments: dict, many: np.ndarray, *, reorder: bool = False
) -> Fitted:
    kind = "MLPClassifier" if table.labels else "MLPRegressor"
    model = getattr(library, kind)(random_state=seed, **arguments)
    X, X_test, y, y_test = split(table, seed)
    if reorder:
        order = np.random.RandomState(seed).permutation(len(X))
        X, y = X[order], y[order]
    began = time.process_time()
    model.fit(X, y)
    seconds = time.process_time() - began
    predict = model.predict_proba if table.labels else model.predict
    ones = []
    for _ in range(ONE_ROW_CALLS):
        began = time.perf_counter()
        predict(X_test[:1])
        ones.append(time.perf_counter() - began)
    began = time.process_time()
    predict(many)
    many_seconds = time.process_time() - began
    losses = np.array(getattr(model, "loss_curve_", [model.loss_]))
    return Fitted(seconds, model.score(X_test, y_test), losses, 1e6 * float(np.median(ones)), 1e3 * many_seconds)


def distance(ours: np.ndarray, theirs: np.ndarray) -> float:
    """The largest relative distance of two loss curves; of the last losses where there is no curve (theirs, L-BFGS)."""
    shared = min(len(ours), len(theirs))
    pair = (ours[:shared], theirs[:shared]) if shared > 1 else (ours[-1:], theirs[-1:])
    return float(np.abs(pair[0] / pair[1] - 1).max())


def compare(table: Table, seeds: int, arguments: dict, *, reordered: bool) -> None:
    many = np.random.RandomState(0).standard_normal((100_000, table.X.shape[1]))
    pairs, reorderings = [], []
    for seed in range(seeds):
        libraries = [pellucid, neural_network] if seed % 2 else [neural_network, pellucid]
        fits = {library: fit(library, table, seed, arguments, many) for library in libraries}
        pairs.append((fits[pellucid], fits[neural_network]))
        if reordered:
            again = fit(neural_network, table, seed, arguments, many, reorder=True)
            reorderings.append(again.losses[-1] / fits[neural_network].losses[-1])
    ours, theirs = zip(*pairs, strict=True)
    gain = [o.score - t.score for o, t in pairs]
    apart = [distance(o.losses, t.losses) for o, t in pairs]
    final = [o.losses[-1] / t.losses[-1] for o, t in pairs]

    spread = ""
    if reorderings:
        least, most = min(reorderings), max(reorderings)
        spread = f"theirs reordered {np.mean(reorderings):.4f} ({least:.3f} to {most:.3f})  "

    def ratio(what: str) -> float:
        return float(np.median([getattr(t, what) / getattr(o, what) for o, t in pairs]))

    print(
        f"{table.name:10s} {table.X.shape[0]:6d}x{table.X.shape[1]:<3d} "
        f"score {np.mean([o.score for o in ours]):.4f} / {np.mean([t.score for t in theirs]):.4f}  "
        f"gain {np.mean(gain):+.4f} (least {min(gain):+.4f})  "
        f"epochs {np.mean([len(o.losses) for o in ours]):.0f} / {np.mean([len(t.losses) for t in theirs]):.0f}  "
        f"curves apart {np.median(apart):.1e} (most {max(apart):.1e})  "
        f"final loss {np.mean(final):.4f} of theirs ({min(final):.3f} to {max(final):.3f})  "
        f"{spread}"
        f"fit {np.median([o.seconds for o in ours]):.2f} s, theirs/ours {ratio('seconds'):.2f}  "
        f"one row {np.median([o.one_row for o in ours]):.0f} µs, {ratio('one_row'):.1f}  "
        f"100 000 rows {np.median([o.many_rows for o in ours]):.0f} ms, {ratio('many_rows'):.2f}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", nargs="+", choices=sorted(TABLES), default=list(TABLES))
    parser.add_argument("--rows", type=int, default=None, help="at most so many rows of each data set")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--solver", default="adam")
    parser.add_argument("--max-iter", type=int, default=200)
    parser.add_argument("--reordered", action="store_true")
    chosen = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    print(
        f"ours / theirs, solver={chosen.solver}, max_iter={chosen.max_iter}, all else default; one thread", flush=True
    )
    for name in chosen.data:
        arguments = {"solver": chosen.solver, "max_iter": chosen.max_iter}
        compare(load(name, chosen.rows), chosen.seeds, arguments, reordered=chosen.reordered)


if __name__ == "__main__":
    main()
