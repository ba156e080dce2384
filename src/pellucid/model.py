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
    """Loaded when first needed, as it loads llvmlite; an import statement would cost a µs at every call. None where
    llvmlite is not installed.
    """
    try:
        return import_module("pellucid.engines.prediction")
    except ImportError:
        return None


class Network(LayerStack):
    r"""A feed-forward network: layers Aˡ = f(Aˡ⁻¹ Wˡ + bˡ), a loss, and one flat vector θ of all W and b.

    Parameters
    ----------
    layers : iterable of Dense, or list of sizes
        First to last; each layer's `n_inputs` is the `units` of the one before. Or sizes, `[inputs, hidden, outputs]`:
        the last layer's activation is then the loss's own; where no loss is named, softmax for several outputs and
        identity for one.
    loss : str, Loss or None
        What is minimised: "cross_entropy" (after softmax), "binary_cross_entropy" (after sigmoid), "squared_error",
        "absolute_error", "huber", "quantile", "poisson", or an object such as `Huber(delta=2.0)`. None takes what
        belongs to the last activation: softmax, cross-entropy; sigmoid, binary cross-entropy; exponential, Poisson;
        any other, squared error. Beside sizes the name of an activation is the hidden layers', as in
        `Network([2, 3, 2], "tanh")`.
    dtype : "float64" or "float32"
        Of θ and of every number on the way.
    activation : str, Activation or list of them
        With sizes only: of the hidden layers; a list may end with the output's. Default: "tanh".

    Attributes
    ----------
    layers : tuple of Layer
        `net.layers[0].W` (p, h) and `.b` (h,) are writable views of θ.
    theta : array
        Every parameter: W row by row, then b, layer after layer.

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
    >>> net.forward(X).A[0].shape  # the hidden layer's output, a row a sample
    (4, 4)
    >>> Network([2, 4, 2], "tanh").specs == net.specs  # the same layers, in short
    True
    """

    def outputs(self, X: object) -> Array:
        """A of the last layer (n, k). A few rows of a small network go through the compiled kernels."""
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
        r"""Train from where θ is now (`initialize` first, or Xavier-uniform weights are drawn).

        Minimises J(θ) = Σᵢ wᵢ ℓᵢ/Σᵢ wᵢ + penalty (`reduction="mean"`) or Σᵢ wᵢ ℓᵢ + penalty (`"sum"`).
        With no further arguments a small network fits a few thousand rows in less than a second: Adam, 2000 updates.
        Ctrl-C ends the run after the batch at hand and keeps what was learned.

        Parameters
        ----------
        X : array (n, p)
            Inputs, finite numbers; a sparse matrix stays sparse, and runs on the reference engine.
        y : array (n,) or (n, k)
            Targets, as the loss takes them: class numbers from 0, one-hot rows, or numbers.
        optimizer : str or Optimizer
            "gradient_descent", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw", "nadam", "lbfgs", or an
            object such as `Adam(learning_rate=0.01)`, which is the default. A name takes that rule's own rate: 0.001
            for "adam".
        epochs : int or "auto"
            Passes over the data (iterations for "lbfgs"). "auto": as many as make 2000 updates, and at least 20; 100
            for "lbfgs".
        batch_size : int, "auto" or None
            Samples an update; None is the full batch, 1 is one sample at a time. "auto": the full batch of up to 256
            rows, else 128.
        schedule : str, Schedule or None
            How the learning rate moves with time; None keeps it.
        penalty : Penalty or None
            On weights, not on biases: `L2(0.01)`, `L1(0.01)`, `ElasticNet(0.01, l1_ratio=0.5)`.
        reduction : "mean" or "sum"
            Of the loss over samples. With "sum" the right learning rate depends on n.
        sample_weight : array (n,) or None
            Weights ≥ 0; a weight of 2 is the row twice.
        shuffle : bool
            A new order of the rows in every epoch (makes no difference with the full batch).
        random_state : int, SeedSequence, Generator, RandomState or None
            For the validation split, the first weights, dropout and shuffling.
        validation : (X, y), (X, y, sample_weight), a share in (0, 1), or None
            Validation data, which is never learned from. A number is the share of the rows of X and y that is held
            out at random.
        early_stopping : EarlyStopping, True or None
            When to end before `epochs`; the parameters of the best epoch are restored.
        callbacks : functions or Callback objects
            Called with the `Run` after each epoch; `run.stop(reason)` ends it.
        engine : "auto", "compiled" or "reference"
            How epochs are run. "reference" is the readable NumPy code; "compiled" runs whole epochs in machine code
            and gives the same numbers up to rounding; "auto" takes it for all but the smallest jobs.
        threads : int
            Threads that share each batch, for large batches or wide layers. The result depends on their number in the
            last digits, and on nothing else. NumPy's matrix products take as many while a fit runs ("reference",
            validation): one, unless you ask for more, whatever BLAS would take.
        progress : bool or None
            A progress bar for runs of more than a second; None shows it on a terminal.
        clip_norm : float or None
            The length that a gradient ‖∂J/∂θ‖₂ is shortened to where it is longer.
        max_norm : float or None
            The length that each unit's incoming weights ‖Wⱼ‖₂ are shortened to, after each update.
        optimizer_state : dict or None
            What the optimizer remembers from an earlier run (momentum, running means, its count of steps), to continue
            with; moved in place. An empty dict is filled, for the next call. None starts anew. Only the optimizer
            continues; for all of a training, see `resume`.
        max_updates : int or None
            How many updates of θ end the run, also in the midst of an epoch (which has no row in the history then).
        resume : TrainingState or None
            Continue an earlier fit: `history.state`, or `run.state` from a callback. θ, the optimizer, the random
            numbers, the order of the rows, the schedule, early stopping and the history continue as if there had been
            no pause: 5 epochs and 5 more equal 10, bit for bit. `epochs` and `max_updates` count from the first fit on.
            A schedule is a function of the planned epochs, so plan all of them from the start and pause by
            `max_updates` or a callback. If a pause is in the midst of an epoch, its loss and metric are added up in two
            parts, which may change their last digit. Network, optimizer, rows, batch_size and shuffle must be the same;
            give no `random_state`. Learning rate, penalty, schedule and limits may change from here on;
            "lbfgs" begins anew if J has changed.

        Returns
        -------
        History
            Loss, metric, rate and time of each epoch.

        Raises
        ------
        ValueError, TypeError
            Naming the argument, its value and what was expected.
        DivergenceError
            A loss or parameter turned NaN or infinite; θ is the last that was finite.

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
