"""What surrounds training: one row predicted, many networks at once, threads in one fit, first fit, memory.

Ratios are of alternating measurements, as in `training.py`; run by `make bench`.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path

os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

import numpy as np
import report

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
import sys
import numpy as np
from pellucid import Dense, Network
X = np.memmap(sys.argv[1], dtype="float32", mode="r", shape=(int(sys.argv[2]), 64))
y = np.arange(len(X)) % 2
Network([Dense(64, 16, "relu"), Dense(16, 2, "softmax")], dtype="float32").fit(
    X, y, epochs=1, batch_size=512, engine="compiled", progress=False
)
lines = open("/proc/self/status").read().splitlines()
own = [int(line.split()[1]) for line in lines if line.startswith("RssAnon")][0]
most = [int(line.split()[1]) for line in lines if line.startswith("VmHWM")][0]
print(own / 1024, most / 1024)
"""

SIDE = """
import sys
import sides, training
work = training.WORKS[-1]
sides.SIDES[sys.argv[1]](work, *work.data(), 1, 1)
# Not ru_maxrss: that counts what the parent had when it started this process.
lines = open("/proc/self/status").read().splitlines()
print("peak", [int(line.split()[1]) for line in lines if line.startswith("VmHWM")][0] / 1024)
"""


def ratio(values: Iterable[float]) -> str:
    """Median and range."""
    found = list(values)
    return report.spread((statistics.median(found), min(found), max(found))) + " ×"


def microseconds(call: Callable[[], object], times: int = 2000) -> float:
    start = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - start) / times * 1e6


def one_row(widths: tuple[int, ...]) -> list[str]:
    """µs of one row through each library."""
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
    ours = statistics.median(r["pellucid"] for r in rounds)
    peers = [f"{name} {ratio(r[name] / r['pellucid'] for r in rounds)}" for name in calls if name != "pellucid"]
    return [f"one row through `predict_proba`, {'-'.join(map(str, widths))}", f"{ours:.1f} µs", ", ".join(peers)]


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


def many_networks() -> list[str]:
    """Eight networks on two threads, and what two threads with a fit each reach."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(200, 2)), rng.integers(2, size=200)
    sizes = (20, 30, 40, 50, 50, 60, 70, 80)

    def train(threads: int) -> float:
        networks = [Network([Dense(2, h, "tanh"), Dense(h, 2, "softmax")]) for h in sizes]
        start = time.perf_counter()
        fit_many(networks, X, y, threads=threads, random_state=0, epochs=4000, batch_size=None, engine="compiled")
        return time.perf_counter() - start

    def one() -> None:
        network = Network([Dense(2, 50, "tanh"), Dense(50, 2, "softmax")])
        network.fit(X, y, random_state=0, epochs=15_000, batch_size=None, engine="compiled", progress=False)

    one()
    speedups = [(train(1) / train(2), spin_speedup(one)) for _ in range(7)]
    gains, controls = zip(*speedups, strict=True)
    share = statistics.median(gain / control for gain, control in speedups)
    beside = f"two threads with a fit each {ratio(controls)}; {share:.0%} of it"
    return ["eight networks on two threads", f"{ratio(gains)} as fast as on one", beside]


def threads_in_a_fit() -> list[str]:
    """Two threads that share each batch of the images row."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(12_000, 784)).astype(np.float32), rng.integers(10, size=12_000)
    layers = [Dense(784, 256, "relu"), Dense(256, 128, "relu"), Dense(128, 10, "softmax")]

    def train(threads: int) -> float:
        network = Network(layers, dtype="float32")
        start = time.perf_counter()
        network.fit(X, y, epochs=1, batch_size=128, random_state=0, engine="compiled", threads=threads, progress=False)
        return time.perf_counter() - start

    train(2)
    return ["images, two threads in one fit", f"{ratio(train(1) / train(2) for _ in range(7))} as fast as one", ""]


def first_fit() -> list[str]:
    """Import and first fit, in a fresh process."""
    command = [sys.executable, "-c", FIRST_FIT]
    answers = [subprocess.run(command, capture_output=True, text=True, check=True).stdout.split() for _ in range(7)]
    seconds = [float(first) for first, _ in answers]
    imported = "imported" if answers[0][1] == "True" else "not imported"
    took = f"{statistics.median(seconds):.2f} s ({min(seconds):.2f}–{max(seconds):.2f})"
    return ["first fit of a process, import included", took, f"Numba {imported}"]


def mapped_table() -> list[str]:
    """Memory of a fit on a memory-mapped X of 2 GB."""
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
    what = f"fit on a memory-mapped X of {size:.0f} MB"
    return [what, f"{float(own):.0f} MB of its own", f"{float(peak):.0f} MB at most with the file's pages"]


def memory_of_sides() -> list[str]:
    """The greatest memory of a process that trains the images row with one library."""
    found = {}
    for side in ("pellucid", "jax", "scikit-learn", "torch", "torch.compile", "numpy"):
        command = [sys.executable, "-c", SIDE, side]
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parent)
        found[side] = float(re.findall(r"peak (\S+)", done.stdout)[0])
    peers = ", ".join(f"{side} {peak:.0f} MB" for side, peak in found.items() if side != "pellucid")
    return ["images, memory of the whole process at most", f"{found['pellucid']:.0f} MB", peers]


def main() -> None:
    rows = []
    # What is timed on two threads comes first: once torch and ONNX Runtime are loaded, threads of theirs are there too.
    for row in (
        many_networks, threads_in_a_fit, first_fit, mapped_table, memory_of_sides, lambda: one_row((2, 50, 2)),
        lambda: one_row((8, 64, 64, 3)),
    ):  # fmt: skip
        rows.append(row())
        print(*rows[-1], sep="; ", flush=True)
    print()
    print(report.table(["around training", "Pellucid", "beside it"], rows))
    print(f"\nwritten to {report.save('around', {'rows': rows})}; ratios vary by machine")


if __name__ == "__main__":
    main()
