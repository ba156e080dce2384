"""One training at a time for each network, and none that hangs, whatever ends or forks around it."""

import os
import signal
import subprocess
import sys
import threading
import time
from typing import Any

import numpy as np
import pytest

from pellucid import MLPClassifier, Network, fit_many
from pellucid.maths.threads import in_threads

pytestmark = pytest.mark.slow

X = np.random.default_rng(0).normal(size=(60, 3))
Y = (X[:, 0] > 0).astype(int)


def network() -> Network:
    return Network([3, 4, 2], "tanh").initialize(random_state=0)


def test_a_second_fit_of_the_same_network_is_refused_while_the_first_runs() -> None:
    net, begun, go_on = network(), threading.Event(), threading.Event()

    def wait(run: Any) -> None:
        begun.set()
        go_on.wait(30)

    first = threading.Thread(target=lambda: net.fit(X, Y, epochs=1, callbacks=[wait]))
    first.start()
    assert begun.wait(30)
    try:
        with pytest.raises(RuntimeError, match="this network is being trained already"):
            net.fit(X, Y, epochs=1)
        network().fit(X, Y, epochs=1)  # another one is not
    finally:
        go_on.set()
        first.join()
    net.fit(X, Y, epochs=1)


def test_a_callback_cannot_train_the_network_that_it_watches() -> None:
    net = network()
    with pytest.raises(RuntimeError, match="around this call"):
        net.fit(X, Y, epochs=1, callbacks=[lambda run: net.fit(X, Y, epochs=1)])
    net.fit(X, Y, epochs=1)  # the refusal has ended both
    net.fit(X, Y, epochs=1, callbacks=[lambda run: network().fit(X, Y, epochs=1)])


def test_an_error_frees_the_network() -> None:
    net = network()
    with pytest.raises(ZeroDivisionError):
        net.fit(X, Y, epochs=1, callbacks=[lambda run: 1 / 0])
    net.fit(X, Y, epochs=1)


def test_fit_many_takes_no_network_twice() -> None:
    import copy

    net = network()
    for pair in ([net, net], [net, copy.copy(net)]):
        before = net.theta.copy()
        with pytest.raises(ValueError, match="networks 1 and 2 share their parameters"):
            fit_many(pair, X, Y, epochs=1)
        np.testing.assert_array_equal(net.theta, before)
    with pytest.raises(TypeError, match="got MLPClassifier as number 2"):
        fit_many([net, MLPClassifier()], X, Y, epochs=1)


def run(code: str, *arguments: str, seconds: float = 120) -> subprocess.CompletedProcess[str]:
    prelude = (
        "import os, sys, threading, atexit, warnings, numpy as np\n"
        "from pellucid import Network, fit_many\n"
        "X = np.random.default_rng(0).normal(size=(3000, 100)).astype('f4'); y = (X[:, 0] > 0).astype(int)\n"
        "def work(threads=1):\n"
        "    net = Network([100, 800, 2], 'relu', dtype='float32')\n"
        "    net.fit(X, y, epochs=10, batch_size=200, random_state=0, threads=threads)\n"  # runs beside the main thread
        "    print('trained', flush=True)\n"
        "def shown(): # long enough for a progress bar\n"
        "    Network([100, 2]).fit(X, y, epochs=300, progress=True, engine='reference'); print('trained', flush=True)\n"
        "def many(): fit_many([Network([3, 2]), Network([3, 2])], X[:50, :3], y[:50], epochs=3, threads=2)\n"
    )
    return subprocess.run(
        [sys.executable, *arguments, "-c", prelude + code],
        capture_output=True, text=True, timeout=seconds, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    "code",
    [
        "threading.Thread(target=work).start()",
        "threading.Thread(target=work, args=(2,)).start()",
        "atexit.register(work)",
        "atexit.register(lambda: work(2))",
        "atexit.register(lambda: (many(), print('trained')))",
    ],
)
def test_a_fit_outlives_the_main_thread(code: str) -> None:
    done = run(code)
    assert done.stdout == "trained\n", done.stderr
    assert "Error" not in done.stderr


@pytest.mark.parametrize(
    "code",
    [
        "sys.stderr = None; work()",
        "sys.stderr = sys.stdout = None; work(); sys.stdout = sys.__stdout__; print('trained')",
        "sys.stderr.close(); work()",
        "os.close(2); work()",
        "sys.stderr = object(); work(); sys.stderr = sys.__stderr__",
        "sys.stderr = None; shown()",
        "sys.stderr.close(); shown()",
        "sys.stderr = open('/dev/full', 'w') if os.path.exists('/dev/full') else None; shown(); sys.stderr = None",
        "class Own:\n"
        "    def value(self, Z): return Z\n"
        "    def derivative(self, Z): return np.ones_like(Z)\n"
        "sys.stderr.close(); Network([100, 2, 2], Own).fit(X, y, epochs=2); print('trained')",
        "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); work()",
    ],
)
def test_no_stream_and_no_signal_is_needed(code: str) -> None:
    done = run(code)
    assert done.stdout.endswith("trained\n"), done.stderr
    assert done.returncode == 0


def test_children_of_a_fork_train_whatever_their_parent_was_doing() -> None:
    if not hasattr(os, "fork"):
        return  # nothing to hold on Windows
    code = (
        "import signal, time, pellucid.engines.compiled\n"
        "net = Network([100, 50, 2], 'tanh').initialize(random_state=0)\n"
        "def fit(net): net.fit(X, y, epochs=3, batch_size=50, engine='compiled', random_state=0)\n"
        "thread = threading.Thread(target=lambda: [fit(net) for _ in range(4)]); thread.start()\n"
        "bad = 0\n"
        "for i in range(6):\n"
        "    time.sleep(0.01 * i)\n"
        "    child = os.fork()\n"
        "    if child == 0:\n"
        "        signal.alarm(30); fit(net); os._exit(0)\n"  # the same network: its thread is not in the child
        "    bad += os.waitpid(child, 0)[1] != 0\n"
        "thread.join(); print('bad', bad)\n"
    )
    done = run(code)
    assert done.stdout == "bad 0\n", done.stderr


def test_calls_in_threads_give_results_in_order_and_the_first_error() -> None:
    assert in_threads([], 3) == []
    assert in_threads([lambda i=i: i * i for i in range(20)], 3) == [i * i for i in range(20)]
    begun: list[int] = []

    def fail(i: int) -> int:
        begun.append(i)
        time.sleep(0.01)
        raise ValueError(f"call {i}")

    with pytest.raises(ValueError, match="call 0"):
        in_threads([lambda i=i: fail(i) for i in range(50)], 2)
    assert len(begun) <= 4


def test_ctrl_c_while_waiting_ends_calls_and_is_raised() -> None:
    stopped = threading.Event()
    timer = threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        in_threads([lambda: stopped.wait(30)] * 2, 2, on_error=stopped.set)
    timer.join()
    assert stopped.is_set()
