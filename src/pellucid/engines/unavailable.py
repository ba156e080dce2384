"""Errors and warnings about unavailable kernels. Imports nothing that may itself be missing."""

from __future__ import annotations

import os


class KernelsUnavailableError(RuntimeError):
    """The compiled kernels are unavailable. `log` is the output of the compiler, if it was started."""

    def __init__(self, reason: str, log: str = "") -> None:
        super().__init__(f"Pellucid's compiled kernels are unavailable: {reason}")
        self.reason, self.log = reason, log

    def __reduce__(self) -> tuple[type[KernelsUnavailableError], tuple[str, str]]:
        return type(self), (self.reason, self.log)


class ReferenceEngineWarning(UserWarning):
    """A run is slower than necessary: something has no compiled kernel, or the kernels are unavailable."""


def switched() -> bool:
    """Whether Numba's environment variables require kernels that run in this process: see `runner`."""
    return any(os.environ.get(name, "0") not in ("", "0") for name in ("NUMBA_DISABLE_JIT", "NUMBA_BOUNDSCHECK"))
