"""A grid search over hidden sizes, with joblib's threads and with processes: how much faster than one at a time?

Letters, eight sizes, two folds, 60 epochs, one BLAS thread each. With all 20 000 letters a fit takes about 0.3 s, as
long as one worth a search does; with 5 000 it takes 0.07 s, and scikit-learn's own work counts. Alternating rounds; the
fastest of each, so that others on the machine count little.

    python benchmarks/estimators_grid_search.py [jobs] [rounds] [letters]
"""

import os
import sys
import time
import warnings

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1", PYTHONWARNINGS="ignore")

import joblib
from estimators_data import load
from sklearn.model_selection import GridSearchCV
from sklearn.preprocessing import StandardScaler

from pellucid import MLPClassifier

SIZES = [(20,), (40,), (60,), (80,), (100,), (120,), (40, 40), (60, 30)]


def seconds(backend, jobs, X, y):
    """Of one search."""
    model = MLPClassifier(max_iter=60, random_state=0)
    search = GridSearchCV(model, {"hidden_layer_sizes": SIZES}, cv=2, n_jobs=jobs, refit=False)
    began = time.perf_counter()
    with joblib.parallel_backend(backend):
        search.fit(X, y)
    return time.perf_counter() - began


def main():
    warnings.simplefilter("ignore")
    jobs = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    letters = load("letter", int(sys.argv[3]) if len(sys.argv) > 3 else 20_000)
    X, y = StandardScaler().fit_transform(letters.X), letters.y
    ways = {"one at a time": ("threading", 1), "threads": ("threading", jobs), "processes": ("loky", jobs)}
    for way in ways.values():
        seconds(*way, X[:300], y[:300])  # workers start, kernels load
    taken = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            taken[name].append(seconds(*way, X, y))
    alone = min(taken["one at a time"])
    for name, times in taken.items():
        print(f"{name:14s} {min(times):6.2f} s  {alone / min(times):.2f} times as fast")


if __name__ == "__main__":
    main()
