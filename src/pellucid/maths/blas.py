"""Limit the number of threads of NumPy's matrix products.

A BLAS library starts one thread per core. For the small matrices of a small network the overhead exceeds the gain, by
far if the cores are busy with other work.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any


@cache
def _libraries() -> Any:
    """The threadpoolctl controller of the loaded libraries, cached because finding them takes half a millisecond."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


@contextmanager
def blas_threads(number: int) -> Iterator[None]:
    """Context manager: matrix products use `number` threads inside, and as many as before afterwards.

    The limit applies to the whole process, so only the main thread sets it: with several threads, one could restore
    the temporary limit of another.

    >>> import numpy as np
    >>> with blas_threads(1):
    ...     np.ones((2, 2)) @ np.ones(2)
    array([2., 2.])
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    with _libraries().limit(limits=number, user_api="blas"):
        yield
