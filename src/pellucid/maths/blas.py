"""How many threads NumPy's matrix products take.

A BLAS library starts one thread a core. On the small matrices of a small network that costs more than it gives, many
times more where the cores are busy with something else.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any


@cache
def _libraries() -> Any:
    """What threadpoolctl knows of the libraries that are loaded; looking for them takes half a millisecond."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


@contextmanager
def blas_threads(number: int) -> Iterator[None]:
    """Within, matrix products take so many threads; afterwards as many as before.

    The number belongs to the whole process. So only the main thread changes it: of several that come and go at
    different times, one would put back what was only another's limit.

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
