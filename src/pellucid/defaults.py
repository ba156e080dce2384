"""The defaults of all ways to train, in one place, and the reasons why they differ.

=============  ================  ===================  ====================  ====================
               `Network.fit`     the estimators       `pellucid train`      the playground
=============  ================  ===================  ====================  ====================
hidden units   (given)           100                  50, 50                4, 2
activation     tanh              relu                 tanh                  tanh
initializer    Xavier, uniform   Glorot, and biases   He or Xavier          Xavier, uniform
optimizer      Adam, 0.01        Adam, 0.001          Adam, 0.001           descent, 0.1
batch size     all or 128        200                  32                    10
epochs         2000 updates      200                  200                   until you stop it
two classes    softmax           sigmoid              softmax               softmax
L2 penalty     none              α = 0.0001           λ = 0.001             none
early stop     no                no                   after 20 epochs       no
=============  ================  ===================  ====================  ====================

- `Network.fit` is often called with a few hundred rows and no other arguments, to see the loss go down. It has no
  validation data, so it trains long enough to fit the given rows, in less than a second. See `FULL_BATCH_ROWS`.
- The estimators keep scikit-learn's values: they are drop-in replacements, and give its results.
- `pellucid train` is judged by rows that it has not seen: small batches, a penalty, and early stopping.
- The playground is watched. Plain gradient descent on small batches moves at a pace at which one can follow it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Defaults:
    """The defaults of one way to train.

    "auto" depends on the number of rows; of an initializer, on the activation (`models.recipes`). `binary` is the
    output for two classes: one sigmoid unit, or a softmax over two.
    """

    hidden: tuple[int, ...]
    activation: str
    initializer: str
    optimizer: str
    learning_rate: float
    batch_size: int | Literal["auto"]
    epochs: int | Literal["auto"]
    binary: Literal["sigmoid", "softmax"] = "softmax"
    l2: float = 0.0
    patience: int | None = None


FULL_BATCH_ROWS, BATCH_ROWS = 256, 128
"""`Network.fit` uses the full batch for up to the first number of rows, else batches of the second size."""

UPDATES, MIN_EPOCHS = 2000, 20
"""`Network.fit` runs the number of epochs that gives this many updates, and at least this many epochs.

Measured on 16 data sets of 4 to 50 000 rows (moons, circles, iris, wine, digits, sines, XOR, …), three seeds each: what
counts is the number of updates. 1000 updates end at 0.885 on the worst seed of moons with 3 units, 2000 at 0.975;
with fewer than 20 epochs, large data are not seen often enough. On few rows the full batch does better than small
batches (a noisy sine: R² 0.98, not 0.90), and from some hundred rows on batches of 128 are as good, and faster.
"""

ITERATIONS = 100
"""Of the rules that take all rows at each step, such as L-BFGS, in `Network.fit`; they end earlier at a minimum."""

NETWORK = Defaults((), "tanh", "xavier_uniform", "adam", 0.01, batch_size="auto", epochs="auto")
ESTIMATORS = Defaults((100,), "relu", "auto", "adam", 0.001, "auto", 200, "sigmoid", l2=0.0001)
COMMAND = Defaults((50, 50), "tanh", "auto", "adam", 0.001, batch_size=32, epochs=200, l2=0.001, patience=20)
PLAYGROUND = Defaults((4, 2), "tanh", "xavier_uniform", "gradient_descent", 0.1, batch_size=10, epochs=100_000)

ESTIMATORS_BATCH_ROWS = 200
"""The estimators' "auto" is this, or all rows if there are fewer."""


def automatic_batch_size(n_rows: int) -> int:
    """Rows an update in `Network.fit` with `batch_size="auto"` and `epochs="auto"`; with a number of epochs, all rows.

    >>> automatic_batch_size(200), automatic_batch_size(2000)
    (200, 128)
    """
    return n_rows if n_rows <= FULL_BATCH_ROWS else BATCH_ROWS


def automatic_epochs(n_rows: int, batch_size: int) -> int:
    """Epochs in `Network.fit` with `epochs="auto"`: `UPDATES` updates, and at least `MIN_EPOCHS` epochs.

    >>> automatic_epochs(200, 200), automatic_epochs(1000, 128), automatic_epochs(100_000, 128)
    (2000, 250, 20)
    """
    updates_per_epoch = -(-n_rows // batch_size)
    return max(MIN_EPOCHS, -(-UPDATES // updates_per_epoch))
