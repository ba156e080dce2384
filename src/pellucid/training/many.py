"""Many networks at once: a fit on each of several threads."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from pellucid.maths.blas import blas_threads
from pellucid.maths.checks import check_integer
from pellucid.maths.notices import warn
from pellucid.maths.threads import in_threads
from pellucid.network.stack import LayerStack
from pellucid.training.history import History
from pellucid.training.interruption import interruptible
from pellucid.training.loop import fit


def fit_many(
    networks: Iterable[LayerStack],
    X: object,
    y: object,
    *,
    threads: int = 1,
    random_state: int | None = None,
    **options: Any,
) -> list[History]:
    """Train several networks on the same data, `threads` at a time.

    Each is trained as its own `fit(X, y, random_state=random_state, **options)` would train it, to the same bits: the
    networks share nothing but the data, and the compiled engine lets Python threads run at the same time. Ctrl-C ends
    those under way after the batch at hand and keeps what they learned; those that have not begun do not train.

    Parameters
    ----------
    networks : iterable of Network
        Trained in place.
    X, y : as in `Network.fit`
    threads : int
        How many networks are trained at a time.
    random_state : int or None
        The seed that each network starts from. A generator cannot be shared between threads.
    options
        Of `Network.fit`, the same for all.

    Returns
    -------
    list of History
        In the order of the networks.

    Examples
    --------
    >>> from pellucid import Dense, Network, fit_many
    >>> X, y = [[0.0], [1.0]], [0, 1]
    >>> networks = [Network([Dense(1, h, "tanh"), Dense(h, 2, "softmax")]) for h in (1, 2, 3)]
    >>> [len(history) for history in fit_many(networks, X, y, threads=2, random_state=0, epochs=5)]
    [5, 5, 5]
    """
    check_integer("threads", threads, least=1)
    if random_state is not None:
        check_integer("random_state", random_state, least=0)
    networks = _all_different(networks)
    options = {"progress": False} | options
    with interruptible() as interrupted, blas_threads(1):
        options |= {"random_state": random_state, "interruption": interrupted}
        histories = in_threads([partial(fit, network, X, y, **options) for network in networks], threads)
    if interrupted():
        cut_short = sum(history.stopped == "interrupted" for history in histories)
        warn(
            f"training of {cut_short} of {len(histories)} networks was interrupted; what was learned is kept",
            stacklevel=2,
        )
    return histories


def _all_different(networks: Iterable[LayerStack]) -> list[LayerStack]:
    """The networks as a list, or ValueError where two of them have the same θ."""
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
