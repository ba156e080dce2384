"""Train many networks at once, in several threads."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from inspect import signature
from typing import Any

from pellucid.maths.blas import blas_threads
from pellucid.maths.checks import check_integer
from pellucid.maths.notices import warn
from pellucid.maths.threads import in_threads
from pellucid.network.other_libraries import unknown_fit_argument
from pellucid.network.stack import LayerStack
from pellucid.training.each import (
    callbacks_each,
    columns_each,
    inputs_each,
    one_each,
    states_each,
    streams,
    validation_each,
)
from pellucid.training.history import History
from pellucid.training.interruption import TrainingInterruptedWarning, interruptible
from pellucid.training.loop import fit

OPTIONS = tuple(
    name
    for name in signature(fit).parameters
    if name not in ("network", "X", "y", "threads", "random_state", "interruption")
)


def fit_many(
    networks: Iterable[LayerStack],
    X: object,
    y: object,
    *,
    threads: int = 1,
    random_state: Any = None,
    **options: Any,
) -> list[History]:
    """Train several networks, `threads` at a time, each with its own random stream.

    Network number i (from 1) of m is trained to the same bits as by
    `network.fit(X, y, random_state=numpy.random.SeedSequence(random_state).spawn(m)[i - 1], **options)`, whatever the
    number of threads: the networks share only the data, and the compiled engine releases the GIL. Ctrl-C stops running
    trainings after the current batch and keeps their parameters; the others are not started.

    Parameters
    ----------
    networks : iterable of Network
        Trained in place; they must not share parameters. A network without weights draws them from its own stream.
    X : array (n, p), or list of m arrays
        For all networks, or one for each: a list of tables.
    y : array, or list of m arrays
        For all, or one for each: a list with an entry for each network that has as many rows as its X.
    threads : int
        Number of networks to train at a time.
    random_state : int, SeedSequence, Generator, RandomState, None, or list of m of these
        The streams are spawned from it, `SeedSequence(random_state).spawn(m)`, so that no two networks draw the same
        numbers, and more networks do not change those of the first. A list gives each network its seed: `[0] * m`
        lets all start from the same numbers.
    options
        Arguments of `Network.fit`. A list has one value for each network, as in `epochs=[10, 20, 30]`; this also holds
        for a list of columns as `sample_weight`, a list of tuples, shares and None as `validation`, and a list of lists
        as `callbacks` (other callbacks are called for all networks, from several threads). `optimizer_state` is always
        a list.

    Returns
    -------
    list of History
        In the order of the networks.

    Raises
    ------
    ValueError, TypeError
        Naming the argument, its value and what was expected.
    Exception
        If networks cannot be trained, the error of the first one, with its number, after all others have been trained.
        Its attribute `histories` is the list of results, with None for networks that failed.

    Examples
    --------
    >>> from pellucid import Dense, Network, fit_many
    >>> X, y = [[0.0], [1.0]], [0, 1]
    >>> networks = [Network([Dense(1, h, "tanh"), Dense(h, 2, "softmax")]) for h in (1, 2, 3)]
    >>> [len(history) for history in fit_many(networks, X, y, threads=2, random_state=0, epochs=5)]
    [5, 5, 5]
    >>> histories = fit_many(networks, X, y, optimizer=["adam", "momentum", "lbfgs"], epochs=[5, 10, 20])
    >>> [history["rate"][0] for history in histories]
    [0.001, 0.01, None]
    """
    check_integer("threads", threads, least=1)
    networks = _all_different(networks)
    calls = _calls(networks, X, y, random_state, options)
    with interruptible() as interrupted, blas_threads(1):
        results = in_threads([partial(_attempt, partial(call, interruption=interrupted)) for call in calls], threads)
    histories = [result if isinstance(result, History) else None for result in results]
    if interrupted():
        cut_short = sum(history is not None and history.ending == "interrupted" for history in histories)
        warn(
            f"training of {cut_short} of {len(histories)} networks was interrupted; what was learned is kept",
            TrainingInterruptedWarning,
            stacklevel=2,
        )
    errors = {number: result for number, result in enumerate(results, 1) if isinstance(result, Exception)}
    if errors:
        raise _first(errors, histories)
    return [result for result in results if isinstance(result, History)]


def _calls(networks: list[LayerStack], X: Any, y: Any, random_state: Any, options: dict[str, Any]) -> list[Any]:
    """A call of `fit` for each network, with its arguments."""
    for name, value in options.items():
        if name not in OPTIONS:
            raise TypeError(unknown_fit_argument(name, value, OPTIONS).replace("fit()", "fit_many()", 1))
    count = len(networks)
    inputs = inputs_each(X, count)
    each: dict[str, list[Any]] = {"progress": [False] * count}
    for name, value in options.items():
        if name == "sample_weight":
            each[name] = columns_each(name, value, inputs, optional=True)
        elif name == "validation":
            each[name] = validation_each(value, count)
        elif name == "callbacks":
            each[name] = callbacks_each(value, count)
        elif name == "optimizer_state":
            each[name] = states_each(value, count)
        else:
            each[name] = one_each(name, value, count)
    resumed = each.get("resume", [None] * count)  # such a network has its random numbers in its state
    drawn = streams(random_state, count)
    each["random_state"] = [None if state is not None else drawn[i] for i, state in enumerate(resumed)]
    targets = columns_each("y", y, inputs)
    return [
        partial(fit, network, inputs[i], targets[i], **{name: values[i] for name, values in each.items()})
        for i, network in enumerate(networks)
    ]


def _attempt(call: Any) -> History | Exception:
    """The history, or the error: the other networks are trained in any case."""
    try:
        history: History = call()
    except Exception as error:
        return error
    return history


def _first(errors: dict[int, Exception], histories: list[History | None]) -> Exception:
    """The error to raise: the first, with the number of its network, unless all networks failed for the same reason."""
    number, error = next(iter(errors.items()))
    words = {(type(other), str(other)) for other in errors.values()}
    if len(errors) < len(histories) or len(words) > 1:
        also = [str(other) for other in errors if other != number]
        who = f"network {number} of {len(histories)}"
        rest = f" (network{'s' * (len(also) > 1)} {', '.join(also)} failed, too)" if also else ""
        if len(error.args) and isinstance(error.args[0], str) and not isinstance(error, (OSError, KeyError)):
            error.args = (f"{who}: {error.args[0]}{rest}", *error.args[1:])
        else:
            error.add_note(f"This is the error of {who}{rest}.")
    error.histories = histories  # type: ignore[attr-defined]
    return error


def _all_different(networks: Iterable[LayerStack]) -> list[LayerStack]:
    """The networks as a list; ValueError if two of them have the same θ."""
    if isinstance(networks, LayerStack):
        raise TypeError("networks must be a list of Networks, got one Network: write [net], or net.fit(X, y)")
    every = list(networks)
    first: dict[int, int] = {}
    for number, network in enumerate(every, 1):
        if not isinstance(network, LayerStack):
            raise TypeError(
                f"networks must hold Networks, got {type(network).__name__} as number {number}"
                f"{': train estimators by joblib, or give their to_network()' if hasattr(network, 'fit') else ''}"
            )
        same = first.setdefault(network.theta.ctypes.data, number)
        if same != number:
            raise ValueError(
                f"networks {same} and {number} share their parameters: each must be one of its own, as net.copy() makes"
            )
    return every
