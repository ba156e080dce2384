"""`Trail`: θ recorded during training, for plots of a whole run."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pellucid.maths.checks import check_integer
from pellucid.network.stack import LayerStack
from pellucid.training.callbacks import Callback, Run


def check_trail(trail: object) -> None:
    """TypeError for anything that is not a trail."""
    if not isinstance(trail, Trail):
        raise TypeError(
            f"trail must be a plots.Trail that was given to a run, net.fit(X, y, callbacks=[trail]); got "
            f"{type(trail).__name__}"
        )


class Trail(Callback):
    """A callback that records θ: before the first epoch, after every `every`-th one, and after the last.

    `gradient_norms`, `update_ratios`, `loss_surface` and `animation` are drawn from it. It records nothing else,
    because all outputs of a network follow from θ. A second run overwrites the first.

    Shapes: `epochs` ``(m,)``; `thetas` ``(m, P)`` for P parameters: for a long run of a large network, choose a larger
    `every` to save memory.

    >>> from pellucid import Dense, Network
    >>> trail = Trail(every=10)
    >>> history = Network([Dense(1, 1)], "squared_error").fit([[1.0]], [2.0], epochs=25, callbacks=[trail])
    >>> trail.epochs.tolist(), trail.thetas.shape
    ([0, 10, 20, 25], (4, 2))
    """

    def __init__(self, every: int = 1) -> None:
        self.every = check_integer("every", every, least=1)
        self._network: LayerStack | None = None
        self._epochs: list[int] = []
        self._thetas: list[NDArray[np.floating]] = []

    def on_fit_begin(self, run: Run) -> None:
        """Record the initial θ."""
        self._network, self._epochs, self._thetas = run.network.copy(), [], []
        self._keep(run, 0)

    def on_epoch_end(self, run: Run) -> None:
        """Record θ after every `every`-th epoch, counted from 1."""
        if (run.epoch + 1) % self.every == 0:
            self._keep(run, run.epoch + 1)

    def on_fit_end(self, run: Run) -> None:
        """Record the final θ, unless it was just recorded. After early stopping, this is the restored θ."""
        if not np.array_equal(self._thetas[-1], run.network.theta):
            restored = run.history.best_epoch
            self._keep(run, run.epoch + 1 if restored is None else max(restored + 1, self._epochs[-1]))

    def _keep(self, run: Run, epoch: int) -> None:
        self._epochs.append(epoch)
        self._thetas.append(run.network.theta.copy())

    @property
    def epochs(self) -> NDArray[np.int64]:
        """The number of epochs before each recorded θ."""
        return np.array(self._epochs, dtype=np.int64)

    @property
    def thetas(self) -> NDArray[np.floating]:
        """The recorded θ, one per row."""
        return np.array(self._thetas)

    @property
    def network(self) -> LayerStack:
        """A copy of the trained network, with the last θ."""
        return self.network_at(-1)

    def network_at(self, position: int) -> LayerStack:
        """A copy of the network with the θ recorded at `position`; −1 is the last."""
        if self._network is None:
            raise ValueError("this trail is empty: give it to a run first, net.fit(X, y, callbacks=[trail])")
        network = self._network.copy()
        network.theta = self._thetas[position]
        return network

    def __len__(self) -> int:
        return len(self._thetas)
