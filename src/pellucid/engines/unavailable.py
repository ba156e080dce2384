"""Why the compiled kernels may not be had. Imports nothing that may itself be missing."""

from __future__ import annotations

import os


class KernelsUnavailableError(RuntimeError):
    """The compiled kernels cannot be had here. `log` is what their compiler wrote, if it came so far."""

    def __init__(self, reason: str, log: str = "") -> None:
        super().__init__(f"Pellucid's compiled kernels cannot be had: {reason}")
        self.reason, self.log = reason, log

    def __reduce__(self) -> tuple[type[KernelsUnavailableError], tuple[str, str]]:
        return type(self), (self.reason, self.log)


class ReferenceEngineWarning(UserWarning):
    """A run is slower than it could be: something has no compiled kernel, or the kernels cannot be had here."""


def switched() -> bool:
    """Whether Numba's switches ask for kernels that run in this process: see `runner`."""
    return any(os.environ.get(name, "0") not in ("", "0") for name in ("NUMBA_DISABLE_JIT", "NUMBA_BOUNDSCHECK"))
