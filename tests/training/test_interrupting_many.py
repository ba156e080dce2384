"""Ctrl-C while several networks train: soon over, and what each had learned is kept."""

import json
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

MANY = """
import json, os, signal, sys, threading, time, warnings
import numpy as np
from pellucid import Dense, Network, fit_many

rng = np.random.default_rng(0)
X, y = rng.normal(size=(200, 2)), rng.integers(2, size=200)

def network(units):
    layers = [Dense(2, units, "tanh"), Dense(units, 2, "softmax")]
    return Network(layers).initialize(random_state=0)

engine = sys.argv[1]
network(2).fit(X, y, engine=engine, epochs=1, progress=False)  # kernels are loaded
networks = [network(units) for units in (20, 30, 40)]
before = [net.theta.copy() for net in networks]

def press():
    while not all((net.theta != start).any() for net, start in zip(networks[:2], before)):
        time.sleep(0.01)
    os.kill(os.getpid(), signal.SIGINT)

handler = signal.getsignal(signal.SIGINT)
threading.Thread(target=press, daemon=True).start()
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    histories = fit_many(
        networks, X, y, threads=2, random_state=0, engine=engine, optimizer="gradient_descent", epochs=100_000_000
    )
print(json.dumps({
    "moved": [bool((net.theta != start).any()) for net, start in zip(networks, before)],
    "finite": [bool(np.isfinite(net.theta).all()) for net in networks],
    "stopped": [history.stopped for history in histories],
    "epochs": [len(history) for history in histories],
    "told": [str(one.message) for one in told],
    "handler": signal.getsignal(signal.SIGINT) is handler,
}))
"""


@pytest.mark.parametrize("engine", ["compiled", "reference"])
def test_ctrl_c_ends_all_and_keeps_what_was_learned(engine: str) -> None:
    """The two under way have learned, the third, which waits for a thread, has not begun; a run of hours is over."""
    words = [sys.executable, "-c", MANY, engine]
    done = subprocess.run(words, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["moved"] == [True, True, False]
    assert seen["finite"] == [True] * 3
    assert seen["stopped"] == ["interrupted"] * 3
    assert [epochs > 0 for epochs in seen["epochs"]] == [True, True, False]
    assert seen["told"] == ["training of 3 of 3 networks was interrupted; what was learned is kept"]
    assert seen["handler"]
