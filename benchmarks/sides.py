"""The sides of the comparison. Each takes a work, its data and a number of epochs, and returns a function that trains
once from the same first weights: () → (seconds, mean loss a sample after training). How many threads NumPy and JAX
take is set in the environment, by `training.py`."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from time import perf_counter, process_time
from typing import Any

import numpy as np

Train = Callable[[], tuple[float, float]]
SHARE = {"scikit-learn": 0.025, "torch": 0.025, "torch.compile": 0.025, "numpy": 0.1}
"""The part of the epochs that slow sides train of the moons works."""


def final_loss(parameters: list[tuple[np.ndarray, np.ndarray]], work: Any, X: np.ndarray, y: np.ndarray) -> float:
    A = X
    for i, (W, b) in enumerate(parameters):
        Z = A @ W + b
        if i < len(parameters) - 1:
            A = np.tanh(Z) if work.hidden == "tanh" else np.maximum(Z, 0)
    Z = Z - Z.max(axis=1, keepdims=True)
    return float((np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]).mean())


def clock_for(threads: int) -> Callable[[], float]:
    """Of one thread, the processor's time; of several, the time on the clock."""
    return process_time if threads == 1 else perf_counter


def batches(work: Any, n: int) -> int:
    return 1 if work.batch_size is None else n // work.batch_size


def pellucid(work: Any, X: np.ndarray, y: np.ndarray, epochs: int, threads: int) -> Train:
    clock = clock_for(threads)
    from pellucid import Dense, Network, optimizers, penalties

    layers = [Dense(p, h, work.hidden) for p, h in zip(work.widths[:-2], work.widths[1:-1], strict=True)]
    layers.append(Dense(work.widths[-2], work.widths[-1], "softmax"))
    rule = optimizers.OPTIMIZERS[work.optimizer](learning_rate=work.rate)

    def train() -> tuple[float, float]:
        network = Network(layers, dtype=work.dtype)
        for layer, (W, b) in zip(network.layers, work.weights(), strict=True):
            layer.W, layer.b = W, b
        start = clock()
        network.fit(
            X, y, optimizer=rule, epochs=epochs, batch_size=work.batch_size, reduction=work.reduction,
            penalty=penalties.L2(work.penalty) if work.penalty else None, random_state=np.random.default_rng(2),
            engine="compiled", threads=threads, progress=False,
        )  # fmt: skip
        seconds = clock() - start
        return seconds, final_loss([(layer.W, layer.b) for layer in network.layers], work, X, y)

    train()
    return train


def jax(work: Any, X: np.ndarray, y: np.ndarray, epochs: int, threads: int) -> Train:
    clock = clock_for(threads)
    import jax as jx
    import jax.numpy as jnp
    import optax

    jx.config.update("jax_enable_x64", work.dtype == "float64")
    rule = optax.adam(work.rate) if work.optimizer == "adam" else optax.sgd(work.rate)
    act = jnp.tanh if work.hidden == "tanh" else jx.nn.relu
    size, n_batches = work.batch_size or work.n, batches(work, work.n)

    def loss(parameters: Any, A: Any, t: Any) -> Any:
        for W, b in parameters[:-1]:
            A = act(A @ W + b)
        Z = A @ parameters[-1][0] + parameters[-1][1]
        each = optax.softmax_cross_entropy_with_integer_labels(Z, t)
        total = each.sum() if work.reduction == "sum" else each.mean()
        if work.penalty:
            total = total + 0.5 * work.penalty * sum((W * W).sum() for W, _ in parameters)
        return total

    gradient = jx.grad(loss)

    def fit(parameters: Any, A: Any, t: Any, orders: Any) -> Any:
        def step(i: Any, carried: Any) -> Any:
            parameters, state = carried
            if orders is None:
                rows_A, rows_t = A, t
            else:
                rows = jx.lax.dynamic_slice(orders, (i // n_batches, (i % n_batches) * size), (1, size))[0]
                rows_A, rows_t = A[rows], t[rows]
            moves, state = rule.update(gradient(parameters, rows_A, rows_t), state)
            return optax.apply_updates(parameters, moves), state

        return jx.lax.fori_loop(0, epochs * n_batches, step, (parameters, rule.init(parameters)))[0]

    orders = work.orders(epochs)
    given = [jx.device_put(a) for a in (X, y.astype(np.int32))]
    given.append(None if orders is None else jx.device_put(orders.astype(np.int32)))
    parameters = jx.device_put(work.weights())
    compiled = jx.jit(fit).lower(parameters, *given).compile()

    def train() -> tuple[float, float]:
        start = clock()
        answer = jx.block_until_ready(compiled(parameters, *given))
        seconds = clock() - start
        return seconds, final_loss([(np.asarray(W), np.asarray(b)) for W, b in answer], work, X, y)

    train()
    return train


def torch(work: Any, X: np.ndarray, y: np.ndarray, epochs: int, threads: int, *, compiled: bool = False) -> Train:
    clock = clock_for(threads)
    import torch as th
    from torch import nn

    th.set_num_threads(threads)
    orders = work.orders(epochs)
    order_rows = None if orders is None else th.from_numpy(orders)
    A, t = th.from_numpy(X), th.from_numpy(y)
    size, n_batches = work.batch_size or work.n, batches(work, work.n)
    criterion = nn.CrossEntropyLoss(reduction=work.reduction)

    def make() -> tuple[nn.Sequential, Any]:
        parts: list[nn.Module] = []
        for i, (W, b) in enumerate(work.weights()):
            linear = nn.Linear(*W.shape).to(A.dtype)
            with th.no_grad():
                linear.weight.copy_(th.from_numpy(W.T.copy()))
                linear.bias.copy_(th.from_numpy(b))
            parts.append(linear)
            if i < len(work.widths) - 2:
                parts.append(nn.Tanh() if work.hidden == "tanh" else nn.ReLU())
        model = nn.Sequential(*parts)
        if work.optimizer == "adam":
            return model, th.optim.Adam(model.parameters(), lr=work.rate)
        groups = [
            {"params": [p for p in model.parameters() if p.ndim == 2], "weight_decay": work.penalty},
            {"params": [p for p in model.parameters() if p.ndim == 1]},
        ]
        return model, th.optim.SGD(groups, lr=work.rate)

    def objective(model: nn.Sequential, rows_A: Any, rows_t: Any) -> Any:
        return criterion(model(rows_A), rows_t)

    called = th.compile(objective) if compiled else objective

    def train() -> tuple[float, float]:
        model, rule = make()
        start = clock()
        for epoch in range(epochs):
            for i in range(n_batches):
                rows_A, rows_t = A, t
                if order_rows is not None:
                    rows = order_rows[epoch, i * size : (i + 1) * size]
                    rows_A, rows_t = A[rows], t[rows]
                rule.zero_grad()
                called(model, rows_A, rows_t).backward()
                rule.step()
        seconds = clock() - start
        parameters = [(m.weight.detach().numpy().T, m.bias.detach().numpy()) for m in model if isinstance(m, nn.Linear)]
        return seconds, final_loss(parameters, work, X, y)

    train()
    return train


def torch_compile(work: Any, X: np.ndarray, y: np.ndarray, epochs: int, threads: int) -> Train:
    return torch(work, X, y, epochs, threads, compiled=True)


def scikit_learn(work: Any, X: np.ndarray, y: np.ndarray, epochs: int, threads: int) -> Train:
    clock = clock_for(threads)
    from sklearn.neural_network import MLPClassifier

    def train() -> tuple[float, float]:
        model = MLPClassifier(
            work.widths[1:-1], activation=work.hidden, solver="adam" if work.optimizer == "adam" else "sgd",
            alpha=work.penalty, batch_size=work.batch_size or work.n, learning_rate_init=work.rate, max_iter=epochs,
            momentum=0.0, tol=0.0, n_iter_no_change=epochs + 1, random_state=0,
        )  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            start = clock()
            model.fit(X, y)
            seconds = clock() - start
        parameters = list(zip(model.coefs_, model.intercepts_, strict=True))
        if model.n_outputs_ == 1:  # one sigmoid: as two classes
            W, b = parameters[-1]
            parameters[-1] = np.hstack([np.zeros_like(W), W]), np.hstack([np.zeros_like(b), b])
        return seconds, final_loss(parameters, work, X, y)

    return train


def numpy_loop(work: Any, X: np.ndarray, y: np.ndarray, epochs: int, threads: int) -> Train:
    """The tutorials' loop, for any depth, with plain gradient descent or Adam."""
    clock = clock_for(threads)
    T = np.eye(work.widths[-1], dtype=X.dtype)[y]
    orders = work.orders(epochs)
    size, n_batches = work.batch_size or work.n, batches(work, work.n)

    def train() -> tuple[float, float]:
        parameters = [[W.copy(), b.copy()] for W, b in work.weights()]
        means = [[np.zeros_like(p) for p in pair] for pair in parameters]
        squares = [[np.zeros_like(p) for p in pair] for pair in parameters]
        t = 0
        start = clock()
        for epoch in range(epochs):
            for i in range(n_batches):
                rows = slice(None) if orders is None else orders[epoch, i * size : (i + 1) * size]
                As = [X[rows]]
                for W, b in parameters[:-1]:
                    Z = As[-1] @ W + b
                    As.append(np.tanh(Z) if work.hidden == "tanh" else np.maximum(Z, 0))
                Z = As[-1] @ parameters[-1][0] + parameters[-1][1]
                E = np.exp(Z - Z.max(axis=1, keepdims=True))
                delta = E / E.sum(axis=1, keepdims=True) - T[rows]
                if work.reduction == "mean":
                    delta /= len(delta)
                t += 1
                for layer in range(len(parameters) - 1, -1, -1):
                    W, b = parameters[layer]
                    A = As[layer]
                    gradients = [A.T @ delta + work.penalty * W, delta.sum(axis=0)]
                    if layer:
                        delta = (delta @ W.T) * ((1 - A * A) if work.hidden == "tanh" else (A > 0))
                    for j, g in enumerate(gradients):
                        if work.optimizer == "adam":
                            m, v = means[layer][j], squares[layer][j]
                            m += 0.1 * (g - m)
                            v += 0.001 * (g * g - v)
                            g = (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
                        parameters[layer][j] -= work.rate * g
        seconds = clock() - start
        return seconds, final_loss([(W, b) for W, b in parameters], work, X, y)

    return train


def products(work: Any, X: np.ndarray, y: np.ndarray, epochs: int, threads: int) -> Train:
    """The matrix products alone, by NumPy with ready buffers: what no engine on BLAS can beat."""
    clock = clock_for(threads)
    size, n_batches = work.batch_size or work.n, batches(work, work.n)
    layers = []
    for i, (W, _) in enumerate(work.weights()):
        A, delta = np.ones((size, W.shape[0]), X.dtype), np.ones((size, W.shape[1]), X.dtype)
        layers.append((i, A, W, delta, np.empty_like(A), np.empty_like(W), np.empty_like(delta)))

    def train() -> tuple[float, float]:
        start = clock()
        for _ in range(epochs * n_batches):
            for i, A, W, delta, dA, dW, Z in layers:
                np.dot(A, W, out=Z)
                np.dot(A.T, delta, out=dW)
                if i:
                    np.dot(delta, W.T, out=dA)
        return clock() - start, float("nan")

    return train


SIDES: dict[str, Callable[..., Train]] = {
    "pellucid": pellucid,
    "jax": jax,
    "torch": torch,
    "torch.compile": torch_compile,
    "scikit-learn": scikit_learn,
    "numpy": numpy_loop,
    "products": products,
}
