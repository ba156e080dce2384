"""A small network, trained, with the trail of its run."""

import numpy as np

from pellucid import Dense, Network, optimizers, plots

X = np.array([[-1.0, 0.0], [-2.0, 1.0], [1.0, 0.5], [2.0, -1.0], [0.5, 2.0]])
Y = np.array([0, 0, 1, 1, 1])


def network():
    return Network([Dense(2, 3, "tanh"), Dense(3, 2, "softmax")]).initialize("normal", random_state=0)


def run(epochs=6, every=1):
    net, trail = network(), plots.Trail(every=every)
    net.fit(X, Y, optimizer=optimizers.GradientDescent(0.3), epochs=epochs, callbacks=[trail], progress=False)
    return net, trail
