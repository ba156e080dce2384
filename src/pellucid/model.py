"""The glass box: a network that can be trained."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from importlib import import_module
from inspect import signature
from types import ModuleType
from typing import Any, Never

import numpy as np

from pellucid.defaults import NETWORK
from pellucid.engines import EngineName
from pellucid.maths.penalties import Penalty
from pellucid.maths.schedules import Schedule
from pellucid.maths.typing import Array, RandomState
from pellucid.network.objective import Reduction
from pellucid.network.other_libraries import unknown_fit_argument
from pellucid.network.stack import LayerStack
from pellucid.optimizers import Optimizer, State
from pellucid.training.automatic import DEFAULT_OPTIMIZER, Auto
from pellucid.training.callbacks import Callback, Run
from pellucid.training.history import History
from pellucid.training.loop import fit
from pellucid.training.state import TrainingState
from pellucid.training.stopping import EarlyStopping

FEW_ROWS = 64


@cache
def _prediction() -> ModuleType | None:
    """The module, imported on first use because it loads llvmlite; an import statement would cost a µs per call. None
    if llvmlite is not installed.
    """
    try:
        return import_module("pellucid.engines.prediction")
    except ImportError:
        return None


class Network(LayerStack):
    r"""A feed-forward network: layers Aˡ = f(Aˡ⁻¹ Wˡ + bˡ), a loss, and one flat vector θ of all W and b.

    Parameters
    ----------
    layers : iterable of Dense and other layers, or list of sizes
        First to last; each layer's `n_inputs` is the `units` of the one before. Other layers than `Dense` are in
        `pellucid.operations`. Or sizes, `[inputs, hidden, outputs]`: the last layer's activation is then the loss's
        canonical partner; without a loss, softmax for several outputs and identity for one.
    loss : str, Loss or None
        The loss: a name in `pellucid.losses.LOSSES`, such as "squared_error", "cross_entropy" (after softmax) or
        "binary_cross_entropy" (after sigmoid), or an object such as `Huber(delta=2.0)`. None: the partner of the last
        activation: cross-entropy for softmax, binary cross-entropy for sigmoid, Poisson for exponential, squared error
        for any other. With sizes, the name of an activation is taken as that of the hidden layers, as in
        `Network([2, 3, 2], "tanh")`.
    dtype : "float64" or "float32"
        The type of θ and of all intermediate numbers.
    activation : str, Activation or list of them
        With sizes only: the activation of the hidden layers, "tanh" by default; a list may end with the output's.

    Attributes
    ----------
    layers : tuple of Layer
        `net.layers[0].W` (p, h) and `.b` (h,) are writable views of θ.
    theta : array
        All parameters: W row by row, then b, layer after layer.

    Raises
    ------
    ValueError
        If the layers do not fit together, or the loss cannot follow the last activation.

    Examples
    --------
    >>> from pellucid import Dense, Network
    >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    >>> net = Network([Dense(2, 4, "tanh"), Dense(4, 2, "softmax")])
    >>> history = net.fit(X, y, optimizer="lbfgs", epochs=200, random_state=0)
    >>> net.predict(X)
    array([0, 1, 1, 0])
    >>> net.forward(X).A[0].shape  # the hidden layer's output, one row per sample
    (4, 4)
    >>> Network([2, 4, 2], "tanh").specs == net.specs  # the same layers, in short
    True
    """

    def outputs(self, X: object) -> Array:
        """A of the last layer (n, k). For few rows, a small network uses the compiled kernels."""
        if isinstance(X, np.ndarray) and X.size <= FEW_ROWS * self.n_inputs and self.initialized:
            prediction = _prediction()
            compiled = None if prediction is None else prediction.predictor(self)
            answer = None if compiled is None else compiled.outputs(self, X)
            if answer is not None:
                return answer
        return super().outputs(X)

    def fit(
        self,
        X: object,
        y: object,
        *,
        optimizer: str | Optimizer | type[Optimizer] = DEFAULT_OPTIMIZER,
        epochs: int | Auto = NETWORK.epochs,
        batch_size: int | Auto | None = NETWORK.batch_size,
        schedule: str | Schedule | type[Schedule] | None = None,
        penalty: Penalty | None = None,
        reduction: Reduction = "mean",
        sample_weight: object = None,
        shuffle: bool = True,
        random_state: RandomState = None,
        validation: Any = None,
        early_stopping: EarlyStopping | bool | None = None,
        callbacks: Iterable[Callback | Callable[[Run], object]] = (),
        engine: EngineName = "auto",
        threads: int = 1,
        progress: bool | None = None,
        clip_norm: float | None = None,
        max_norm: float | None = None,
        optimizer_state: State | None = None,
        max_updates: int | None = None,
        resume: TrainingState | None = None,
        **unknown: Never,
    ) -> History:
        r"""Train from the current θ (`initialize` first, or Xavier-uniform weights are drawn).

        Minimises J(θ) = Σᵢ wᵢ ℓᵢ/Σᵢ wᵢ + penalty (`reduction="mean"`) or Σᵢ wᵢ ℓᵢ + penalty (`"sum"`).
        With no further arguments a small network fits a few thousand rows in less than a second: Adam, 2000 updates.
        Ctrl-C stops the run after the current batch and keeps the parameters.

        Parameters
        ----------
        X : array (n, p)
            Inputs, finite numbers; a sparse matrix stays sparse, and runs on the reference engine.
        y : array (n,) or (n, k)
            Targets that suit the loss: class numbers from 0, one-hot rows, or numbers.
        optimizer : str or Optimizer
            A name in `pellucid.optimizers.OPTIMIZERS`, such as "gradient_descent", "adam" or "lbfgs", or an object
            such as `Adam(learning_rate=0.01)`, the default. A name selects the optimizer's default rate: 0.001 for
            "adam".
        epochs : int or "auto"
            Passes over the data (iterations for "lbfgs"). "auto": enough to make 2000 updates, and at least 20; 100
            for "lbfgs".
        batch_size : int, "auto" or None
            Samples per update; None is the full batch, 1 is one sample at a time. "auto": the full batch of up to 256
            rows, else 128; the full batch, too, if you say how many epochs.
        schedule : str, Schedule or None
            Schedule of the learning rate; None keeps it constant.
        penalty : Penalty or None
            Penalty on weights, not on biases: `L2(0.01)`, `L1(0.01)`, `ElasticNet(0.01, l1_ratio=0.5)`.
        reduction : "mean" or "sum"
            Reduction of the loss over samples. With "sum", a good learning rate depends on n.
        sample_weight : array (n,) or None
            Weights ≥ 0; a weight of 2 equals repeating the row.
        shuffle : bool
            Whether to shuffle the rows in each epoch (no effect with the full batch).
        random_state : int, SeedSequence, Generator, RandomState or None
            Source of randomness for the validation split, initial weights, dropout and shuffling.
        validation : (X, y), (X, y, sample_weight), a share in (0, 1), or None
            Validation data. A number is the share of the rows of X and y that is held out at random.
        early_stopping : EarlyStopping, True or None
            Rule to stop before `epochs`; the parameters of the best epoch are restored.
        callbacks : functions or Callback objects
            Called with the `Run` after each epoch; `run.stop(reason)` stops it.
        engine : "auto", "compiled" or "reference"
            The engine that runs the epochs. "reference" is the readable NumPy code; "compiled" runs whole epochs in
            machine code and gives the same numbers up to rounding; "auto" uses it for all but the smallest jobs.
        threads : int
            Threads that share each batch, for large batches or wide layers. Their number changes only the last digits
            of the result. NumPy's matrix products ("reference", validation) use the same number of threads during a
            fit.
        progress : bool or None
            A progress bar for runs of more than a second; None shows it on a terminal.
        clip_norm : float or None
            Maximum norm ‖∂J/∂θ‖₂ of the gradient; a longer gradient is scaled down to it.
        max_norm : float or None
            Maximum norm ‖Wⱼ‖₂ of each unit's incoming weights; longer ones are scaled down after each update.
        optimizer_state : dict or None
            State of the optimizer from an earlier run (momentum, running means, step count), updated in place. An empty
            dict is filled for the next call. None starts anew. Only the optimizer continues; to continue a whole
            training, see `resume`.
        max_updates : int or None
            Maximum number of updates of θ. It may stop the run within an epoch, which then has no row in the history.
        resume : TrainingState or None
            Continue an earlier fit: `history.state`, or `run.state` from a callback. θ, the optimizer, the random
            numbers, the order of the rows, the schedule, early stopping and the history continue as if there had been
            no pause: 5 epochs and 5 more equal 10, bit for bit. `epochs` and `max_updates` count from the first fit on.
            A schedule is a function of the planned epochs, so plan all of them from the start and pause by
            `max_updates` or a callback. After a pause within an epoch, its loss and metric are sums of two parts, which
            may change their last digit. Network, optimizer, rows, batch_size and shuffle must be the same; give no
            `random_state`. Learning rate, penalty, schedule and limits may change; if that changes J, "lbfgs" begins
            anew.

        Returns
        -------
        History
            Loss, metric, rate and time of each epoch.

        Raises
        ------
        ValueError, TypeError
            Naming the argument, its value and what was expected.
        DivergenceError
            If a loss or parameter became NaN or infinite; θ is the last finite one.

        Examples
        --------
        >>> import numpy as np
        >>> from pellucid import Dense, Network, penalties
        >>> X = np.linspace(-1, 1, 50).reshape(-1, 1)
        >>> net = Network([Dense(1, 8, "tanh"), Dense(8, 1)], loss="squared_error")
        >>> history = net.fit(X, X[:, 0] ** 2, optimizer="lbfgs", penalty=penalties.L2(1e-6), random_state=0)
        >>> history["metric"][-1] > 0.9  # R²
        True
        >>> curve = Network([1, 8, 1]).fit(X, np.sin(4 * X[:, 0]), random_state=0)  # nothing said
        >>> len(curve), bool(curve["metric"][-1] > 0.99)
        (2000, True)
        """
        if unknown:
            name = next(iter(unknown))
            raise TypeError(unknown_fit_argument(name, unknown[name], _FIT_ARGUMENTS))
        return fit(
            self,
            X,
            y,
            optimizer=optimizer,
            epochs=epochs,
            batch_size=batch_size,
            schedule=schedule,
            penalty=penalty,
            reduction=reduction,
            sample_weight=sample_weight,
            shuffle=shuffle,
            random_state=random_state,
            validation=validation,
            early_stopping=early_stopping,
            callbacks=callbacks,
            engine=engine,
            threads=threads,
            progress=progress,
            clip_norm=clip_norm,
            max_norm=max_norm,
            optimizer_state=optimizer_state,
            max_updates=max_updates,
            resume=resume,
        )


_FIT_ARGUMENTS = [name for name in signature(Network.fit).parameters if name not in ("self", "unknown")]
