"""Run functions in threads, without a pool: a pool accepts no work after the main thread has ended."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def in_threads(
    calls: Sequence[Callable[[], T]],
    threads: int,
    *,
    meanwhile: Callable[[], object] = lambda: None,
    every: float = 0.05,
    on_error: Callable[[], object] = lambda: None,
) -> list[T]:
    """The results of all calls, run by `threads` threads. The calling thread waits, and calls `meanwhile` every
    `every` seconds.

    After an exception, in a call or in this thread (Ctrl-C), `on_error` is called, no further call starts, running
    calls are waited for, and the exception is raised.

    >>> in_threads([lambda: 1, lambda: 2, lambda: 3], 2)
    [1, 2, 3]
    """
    results: dict[int, T] = {}
    errors: list[tuple[int, BaseException]] = []
    waiting = list(enumerate(calls))[::-1]

    def work() -> None:
        while not errors:
            try:
                number, call = waiting.pop()
            except IndexError:
                return
            try:
                results[number] = call()
            except BaseException as error:  # raised below, in the waiting thread
                errors.append((number, error))
                on_error()

    workers = [threading.Thread(target=work) for _ in range(min(threads, len(calls)))]
    try:
        _start(workers, work)
        for worker in workers:
            while worker.is_alive():
                worker.join(every)
                meanwhile()
    except BaseException:
        waiting.clear()
        on_error()
        for worker in workers:
            if worker.ident is not None:
                worker.join()
        raise
    if errors:
        raise min(errors, key=lambda pair: pair[0])[1]
    return [results[number] for number in range(len(calls))]


def _start(workers: list[threading.Thread], work: Callable[[], None]) -> None:
    try:
        for worker in workers:
            worker.start()
    except RuntimeError:
        if len(workers) > 1:
            raise
        work()  # the interpreter is shutting down and starts no threads: use this one
        workers.clear()
