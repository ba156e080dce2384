"""A network written with loops over single numbers, and nothing else: the naive twin of floor 2.

It knows tanh, sigmoid and ReLU, softmax with cross-entropy and identity with squared error, the mean over samples.
"""

import math

ACTIVATION = {
    "tanh": (math.tanh, lambda z, a: 1 - a * a),
    "sigmoid": (lambda z: 1 / (1 + math.exp(-z)), lambda z, a: a * (1 - a)),
    "relu": (lambda z: max(z, 0.0), lambda z, a: 1.0 if z > 0 else 0.0),
    "identity": (lambda z: z, lambda z, a: 1.0),
}


def softmax(z):
    e = [math.exp(v) for v in z]
    return [v / sum(e) for v in e]


def loss_and_gradient(weights, biases, names, X, targets):
    """Mean loss; dW and db as nested lists. `weights[l][i][j]` leads from input i to unit j of layer l."""
    dW = [[[0.0 for _ in row] for row in W] for W in weights]
    db = [[0.0 for _ in b] for b in biases]
    total = 0.0
    for x, target in zip(X, targets, strict=True):
        a, zs, activated = list(x), [], [list(x)]
        for W, b, name in zip(weights, biases, names, strict=True):
            z = [b[j] + sum(a[i] * W[i][j] for i in range(len(a))) for j in range(len(b))]
            a = softmax(z) if name == "softmax" else [ACTIVATION[name][0](v) for v in z]
            zs.append(z)
            activated.append(a)
        if names[-1] == "softmax":
            total += -math.log(a[target])
            delta = [a[j] - (1.0 if j == target else 0.0) for j in range(len(a))]
        else:
            total += sum(0.5 * (a[j] - target[j]) ** 2 for j in range(len(a)))
            delta = [(a[j] - target[j]) * ACTIVATION[names[-1]][1](zs[-1][j], a[j]) for j in range(len(a))]
        for layer in range(len(weights) - 1, -1, -1):
            before = activated[layer]
            for j in range(len(delta)):
                db[layer][j] += delta[j] / len(X)
                for i in range(len(before)):
                    dW[layer][i][j] += before[i] * delta[j] / len(X)
            if layer:
                slope = ACTIVATION[names[layer - 1]][1]
                delta = [
                    slope(zs[layer - 1][i], before[i]) * sum(weights[layer][i][j] * delta[j] for j in range(len(delta)))
                    for i in range(len(before))
                ]
    return total / len(X), dW, db
