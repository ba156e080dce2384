r"""`preflight`: what an expert tries before a long training, carried out with a verdict on each step.

1. *First look*: what the training doctor sees in data and weights before anything is trained.
2. *Gradient*: back-propagation beside differences, on a few rows.
3. *Loss at the start*: as it should be where nothing is known yet, ln k for k classes; not far above the loss of the
   best constant answer.
4. *One batch by heart*: a few rows must be learned perfectly, without penalty and dropout.
5. *Learning rate*: rates a factor √10 apart, each from the same weights for the planned number of updates (at most
   `MAX_UPDATES`): the best, the one that is just too large, and where yours stands between them.
6. *Rate not at an edge*: the best of the rates tried has a worse one on either side.
7. *Inputs help*: held-out rows are answered better than by the best constant answer, by more than two standard errors.

Source: Karpathy, "A recipe for training neural networks" (2019); the range of rates: Smith, "Cyclical learning rates
for training neural networks" (2017), section 3.3.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from pellucid.defaults import NETWORK
from pellucid.estimators.inside import look_inside
from pellucid.explanation.doctor.diagnosis import diagnose
from pellucid.explanation.document import Block, Heading, Prose, literal, table
from pellucid.explanation.report import Report
from pellucid.gradcheck.gradient_check import check_gradients
from pellucid.maths.checks import check_integer
from pellucid.maths.penalties import Penalty
from pellucid.maths.typing import Array
from pellucid.model import Network
from pellucid.network.backward import loss_per_sample
from pellucid.network.layers import Dense
from pellucid.network.objective import Reduction
from pellucid.network.stack import LayerStack
from pellucid.optimizers import LBFGS, OPTIMIZERS, Adam, FirstOrder, Optimizer
from pellucid.training.automatic import DEFAULT_OPTIMIZER, Auto, check_counts, chosen_counts
from pellucid.training.data import Data, check_data
from pellucid.training.divergence import DivergenceError
from pellucid.training.interruption import Interruption, interruptible
from pellucid.training.loop import fit
from pellucid.training.progress import Steps

MAX_ROWS = 1000
"""Of more rows, so many are drawn: a preflight takes seconds."""
MAX_UPDATES = 300
BATCH_BY_HEART = 10
UPDATES_BY_HEART = 2000
ROWS_OF_CHECK = 5
MAX_CHECKED = 20_000
"""Parameters × rows beyond which the gradient is not checked: it would take longer than all the rest."""
FACTOR = 10**0.5
RATES_EACH_WAY = 4
MAX_EXTENSIONS = 12
LITTLE_PROGRESS = 0.2
"""Of what the best rate gains, below which a rate is too small."""
SURPRISED_CLASSES = 4.0
SURPRISED_NUMBERS = 4.0
"""How many times the loss of ignorance the loss at the start may be: classes, numbers."""
LITTLE_GAIN = 0.1
"""Of the loss without inputs, below which a gain that is within the noise counts as none."""
HELD_OUT = 0.3
FEW_HELD_OUT = 20

Outcome = Literal["ok", "FAILED", "cannot be told", "not applicable"]


@dataclass(frozen=True)
class Verdict:
    """One step of the recipe.

    Attributes
    ----------
    name : str
        "loss at the start", …
    outcome : "ok", "FAILED", "cannot be told" or "not applicable"
    what : str
        What was measured.
    advice : str
        What to do; "" where there is nothing to do.
    """

    name: str
    outcome: Outcome
    what: str
    advice: str = ""

    @property
    def passed(self) -> bool | None:
        """True or False; None where it cannot be told, or does not apply."""
        return {"ok": True, "FAILED": False}.get(self.outcome)


class Preflight(Report):
    """The verdicts; true where none has failed. Print it, show it in a notebook, or save it.

    Attributes
    ----------
    verdicts : tuple of Verdict
    interrupted : bool
        Whether Ctrl-C ended it; the verdicts until then are there.
    """

    def __init__(self, verdicts: Sequence[Verdict], looked_at: str, interrupted: bool) -> None:
        self.verdicts, self.interrupted = tuple(verdicts), interrupted
        failed = [verdict.name for verdict in verdicts if verdict.passed is False]
        title = f"preflight: {', '.join(failed)} FAILED" if failed else "preflight: nothing stands in the way"
        if interrupted:
            title += " (interrupted: the steps after this one were not tried)"
        rows = [(verdict.name, verdict.outcome, literal(verdict.what)) for verdict in verdicts]
        blocks: list[Block] = [Heading(title, 1), Prose(f"Looked at: {looked_at}.")]
        blocks.append(table(("step", "verdict", "what was measured"), rows))
        blocks += [
            Prose(f"{verdict.name.capitalize()}: {literal(verdict.advice)}") for verdict in verdicts if verdict.advice
        ]
        super().__init__(title, blocks)

    @property
    def passed(self) -> bool:
        """Whether no step has failed."""
        return all(verdict.passed is not False for verdict in self.verdicts)

    def __bool__(self) -> bool:
        return self.passed

    def __getitem__(self, name: str) -> Verdict:
        """The verdict of the step with this name."""
        return next(verdict for verdict in self.verdicts if verdict.name == name)


def preflight(
    model: Any,
    X: object,
    y: object,
    *,
    optimizer: str | Optimizer | type[Optimizer] = DEFAULT_OPTIMIZER,
    epochs: int | Auto = NETWORK.epochs,
    batch_size: int | Auto | None = NETWORK.batch_size,
    penalty: Penalty | None = None,
    reduction: Reduction = "mean",
    sample_weight: object = None,
    random_state: int = 0,
    progress: bool | None = None,
) -> Preflight:
    """Try what an expert tries before a long training, in seconds, and say what stands in the way.

    Parameters
    ----------
    model : Network, fitted estimator, or fitted pipeline around one
        It is left as it is. A network is tried from its weights as they are (drawn, where it has none), an estimator's
        from fresh ones.
    X, y : arrays
        The training data; of more than 1000 rows, 1000 are drawn (all, with reduction="sum").
    optimizer, epochs, batch_size, penalty, reduction, sample_weight
        What you mean to give `Network.fit`; the defaults are the same.
    random_state : int
        Of the rows, the split and the order: the same number gives the same verdicts.
    progress : bool or None
        Say on standard error what is being tried, where it takes more than a second; None: on a terminal.

    Returns
    -------
    Preflight
        False where a step failed; `print` it. Ctrl-C ends it, and keeps the verdicts so far.

    Raises
    ------
    ValueError, TypeError
        If X or y does not fit the network.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid import Network, preflight
    >>> from pellucid.optimizers import Adam
    >>> X = np.random.default_rng(0).normal(size=(200, 2))
    >>> y = (X[:, 0] * X[:, 1] > 0).astype(int)
    >>> net = Network([2, 8, 2], "tanh").initialize(random_state=0)
    >>> bool(preflight(net, X, y, optimizer=Adam(0.01), batch_size=10))
    True
    >>> shuffled = np.random.default_rng(1).permutation(y)
    >>> preflight(net, X, shuffled, optimizer=Adam(0.01), batch_size=10)["inputs help"].outcome
    'FAILED'
    """
    inside = look_inside(model, X, y) if not isinstance(model, LayerStack) else None
    network: Any = model.copy() if inside is None else inside.network.copy()
    rng = np.random.default_rng(check_integer("random_state", random_state, least=0))
    if inside is not None or not network.initialized:
        network.initialize(random_state=random_state)
    if inside is not None:
        X, y = inside.X, inside.y
    data = check_data(network, X, y, sample_weight)
    n_all = len(data)
    if reduction == "mean" and n_all > MAX_ROWS:
        data = data.rows(np.sort(rng.choice(n_all, MAX_ROWS, replace=False)))
    if not isinstance(data.X, np.ndarray):
        data = replace(data, X=data.X.toarray())
    check_counts(epochs, batch_size)
    rule = OPTIMIZERS.resolve(optimizer)
    epochs, batch_size = chosen_counts(epochs, batch_size, len(data), rule)
    options = {"penalty": penalty, "reduction": reduction, "batch_size": batch_size, "random_state": random_state}
    updates = min(MAX_UPDATES, epochs * math.ceil(len(data) / (batch_size or len(data))))
    verdicts: list[Verdict] = []
    with interruptible() as interrupted, Steps("preflight", progress) as steps:
        trial = _Trial(network, data, rule, options, updates, interrupted)
        for name, step in _STEPS:
            steps.show(name)
            found = list(step(trial))
            if interrupted():  # in the middle of this step: what it measured is not what it would have been
                break
            verdicts += found
    rows = f"{len(data)} of {n_all} rows" if len(data) < n_all else f"{n_all} row{'s' if n_all > 1 else ''}"
    looked_at = f"{rows}, {network.theta.size} parameters, {rule.name}, {updates} updates a try"
    return Preflight(verdicts, looked_at, interrupted())


@dataclass
class _Trial:
    """What the steps work on. `best_rate` is found by one of them and used by a later one."""

    network: LayerStack
    data: Data
    rule: Optimizer
    options: dict[str, Any]
    updates: int
    interrupted: Interruption
    best_rate: float | None = None

    def loss(self, network: LayerStack, data: Data) -> float:
        """The mean loss, without penalty."""
        return network.loss_value(data.X, data.Y, data.weight)

    def trained(self, rule: Optimizer, data: Data, **options: Any) -> tuple[LayerStack, float]:
        """A copy that was trained, and its loss on the data; infinite where the training diverged."""
        network = self.network.copy()
        counts = {"epochs": self.updates} if rule.full_batch else _counts(self.updates, data, self.options)
        settings = self.options | counts | options
        if rule.full_batch:
            settings |= {"batch_size": None, "max_updates": None}
        try:
            fit(
                network, data.X, data.Y, optimizer=rule, sample_weight=data.weight, progress=False,
                interruption=self.interrupted, **settings,
            )  # fmt: skip
        except DivergenceError:
            return network, math.inf
        return network, self.loss(network, data)


def _counts(updates: int, data: Data, options: dict[str, Any]) -> dict[str, int]:
    batches = math.ceil(len(data) / (options["batch_size"] or len(data)))
    return {"epochs": math.ceil(updates / batches), "max_updates": updates}


def _first_look(trial: _Trial) -> Iterator[Verdict]:
    data = trial.data
    findings = diagnose(trial.network, data.X, data.Y, sample_weight=data.weight).findings
    if not findings:
        yield Verdict("first look", "ok", "the training doctor finds nothing wrong with the data and the weights")
        return
    names = ", ".join(finding.name for finding in findings)
    yield Verdict("first look", "FAILED", names, " ".join(str(finding) for finding in findings))


def _gradient(trial: _Trial) -> Iterator[Verdict]:
    rows = min(ROWS_OF_CHECK, len(trial.data))
    if trial.network.theta.size * rows > MAX_CHECKED:
        what = f"{trial.network.theta.size} parameters are too many to check here"
        yield Verdict("gradient", "cannot be told", what, "Check a smaller network of the same kinds of layers.")
        return
    few = trial.data.rows(np.arange(rows))
    check = check_gradients(trial.network, few.X, few.Y, penalty=trial.options["penalty"])
    if check.passed:
        yield Verdict("gradient", "ok", f"relative error {check.error:.1e} on {rows} rows")
    else:
        yield Verdict("gradient", "FAILED", f"relative error {check.error:.1e}", check.verdict)


def _loss_at_the_start(trial: _Trial) -> Iterator[Verdict]:
    network, start = trial.network, trial.loss(trial.network, trial.data)
    constant = _best_constant(network, trial.data, trial.data)
    if network.loss.task == "classification":
        outputs = network.n_outputs
        ignorance = math.log(outputs) if network.loss.canonical == "softmax" else outputs * math.log(2)
        most, called = SURPRISED_CLASSES * max(ignorance, constant), f"{ignorance:.4g} when nothing is known"
        advice = "The first answers are sure of themselves and wrong: scale the inputs, or draw smaller weights."
    else:
        most, called = SURPRISED_NUMBERS * constant, f"{constant:.4g} of the best constant"
        advice = "The first answers are far from the targets: scale inputs and targets to mean 0 and deviation 1."
    what = f"{start:.4g}, beside {called}"
    if not math.isfinite(start):
        yield Verdict("loss at the start", "FAILED", what, "The loss is not finite: scale the inputs.")
    elif start <= most or most == 0:
        yield Verdict("loss at the start", "ok", what)
    else:
        yield Verdict("loss at the start", "FAILED", what, advice)


def _by_heart(trial: _Trial) -> Iterator[Verdict]:
    batch = trial.data.rows(_few_distinct(trial.data))
    bare = replace(trial, network=_without_dropout(trial.network))
    before = _best_constant(bare.network, batch, batch)
    options = {"penalty": None, "batch_size": None, "epochs": UPDATES_BY_HEART, "max_updates": None}
    best = math.inf
    for rule in (Adam(learning_rate=0.01), LBFGS()):  # the second where the first is too slow
        network, loss = bare.trained(rule, batch, **options)
        best = min(best, loss)
        learned = _knows(network, batch, loss, before)
        if learned or bare.interrupted():
            break
    rows = f"{len(batch)} row{'s' if len(batch) > 1 else ''}"
    what = f"{rows}: loss {best:.2g}, where the best constant has {before:.2g}"
    if learned:
        yield Verdict("one batch by heart", "ok", what)
    else:
        advice = (
            "It cannot even learn these rows. Look for units that are saturated or dead (scale the inputs), too few "
            "units or no hidden layer, a wrong derivative, or equal inputs with different targets."
        )
        yield Verdict("one batch by heart", "FAILED", what, advice)


def _knows(network: LayerStack, batch: Data, loss: float, constant: float) -> bool:
    if not math.isfinite(loss):
        return False
    if network.loss.task == "classification":
        return bool(network.score(batch.X, batch.Y) == 1.0)
    return bool(loss <= 0.05 * constant + np.finfo(network.dtype).eps)


def _rates(trial: _Trial) -> Iterator[Verdict]:
    rule = trial.rule
    if not isinstance(rule, FirstOrder):
        yield Verdict("learning rate", "not applicable", f"{rule.name} has none")
        yield Verdict("rate not at an edge", "not applicable", f"{rule.name} has none")
        return
    start = trial.loss(trial.network, trial.data)
    losses = {k: _after(trial, rule, k) for k in range(-RATES_EACH_WAY, RATES_EACH_WAY + 1) if not trial.interrupted()}
    for _ in range(MAX_EXTENSIONS):  # until the best has a worse one on either side, and one that is too large is known
        best = min(losses, key=lambda k: (losses[k], k))
        if best == min(losses):
            losses[best - 1] = _after(trial, rule, best - 1)
        elif all(_went_well(loss, start) for loss in losses.values()) or best == max(losses):
            losses[max(losses) + 1] = _after(trial, rule, max(losses) + 1)
        else:
            break
    best = min(losses, key=lambda k: (losses[k], k))
    gained = start - losses[best]
    if gained <= 1e-3 * abs(start):
        what = (
            f"no rate of {_rate(rule, min(losses)):.2g} to {_rate(rule, max(losses)):.2g} lowers the loss {start:.4g}"
        )
        outcome: Outcome = "cannot be told" if start < 1e-3 else "FAILED"
        yield Verdict("learning rate", outcome, what, "See the other steps for the reason.")
        yield Verdict("rate not at an edge", "cannot be told", "there is no best rate")
        return
    trial.best_rate = _rate(rule, best)
    yield _on_the_rate(rule, losses, best, start, trial.updates)
    inner = min(losses) < best < max(losses)
    what = f"best {trial.best_rate:.2g} of {_rate(rule, min(losses)):.2g} to {_rate(rule, max(losses)):.2g}"
    advice = (
        "" if inner else f"Try rates beyond {trial.best_rate:.2g}: the best that was tried is the last on its side."
    )
    yield Verdict("rate not at an edge", "ok" if inner else "FAILED", what, advice)


def _on_the_rate(rule: FirstOrder, losses: dict[int, float], best: int, start: float, updates: int) -> Verdict:
    """Where the rate that was asked for, number 0, stands among those tried."""
    yours, best_rate = rule.learning_rate, _rate(rule, best)
    too_large = [k for k in sorted(losses) if k > best and not _went_well(losses[k], start)]
    edge = f"; {_rate(rule, too_large[0]):.2g} is too large" if too_large else ""
    what = (
        f"{yours:.2g} ends at {losses[0]:.4g} after {updates} updates; best {best_rate:.2g} at {losses[best]:.4g}{edge}"
    )
    if too_large and too_large[0] <= 0:
        return Verdict("learning rate", "FAILED", what, f"It is too large: try {best_rate:.2g}.")
    gained = (start - losses[0]) / (start - losses[best])
    if best > 0 and gained < LITTLE_PROGRESS:
        longer = "or train for more epochs, or in smaller batches"
        return Verdict(
            "learning rate", "FAILED", what, f"It is too small for so few updates: try {best_rate:.2g}, {longer}."
        )
    return Verdict("learning rate", "ok", what)


def _rate(rule: FirstOrder, k: int) -> float:
    return rule.learning_rate * FACTOR**k


def _span(rule: FirstOrder, losses: dict[int, float]) -> str:
    return f"{_rate(rule, min(losses)):.2g} to {_rate(rule, max(losses)):.2g}"


def _after(trial: _Trial, rule: FirstOrder, k: int) -> float:
    _, loss = trial.trained(replace(rule, learning_rate=_rate(rule, k)), trial.data)
    return loss if math.isfinite(loss) else math.inf


def _went_well(loss: float, start: float) -> bool:
    return math.isfinite(loss) and loss <= 1.2 * start


def _inputs_help(trial: _Trial) -> Iterator[Verdict]:
    n = len(trial.data)
    order = np.random.default_rng(trial.options["random_state"]).permutation(n)
    cut = round(HELD_OUT * n)
    if cut < FEW_HELD_OUT:
        what = f"{n} rows are too few to hold {FEW_HELD_OUT} out"
        yield Verdict("inputs help", "cannot be told", what)
        return
    held_out, training = trial.data.rows(np.sort(order[:cut])), trial.data.rows(np.sort(order[cut:]))
    rule = trial.rule
    if isinstance(rule, FirstOrder):
        if trial.best_rate is None:
            yield Verdict("inputs help", "cannot be told", "no rate lowers the loss, so nothing is learned")
            return
        rule = replace(rule, learning_rate=trial.best_rate)
    best, lowest = trial.network, trial.loss(trial.network, held_out)
    for share in (0.1, 0.3, 1.0):  # short runs too: a long one may learn noise by heart
        updates = max(1, round(share * trial.updates))
        network, trained = replace(trial, updates=updates).trained(rule, training)
        loss = trial.loss(network, held_out) if math.isfinite(trained) else math.inf
        if loss < lowest:
            best, lowest = network, loss
    blind, constant = replace(held_out, X=np.zeros((cut, 1))), _constant_network(trial.network, training)
    gains = _losses(constant, blind) - _losses(best, held_out)
    weight = np.ones(cut) if held_out.weight is None else held_out.weight
    gain = float(np.average(gains, weights=weight)) if weight.any() else 0.0
    error = float(np.std(gains) / math.sqrt(cut))
    reference = trial.loss(constant, blind)
    what = f"held-out loss {lowest:.4g}, without inputs {reference:.4g}"
    if gain > 2 * error:
        yield Verdict("inputs help", "ok", what)
    elif gain > LITTLE_GAIN * reference:
        yield Verdict("inputs help", "cannot be told", f"{what}: better, but by less than two standard errors")
    else:
        advice = (
            "The inputs tell nothing of the targets here: are rows and labels in the same order, and are the columns "
            "those that matter?"
        )
        yield Verdict("inputs help", "FAILED", what, advice)


_STEPS: tuple[tuple[str, Callable[[_Trial], Iterator[Verdict]]], ...] = (
    ("first look", _first_look),
    ("gradient", _gradient),
    ("loss at the start", _loss_at_the_start),
    ("one batch by heart", _by_heart),
    ("learning rates", _rates),
    ("inputs help", _inputs_help),
)


def _constant_network(network: LayerStack, data: Data) -> LayerStack:
    """The best constant answer: one layer whose input is 0, so that its bias alone learns. Its loss is convex."""
    last = network.specs[-1]
    constant = Network([Dense(1, last.units, last.activation)], network.loss, network.dtype)
    constant.initialize("zeros")
    fit(constant, np.zeros((len(data), 1)), data.Y, sample_weight=data.weight, optimizer="lbfgs", progress=False)
    return constant


def _best_constant(network: LayerStack, training: Data, data: Data) -> float:
    constant = _constant_network(network, training)
    return constant.loss_value(np.zeros((len(data), 1)), data.Y, data.weight)


def _losses(network: LayerStack, data: Data) -> Array:
    """The loss of each row."""
    passed = network.forward(data.X)
    return loss_per_sample(network.loss, network.layers[-1], data.Y, passed).astype(np.float64)


def _without_dropout(network: LayerStack) -> LayerStack:
    if not any(spec.dropout for spec in network.specs):
        return network
    layers = [Dense(spec.n_inputs, spec.units, spec.activation) for spec in network.specs]
    bare = Network(layers, network.loss, network.dtype)
    bare.theta = network.theta
    return bare


def _few_distinct(data: Data) -> Array:
    """The first rows that differ in X, taken from each class in turn."""
    _, first = np.unique(data.X, axis=0, return_index=True)
    first = np.sort(first)
    kinds = data.Y[first].argmax(axis=1) if data.Y.shape[1] > 1 else (data.Y[first, 0] > np.median(data.Y)).astype(int)
    place_in_kind = np.array([np.count_nonzero(kinds[:i] == kind) for i, kind in enumerate(kinds)])
    return np.sort(first[np.argsort(place_in_kind, kind="stable")[:BATCH_BY_HEART]])
