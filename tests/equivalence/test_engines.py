"""The compiled engine against the reference: every hidden activation × loss × optimizer × dtype, after 100 steps.

Each twice: plain, and with dropout, sample weights and a penalty at once. Batches of 7 do not divide the 24 rows.
`tests/engines/test_agreement.py` draws shapes and tries every output activation, penalty and reduction.
"""

import itertools

import numpy as np
import pytest

from pellucid import Dense, Network
from pellucid.activations import ACTIVATIONS
from pellucid.initializers import Normal
from pellucid.losses import LOSSES
from pellucid.optimizers import OPTIMIZERS, FirstOrder
from pellucid.penalties import ElasticNet

pytestmark = pytest.mark.slow

N, BATCH, EPOCHS = 24, 7, 25  # four batches an epoch: 100 steps
HIDDEN = sorted(name for name, cls in ACTIVATIONS.items() if cls.elementwise)
FIRST_ORDER = sorted(name for name, cls in OPTIMIZERS.items() if issubclass(cls, FirstOrder))
TOLERANCE = {"float64": 1e-10, "float32": 1e-4}
RATE = 1e-3


def targets(loss, random):
    return {
        "cross_entropy": random.integers(0, 3, N),
        "binary_cross_entropy": random.integers(0, 2, (N, 3)),
        "poisson": random.poisson(2.0, (N, 3)),
    }.get(loss, random.normal(size=(N, 3)))


@pytest.mark.parametrize("dtype", sorted(TOLERANCE))
@pytest.mark.parametrize("hidden", HIDDEN)
def test_every_combination(hidden, dtype):
    random = np.random.default_rng(7)
    X, weight = 0.5 * random.normal(size=(N, 4)), random.uniform(0.2, 2.0, N)
    small = Normal(scale=0.3)
    for loss, optimizer, everything in itertools.product(sorted(LOSSES), FIRST_ORDER, (False, True)):
        y, dropout = targets(loss, random), 0.3 if everything else 0.0
        options = {"sample_weight": weight, "penalty": ElasticNet(0.01)} if everything else {}
        output = LOSSES[loss].canonical or "identity"
        thetas = []
        for engine in ("reference", "compiled"):
            net = Network([Dense(4, 6, hidden, dropout=dropout), Dense(6, 3, output)], loss, dtype)
            net.initialize(small, biases=small, random_state=0)
            rule = OPTIMIZERS[optimizer](learning_rate=RATE)
            net.fit(X, y, optimizer=rule, epochs=EPOCHS, batch_size=BATCH, random_state=0, engine=engine, **options)
            thetas.append(net.theta)
        difference = np.abs(thetas[1] - thetas[0]).max() / np.abs(thetas[0]).max()
        assert difference <= TOLERANCE[dtype], (loss, optimizer, everything)
