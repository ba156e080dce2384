"""What surrounds training: one row predicted, many networks at once, threads in one fit, first fit, memory.

Ratios are of alternating measurements, as in `training.py`; run by `make bench`.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

import numpy as np

from pellucid import Dense, Network, fit_many

FIRST_FIT = """
import time
start = time.perf_counter()
import sys
import numpy as np
from pellucid import Dense, Network
rng = np.random.default_rng(0)
X, y = rng.normal(size=(200, 2)), rng.integers(2, size=200)
Network([Dense(2, 3, "tanh"), Dense(3, 2, "softmax")]).fit(X, y, epochs=200, engine="compiled", progress=False)
print(time.perf_counter() - start, "numba" in sys.modules)
"""
MEMORY = """
import resource, sys
import numpy as np
from pellucid import Dense, Network
X = np.memmap(sys.argv[1], dtype="float32", mode="r", shape=(int(sys.argv[2]), 64))
y = np.arange(len(X)) % 2
Network([Dense(64, 16, "relu"), Dense(16, 2, "softmax")], dtype="float32").fit(
    X, y, epochs=1, batch_size=512, engine="compiled", progress=False
)
lines = open("/proc/self/status").read().splitlines()
own = [int(line.split()[1]) for line in lines if line.startswith("RssAnon")][0]
print(own / 1024, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def microseconds(call: Callable[[], object], times: int = 2000) -> float:
    start = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - start) / times * 1e6


def one_row(widths: tuple[int, ...]) -> None:
    import onnx
    import onnxruntime
    import torch
    from torch import nn

    torch.set_num_threads(1)
    layers = [Dense(p, h, "tanh") for p, h in pairwise(widths[:-1])]
    network = Network([*layers, Dense(widths[-2], widths[-1], "softmax")], dtype="float32").initialize(random_state=0)
    x = np.ones((1, widths[0]), np.float32)
    parts: list[nn.Module] = []
    nodes, weights, value = [], [], "x"
    for i, layer in enumerate(network.layers):
        linear = nn.Linear(*layer.W.shape)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(layer.W.T.copy()))
        last = i == len(network.layers) - 1
        parts += [linear, nn.Softmax(dim=1) if last else nn.Tanh()]
        weights += [onnx.numpy_helper.from_array(a, f"{name}{i}") for a, name in ((layer.W, "W"), (layer.b, "b"))]
        nodes.append(onnx.helper.make_node("Gemm", [value, f"W{i}", f"b{i}"], [f"z{i}"]))
        value = "p" if last else f"a{i}"
        nodes.append(onnx.helper.make_node("Softmax" if last else "Tanh", [f"z{i}"], [value]))
    kind = onnx.TensorProto.FLOAT
    graph = onnx.helper.make_graph(
        nodes, "net", [onnx.helper.make_tensor_value_info("x", kind, [None, widths[0]])],
        [onnx.helper.make_tensor_value_info("p", kind, [None, widths[-1]])], weights,
    )  # fmt: skip
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=9)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    module, tensor = nn.Sequential(*parts).eval(), torch.from_numpy(x)

    def by_torch() -> object:
        with torch.no_grad():
            return module(tensor)

    calls = {
        "pellucid": lambda: network.predict_proba(x),
        "torch": by_torch,
        "onnxruntime": lambda: session.run(None, {"x": x}),
    }
    rounds = [{name: microseconds(call) for name, call in calls.items()} for _ in range(7)]
    ratios = {name: statistics.median(r[name] / r["pellucid"] for r in rounds) for name in calls}
    ours = statistics.median(r["pellucid"] for r in rounds)
    print(f"one row, {widths}: pellucid {ours:.1f} µs; " + ", ".join(f"{k} {v:.2f}×" for k, v in ratios.items()))


def spin_speedup(run: Callable[[], object]) -> float:
    """How much faster two threads do the same work twice than one after the other."""
    start = time.perf_counter()
    run(), run()
    alone = time.perf_counter() - start
    start = time.perf_counter()
    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return alone / (time.perf_counter() - start)


def many_networks() -> None:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(200, 2)), rng.integers(2, size=200)
    sizes = (20, 30, 40, 50, 50, 60, 70, 80)

    def train(threads: int) -> float:
        networks = [Network([Dense(2, h, "tanh"), Dense(h, 2, "softmax")]) for h in sizes]
        start = time.perf_counter()
        fit_many(networks, X, y, threads=threads, random_state=0, epochs=4000, engine="compiled")
        return time.perf_counter() - start

    def one() -> None:
        network = Network([Dense(2, 50, "tanh"), Dense(50, 2, "softmax")])
        network.fit(X, y, random_state=0, epochs=15_000, engine="compiled", progress=False)

    one()
    speedups = [(train(1) / train(2), spin_speedup(one)) for _ in range(7)]
    gain, control = (statistics.median(column) for column in zip(*speedups, strict=True))
    print(f"8 networks on 2 threads: {gain:.2f}×; the same fit twice, alone in two threads: {control:.2f}×")


def threads_in_a_fit() -> None:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(12_000, 784)).astype(np.float32), rng.integers(10, size=12_000)
    layers = [Dense(784, 256, "relu"), Dense(256, 128, "relu"), Dense(128, 10, "softmax")]

    def train(threads: int) -> float:
        network = Network(layers, dtype="float32")
        start = time.perf_counter()
        network.fit(X, y, epochs=1, batch_size=128, random_state=0, engine="compiled", threads=threads, progress=False)
        return time.perf_counter() - start

    train(2)
    gains = [train(1) / train(2) for _ in range(7)]
    print(f"images, 2 threads in one fit: {statistics.median(gains):.2f}× ({min(gains):.2f}–{max(gains):.2f})")


def in_processes() -> None:
    command = [sys.executable, "-c", FIRST_FIT]
    answers = [subprocess.run(command, capture_output=True, text=True, check=True).stdout.split() for _ in range(7)]
    seconds = [float(first) for first, _ in answers]
    print(f"first fit of a process: {statistics.median(seconds):.2f} s, Numba imported: {answers[0][1]}")
    rows = 8_000_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "X"
        with path.open("wb") as file:
            block = np.ones((100_000, 64), np.float32)
            for _ in range(rows // len(block)):
                block.tofile(file)
        command = [sys.executable, "-c", MEMORY, str(path), str(rows)]
        own, peak = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
        size = path.stat().st_size / 2**20
        print(f"mapped X of {size:.0f} MB: {float(own):.0f} MB of its own, {float(peak):.0f} MB at most with pages")


if __name__ == "__main__":
    one_row((2, 50, 2))
    one_row((8, 64, 64, 3))
    many_networks()
    threads_in_a_fit()
    in_processes()
