"""scikit-learn's own checks, none left out: pandas and polars are installed, and SCIPY_ARRAY_API is set before SciPy
loads, which takes a process of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

SETTINGS = {
    "classifier": "MLPClassifier()",
    "regressor": "MLPRegressor()",
    "classifier, extended": """MLPClassifier((20, 10), ("elu", "tanh"), solver="nadam", learning_rate="cosine",
        learning_rate_init=0.01, scale="robust", label_smoothing=0.05, l1=1e-5, clip_norm=1.0, max_norm=3.0,
        initializer="he_normal", max_seconds=60.0, scoring="loss")""",
    "classifier, AdamW": """MLPClassifier(40, activations.GELU(), solver="adamw", learning_rate_init=0.01,
        weight_decay=0.001, scale="standard", initializer="orthogonal", scoring="balanced_accuracy")""",
    "classifier, L-BFGS": 'MLPClassifier(solver="lbfgs", scale="standard", alpha=1.0)',
    "regressor, extended": """MLPRegressor("huber", (20, 10), ("silu", "selu"), solver="nadam", scale="standard",
        learning_rate="one_cycle", learning_rate_init=0.02, l1=1e-5, clip_norm=1.0, max_norm=3.0,
        initializer="lecun_normal")""",
    "regressor, RMSProp": """MLPRegressor(losses.Quantile(level=0.5), 40, "mish", scale="robust", alpha=0.0,
        solver=optimizers.RMSProp(learning_rate=0.01), scoring="neg_mean_absolute_error")""",
    "classifier, reference": 'MLPClassifier((20,), engine="reference")',  # its sparse matrices stay sparse
    "regressor, L-BFGS": 'MLPRegressor(solver="lbfgs", scale="robust")',
}

PROGRAM = """
import json, sys, warnings
from sklearn.utils.estimator_checks import check_estimator
from pellucid import MLPClassifier, MLPRegressor, activations, losses, optimizers
warnings.simplefilter("ignore")  # of convergence: the checks fit for a few epochs
for setting in sys.argv[1:]:
    results = check_estimator(eval(setting), on_fail=None, on_skip=None, expected_failed_checks={})
    bad = [f"{r['check_name']} {r['status']}: {r['exception']}" for r in results if r["status"] != "passed"]
    print(json.dumps([len(results), bad]))
"""


@pytest.mark.parametrize(("kind", "least"), [("classifier", 69), ("regressor", 61)])
def test_every_check_of_scikit_learn_passes(kind, least, subtests):
    chosen = {name: setting for name, setting in SETTINGS.items() if name.startswith(kind)}
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, *chosen.values()],
        env=os.environ | {"SCIPY_ARRAY_API": "1", "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    for name, line in zip(chosen, run.stdout.splitlines(), strict=True):
        with subtests.test(name):
            count, bad = json.loads(line)
            assert bad == []
            assert count >= least
