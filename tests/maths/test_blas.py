"""The number of threads of NumPy's matrix products, while a fit runs and after it."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from pellucid import Dense, Network, fit_many
from pellucid.maths.blas import blas_threads


def threads_of_blas() -> set[int]:
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


def fail_within() -> None:
    with blas_threads(1):
        assert threads_of_blas() == {1}
        raise ZeroDivisionError


def test_within_one_thread_and_then_as_before() -> None:
    with threadpool_limits(2, "blas"):
        with pytest.raises(ZeroDivisionError):
            fail_within()
        assert threads_of_blas() == {2}


def test_other_threads_leave_the_number_alone() -> None:
    def within() -> set[int]:
        with blas_threads(1):
            return threads_of_blas()

    with threadpool_limits(2, "blas"), ThreadPoolExecutor(1) as pool:
        assert pool.submit(within).result() == {2}


def test_networks_at_once_take_one_each() -> None:
    seen: list[set[int]] = []
    networks = [Network([Dense(2, h, "tanh"), Dense(h, 2, "softmax")]) for h in (2, 3, 4)]
    with threadpool_limits(2, "blas"):
        fit_many(
            networks, np.eye(2), [0, 1], threads=2, epochs=2, random_state=0, engine="reference",
            callbacks=[lambda run: seen.append(threads_of_blas())],
        )  # fmt: skip
        assert threads_of_blas() == {2}
    assert seen == [{1}] * 6


@pytest.mark.parametrize("threads", [1, 2])
def test_a_fit_takes_as_many_as_it_is_told(threads: int) -> None:
    seen: list[set[int]] = []
    network = Network([Dense(2, 3, "tanh"), Dense(3, 2, "softmax")])
    with threadpool_limits(3 - threads, "blas"):
        network.fit(
            np.eye(2), [0, 1], epochs=2, random_state=0, engine="reference", threads=threads,
            callbacks=[lambda run: seen.append(threads_of_blas())],
        )  # fmt: skip
        assert threads_of_blas() == {3 - threads}
    assert seen == [{threads}] * 2
