"""A network in plain NumPy, as students write it, and the mistakes that they make in its gradient.

`Student` holds data and one fault at most; it is graded from outside (`grade`) or against a Pellucid network of the
same kind (`check_gradients`). `FAULTS` maps each fault to the names that are right for it.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pellucid import Dense, Network, check_gradients, grade
from pellucid.maths.penalties import L2

F = {
    "tanh": np.tanh,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
    "relu": lambda z: np.maximum(z, 0),
    "elu": lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
    "softplus": lambda z: np.logaddexp(0, z),
}
SLOPE = {
    "tanh": lambda z: 1 - np.tanh(z) ** 2,
    "sigmoid": lambda z: F["sigmoid"](z) * (1 - F["sigmoid"](z)),
    "leaky_relu": lambda z: np.where(z > 0, 1.0, 0.01),
    "relu": lambda z: (z > 0) * 1.0,
    "elu": lambda z: np.where(z > 0, 1.0, np.exp(np.minimum(z, 0))),
    "softplus": lambda z: 1 / (1 + np.exp(-z)),
}


def softmax(z, axis=1):
    e = np.exp(z - z.max())
    return e / e.sum(axis=axis, keepdims=True)


@dataclass
class Student:
    """sizes (3, 6, 5, 3) with hidden functions ("tanh", "leaky_relu"), softmax and cross-entropy, L2 on the weights."""

    sizes: tuple[int, ...] = (3, 6, 5, 3)
    hidden: tuple[str, ...] = ("tanh", "leaky_relu")
    n: int = 40
    seed: int = 0
    l2: float = 0.01
    dropout: float = 0.0
    reduction: str = "mean"
    scale: float = 1.0
    fault: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self):
        random = np.random.default_rng(self.seed)
        self.k = self.sizes[-1]
        self.X = random.normal(size=(self.n, self.sizes[0]))
        self.y = random.choice(self.k, size=self.n, p=np.arange(1, self.k + 1) / np.arange(1, self.k + 1).sum())
        self.Y = np.eye(self.k)[self.y]
        self.theta = [
            random.normal(0, 0.7, size=shape) for p, h in itertools.pairwise(self.sizes) for shape in ((p, h), (h,))
        ]
        self.random = np.random.default_rng(self.seed + 1)
        self.shuffled = self.random.permutation(self.n)
        keep = 1 - self.dropout
        self.masks = [(random.random((self.n, h)) < keep) / keep if self.dropout else None for h in self.sizes[1:-1]]
        self.strangers = [
            (random.random((self.n, h)) < keep) / keep if self.dropout else None for h in self.sizes[1:-1]
        ]

    @property
    def share(self):
        return 1 / self.n if self.reduction == "mean" else 1.0

    def forward(self, theta):
        A, Zs, As = self.X, [], [self.X]
        for i, name in enumerate(self.hidden):
            Z = A @ theta[2 * i] + theta[2 * i + 1]
            A = F[name](Z)
            if self.masks[i] is not None:
                A = A * self.masks[i]
            Zs.append(Z)
            As.append(A)
        return [*Zs, A @ theta[-2] + theta[-1]], As

    def loss(self, theta):
        Z = self.forward(theta)[0][-1]
        top = Z.max(axis=1)
        each = top + np.log(np.exp(Z - top[:, None]).sum(axis=1)) - Z[np.arange(self.n), self.y]
        return float(self.share * each.sum() + self.l2 / 2 * sum((W**2).sum() for W in theta[::2]))

    def gradient(self, theta, fault=None):
        """Back-propagation with this student's fault."""
        fault = self.fault if fault is None else fault
        Zs, As = self.forward(theta)
        P = softmax(Zs[-1])
        delta = fault.get("top", lambda s, Z, P: P - s.Y)(self, Zs[-1], P) * self.share * fault.get("times", 1.0)
        rows = fault.get("rows")
        if rows is not None:
            delta = delta * rows(self)[:, None]
        weights = [W.copy() for W in theta[::2]]
        parts, before = [], delta
        for i in range(len(weights) - 1, -1, -1):
            came = fault["came"](self, i, Zs, As) if "came" in fault else As[i]
            dW = came.T @ delta
            db = fault.get("bias", lambda s, i, d, before: d.sum(axis=0))(self, i, delta, before)
            pull = self.l2 * fault.get("l2", lambda s, W: W)(self, theta[2 * i])
            dW = dW + pull
            if fault.get("l2 on biases"):
                db = db + self.l2 * theta[2 * i + 1]
            parts = [dW, db, *parts]
            if i:
                if "early" in fault:
                    weights[i] = weights[i] - fault["early"] * dW
                W = weights[i]
                down = W if fault.get("straight") and W.shape[0] == W.shape[1] else W.T
                dA = delta @ down * fault.get("below", lambda s: 1.0)(self)
                mask = self.masks[i - 1]
                if mask is not None:
                    mask = fault.get("mask", lambda s, i, m: m)(self, i - 1, mask)
                    dA = dA if mask is None else dA * mask
                before = dA
                name = self.hidden[i - 1]
                slope = SLOPE[name](Zs[i - 1])
                if "slope" in fault:
                    slope = fault["slope"](name, Zs[i - 1], F[name](Zs[i - 1]), slope)
                delta = dA * slope
        return fault.get("after", lambda s, theta, parts: parts)(self, theta, parts)

    def graded(self, call=True):
        work = self.gradient if call else self.gradient(self.theta)
        return grade(self.loss, work, self.theta, n_samples=self.n, n_outputs=self.k)

    def checked(self):
        layers = [
            Dense(p, h, name) for (p, h), name in zip(itertools.pairwise(self.sizes[:-1]), self.hidden, strict=True)
        ]
        net = Network([*layers, Dense(self.sizes[-2], self.k, "softmax")]).initialize(random_state=0)
        net.theta = np.concatenate([part.ravel() for part in self.theta])

        def own(net, X, y):
            parts = self.gradient([array for layer in net.layers for array in (layer.W, layer.b)])
            return list(zip(parts[::2], parts[1::2], strict=True))

        penalty = L2(self.l2) if self.l2 else None
        return check_gradients(net, self.X, self.y, penalty=penalty, reduction=self.reduction, gradient=own)


def whole(change):
    return lambda s, theta, parts: change(s, parts)


def norm(parts):
    return float(np.sqrt(sum((part**2).sum() for part in parts)))


def limited(s, parts, limit=0.1):
    return [part * min(1.0, limit / norm(parts)) for part in parts]


def by_layer(s, parts, limit=0.05):
    return [part * min(1.0, limit / np.linalg.norm(part)) for part in parts]


def one(index, change):
    def after(s, theta, parts):
        parts = [part.copy() for part in parts]
        parts[index] = change(s, parts[index])
        return parts

    return after


def zeroed(array, axis, where=0):
    array = array.copy()
    array[(slice(None), where) if axis else where] = 0
    return array


def came(layer, idea):
    return lambda s, i, Zs, As: idea(s, Zs, As) if i == layer else As[i]


def on_layer(layer, idea):
    return lambda s, i, d, before: idea(d, before) if i == layer else d.sum(axis=0)


def on(name, idea):
    return lambda here, Z, A, right: idea(Z, A) if here == name else right


def last_batch(s):
    m = 8
    return (np.arange(s.n) >= s.n - m) * (s.n / m)


FAULTS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "sign": ({"times": -1.0}, {"sign flipped"}),
    "sign of all": ({"after": whole(lambda s, g: [-p for p in g])}, {"sign flipped"}),
    "sum for mean": ({"times": 40.0}, {"sum, not mean"}),
    "averaged twice": ({"times": 1 / 40}, {"averaged twice"}),
    "1/c": ({"times": 1 / 3}, {"outputs averaged twice"}),
    "√n": ({"times": 40**-0.5}, {"root of n"}),
    "√n, all": ({"after": whole(lambda s, g: [p * 40**0.5 for p in g])}, {"root of n"}),
    "rate": ({"after": whole(lambda s, g: [0.1 * p for p in g])}, {"a rate in it"}),
    "step": ({"after": whole(lambda s, g: [-0.1 * p for p in g])}, {"the step, not the gradient"}),
    "step 0.01": ({"after": whole(lambda s, g: [-0.01 * p for p in g])}, {"the step, not the gradient"}),
    "factor 2": ({"after": whole(lambda s, g: [2 * p for p in g])}, {"factor 2"}),
    "L2 missing": ({"l2": lambda s, W: 0 * W}, {"penalty left out"}),
    "L2 twice": ({"l2": lambda s, W: 2 * W}, {"penalty too large", "penalty's factor"}),
    "L2 subtracted": ({"l2": lambda s, W: -W}, {"penalty left out", "penalty's factor"}),
    "L2 over n": ({"l2": lambda s, W: W / s.n}, {"penalty left out", "penalty's factor"}),
    "L1 for L2": ({"l2": lambda s, W: np.sign(W)}, {"another penalty"}),
    "L2 on biases": ({"l2 on biases": True}, {"penalty on biases"}),
    "bias mean": ({"bias": lambda s, i, d, b: d.mean(axis=0)}, {"bias not summed over samples"}),
    "bias first": ({"bias": lambda s, i, d, b: d[0]}, {"bias not summed over samples", "bias is not the sum of δ"}),
    "b1 mean": ({"bias": on_layer(0, lambda d, b: d.mean(axis=0))}, {"bias not summed over samples"}),
    "b1 before f′": ({"bias": on_layer(0, lambda d, b: b.sum(axis=0))}, {"bias is not the sum of δ"}),
    "W2 by columns": ({"after": one(2, lambda s, W: W.ravel("F").reshape(W.shape))}, {"transposed"}),
    "W1 by columns": ({"after": one(0, lambda s, W: W.ravel("F").reshape(W.shape))}, {"transposed"}),
    "W2 of another shape": ({"after": one(2, lambda s, W: W.T)}, {"transposed"}),
    "slope left out": ({"slope": lambda name, Z, A, f: np.ones_like(Z)}, {"activation derivative"}),
    "slope at A": ({"slope": lambda name, Z, A, f: SLOPE[name](A) if name == "tanh" else f}, {"activation derivative"}),
    "1 − Z²": ({"slope": lambda name, Z, A, f: 1 - Z**2 if name == "tanh" else f}, {"activation derivative"}),
    "relu for leaky": ({"slope": on("leaky_relu", lambda Z, A: (Z > 0) * 1.0)}, {"activation derivative"}),
    "slope 0.1": ({"slope": on("leaky_relu", lambda Z, A: np.where(Z > 0, 1, 0.1))}, {"activation derivative"}),
    "sigmoid's for tanh": ({"slope": on("tanh", lambda Z, A: SLOPE["sigmoid"](Z))}, {"activation derivative"}),
    "A(1 − A) for tanh": ({"slope": on("tanh", lambda Z, A: A * (1 - A))}, {"activation derivative"}),
    "n twice below": ({"below": lambda s: 1 / s.n}, {"averaged twice below", "mean, not sum below"}),
    "X shuffled": ({"came": came(0, lambda s, Z, A: A[0][s.shuffled])}, {"only W is wrong"}),
    "Z1 for A1": ({"came": came(1, lambda s, Z, A: Z[0])}, {"wrong input", "only W is wrong"}),
    "A1 for X": ({"came": came(0, lambda s, Z, A: A[1][:, : s.sizes[0]])}, {"wrong input", "only W is wrong"}),
    "early": ({"early": 0.1}, {"weights changed too early"}),
    "early, large": ({"early": 1.0}, {"weights changed too early"}),
    "clip by norm": ({"after": whole(limited)}, {"clipped"}),
    "clip by value": ({"after": whole(lambda s, g: [np.clip(p, -0.05, 0.05) for p in g])}, {"clipped"}),
    "clip by group": ({"after": whole(by_layer)}, {"clipped"}),
    "signs": ({"after": whole(lambda s, g: [np.sign(p) for p in g])}, {"signs only"}),
    "softmax axis": ({"top": lambda s, Z, P: softmax(Z, 0) - s.Y}, {"softmax over the wrong axis"}),
    "labels": ({"top": lambda s, Z, P: P - s.y[:, None]}, {"labels for one-hot"}),
    "labels from 1": ({"top": lambda s, Z, P: P - s.y[:, None] - 1}, {"labels for one-hot"}),
    "shifted": ({"top": lambda s, Z, P: P - np.roll(s.Y, 1, axis=1)}, {"targets shifted", "other data"}),
    "P(1 − P)": ({"top": lambda s, Z, P: (P - s.Y) * P * (1 - P)}, {"output derivative"}),
    "last batch": ({"rows": last_batch}, {"samples left out", "other data"}),
    "last batch over n": ({"rows": lambda s: (np.arange(s.n) >= s.n - 8) * 1.0}, {"samples left out"}),
    "last sample": ({"rows": lambda s: (np.arange(s.n) < s.n - 1) * 1.0}, {"samples left out"}),
    "one column": ({"after": one(0, lambda s, W: zeroed(W, 1))}, {"left at zero"}),
    "last row": ({"after": one(2, lambda s, W: zeroed(W, 0, -1))}, {"left at zero"}),
    "all zero": ({"after": whole(lambda s, g: [0 * p for p in g])}, {"all zero"}),
}  # fmt: skip

DROPOUT: dict[str, tuple[dict[str, Any], set[str]]] = {
    "mask forgotten": ({"mask": lambda s, i, m: None}, {"dropout mask left out"}),
    "mask unscaled": (
        {"mask": lambda s, i, m: (m != 0) * 1.0},
        {"dropout scale left out", "dropout scale left out, factor 2", "factor 2 below or dropout scale left out"},
    ),
    "another mask": ({"mask": lambda s, i, m: s.strangers[i]}, {"another dropout mask"}),
}


def verdict_on(result, accepted):
    """ "named", "not named" or "wrong": what a result is worth."""
    if result.passed:
        return "passed"
    names = {name for cause in result.causes for name in cause.name.split(" or ")}
    if names & accepted or {cause.name for cause in result.causes} & accepted:
        return "named"
    return "not named" if names <= {"unknown", "constant factor"} else "wrong"
