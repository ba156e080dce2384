"""One call of `fit` that is taken a few updates at a time: by batches, or by the iterations of L-BFGS.

Both kinds of course answer the same questions, so that `run` need not know which it has.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from pellucid.engines.choice import EngineName, missing_kernel
from pellucid.maths.metrics import metric_for
from pellucid.maths.typing import Array
from pellucid.model import Network
from pellucid.optimizers import FirstOrder, SecondOrder, State
from pellucid.playground.settings import Settings
from pellucid.training.data import Data
from pellucid.training.descent import Descent, Moment, begin_descent
from pellucid.training.divergence import DivergenceError, divergence

FIRST_ITERATIONS = 16


@dataclass(frozen=True)
class Progress:
    """What some updates did: how many they were, samples seen, and the mean loss of each epoch that they finished."""

    updates: int
    samples: int
    losses: Array

    @classmethod
    def none(cls) -> Progress:
        """Nothing."""
        return cls(0, 0, np.zeros(0))


class Course(Protocol):
    """A call of `fit` under way; it moves the network's θ."""

    @property
    def updates_an_epoch(self) -> int:
        """Updates in each epoch."""
        ...

    @property
    def into_epoch(self) -> int:
        """Updates done of the epoch at hand; 0 between epochs."""
        ...

    @property
    def ended(self) -> str:
        """Why it cannot go on, "" while it can."""
        ...

    @property
    def state(self) -> State | None:
        """The optimizer's memory; None if it has none to pass on."""
        ...

    def run_updates(self, count: int) -> Progress:
        """Up to `count` updates, not past the end of the epoch at hand."""
        ...

    def run_epochs(self, count: int) -> Progress:
        """Up to `count` whole epochs; to be called between epochs."""
        ...

    def moment(self) -> object:
        """Where it stands, to return to."""
        ...

    def return_to(self, moment: object) -> None:
        """Stand there again."""
        ...


def engine_name(network: Network, settings: Settings) -> EngineName:
    """The engine of a run: compiled wherever there is a kernel, so that short and long calls give the same bits."""
    lacks = missing_kernel(network, network.objective(settings.penalty), settings.optimizer)
    return "reference" if lacks else "compiled"


class ByBatches:
    """Batches of a first-order rule."""

    def __init__(
        self,
        network: Network,
        data: Data,
        settings: Settings,
        random: np.random.Generator,
        state: State | None,
        batch_size: int,
    ) -> None:
        rule = settings.optimizer
        assert isinstance(rule, FirstOrder)
        self._planned = settings["epochs"]
        self.descent: Descent = begin_descent(
            network, network.objective(settings.penalty), rule, data, metric_for(network.loss, data.Y), random,
            epochs=self._planned, batch_size=batch_size, schedule=settings.schedule, state=state,
            engine=engine_name(network, settings),
        )  # fmt: skip
        self.updates_an_epoch = self.descent.job.n_batches
        self._seen = 0.0  # the loss of the epoch at hand so far

    @property
    def into_epoch(self) -> int:
        """Updates done of the epoch at hand."""
        return self.descent.batches

    @property
    def ended(self) -> str:
        """The plan's end."""
        return f"the planned {self._planned:,} epochs are done" if self.descent.epochs >= self._planned else ""

    @property
    def rate(self) -> float:
        """The learning rate of the next update."""
        return self.descent.rate

    @property
    def state(self) -> State:
        """The optimizer's memory."""
        return self.descent.job.state

    def run_updates(self, count: int) -> Progress:
        """Some batches of the epoch at hand."""
        descent, n = self.descent, len(self.descent.job.X)
        first = descent.batches
        result = descent.run_batches(count)
        assert result is not None  # nothing interrupts it
        self._check(result.total_loss)
        last = descent.batches or self.updates_an_epoch
        samples = min(last * descent.job.batch_size, n) - first * descent.job.batch_size
        self._seen += result.total_loss
        if descent.batches:
            return Progress(last - first, samples, np.zeros(0))
        return Progress(last - first, samples, self._finished(np.array([self._seen])))

    def run_epochs(self, count: int) -> Progress:
        """Whole epochs; one at a time where the schedule watches their loss."""
        descent = self.descent
        n = len(descent.job.X)
        count = min(count, self._planned - descent.epochs, 1 if descent.rates.watches_loss else count)
        if count <= 0:
            return Progress.none()
        results = descent.run_epochs(count)
        self._check(float(results.total_loss[-1]))
        return Progress(count * self.updates_an_epoch, count * n, self._finished(results.total_loss))

    def _finished(self, total_losses: Array) -> Array:
        self._seen = 0.0
        losses = total_losses / len(self.descent.job.X)
        self.descent.rates.observe(float(losses[-1]))
        return losses

    def _check(self, total_loss: float) -> None:
        """Raise the error of `fit` where numbers are no longer finite."""
        descent, network = self.descent, self.descent.job.network
        if not (np.isfinite(total_loss) and np.isfinite(network.theta).all()):
            before = descent.engine.before.copy()
            rate = float(descent.rates.of_epochs(max(descent.epochs - 1, 0), 1)[0, -1])
            with np.errstate(all="ignore"):
                raise divergence(network, before, before, descent.job.X, descent.epochs, rate)

    def moment(self) -> tuple[Moment, float]:
        """Where the descent stands, and the loss so far."""
        return self.descent.moment(), self._seen

    def return_to(self, moment: object) -> None:
        """Stand there again."""
        assert isinstance(moment, tuple)
        self.descent.return_to(moment[0])
        self._seen = moment[1]


class ByIterations:
    """Iterations of L-BFGS. SciPy runs them in one go, and they are the same however many are asked for: so a longer
    call than was asked for is made, each point kept, and the network moved along them.
    """

    updates_an_epoch, into_epoch = 1, 0
    state: State | None = None

    def __init__(self, network: Network, data: Data, settings: Settings) -> None:
        assert isinstance(settings.optimizer, SecondOrder)
        self._network, self._data, self._settings = network, data, settings
        self._path = [network.theta.copy()]
        self._losses: list[float] = []
        self._why = ""
        self.iterations = 0

    @property
    def ended(self) -> str:
        """The plan's end, or SciPy's reason."""
        if self.iterations >= self._settings["epochs"]:
            return f"the planned {self._settings['epochs']:,} iterations are done"
        return self._why if self._why and self.iterations == len(self._losses) else ""

    def point(self, iteration: int) -> Array:
        """θ after so many iterations, or after the last there is."""
        self._reach(iteration)
        return self._path[min(iteration, len(self._path) - 1)]

    def run_updates(self, count: int) -> Progress:
        """One iteration: each is an epoch."""
        return self.run_epochs(min(count, 1))

    def run_epochs(self, count: int) -> Progress:
        """Move along the path."""
        first = self.iterations
        last = min(first + count, self._settings["epochs"])
        self._reach(last)
        self.iterations = last = min(last, len(self._losses))
        self._network.theta = self._path[last]
        return Progress(last - first, (last - first) * len(self._data), np.array(self._losses[first:last]))

    def _reach(self, iteration: int) -> None:
        """Have the path at least so long, unless it ends before."""
        if self._why or iteration < len(self._path):
            return
        planned = max(2 * iteration, FIRST_ITERATIONS)
        network = self._network.copy()
        network.theta = self._path[0]
        path = [self._path[0]]
        penalty = self._settings.penalty
        try:
            history = network.fit(
                self._data.X, self._data.Y, optimizer=self._settings.optimizer, epochs=planned, penalty=penalty,
                engine=engine_name(network, self._settings), progress=False,
                callbacks=[lambda run: path.append(run.network.theta.copy())],
            )  # fmt: skip
        except DivergenceError as error:
            self._why = str(error)
            return
        if history.stopped != "completed":
            self._why = f"L-BFGS has ended after {len(history)} iterations: {history.stopped}"
        self._path, self._losses = path, history["loss"]

    def moment(self) -> int:
        """The number of the iteration."""
        return self.iterations

    def return_to(self, moment: object) -> None:
        """Stand there again."""
        assert isinstance(moment, int)
        self._reach(moment)
        self.iterations = moment
        self._network.theta = self._path[moment]
