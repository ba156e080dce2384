"""Allow only one training at a time per network or estimator."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

_busy: dict[object, object] = {}
"""Keys of the objects that are being trained."""

if hasattr(os, "register_at_fork"):
    # A forked child has none of the threads that were training.
    os.register_at_fork(after_in_child=_busy.clear)


@contextmanager
def alone(key: object, what: str) -> Iterator[None]:
    """Lock the object with this key while it is trained; RuntimeError, which names `what` it is, if it is locked.

    >>> with alone("key", "this network"), alone("key", "this network"):
    ...     pass
    Traceback (most recent call last):
    ...
    RuntimeError: this network is being trained already, in another thread or around this call: give each training one \
of its own (copy.deepcopy makes one)
    """
    mine = object()
    if _busy.setdefault(key, mine) is not mine:  # atomic
        raise RuntimeError(
            f"{what} is being trained already, in another thread or around this call: give each training one of its "
            "own (copy.deepcopy makes one)"
        )
    try:
        yield
    finally:
        _busy.pop(key, None)
