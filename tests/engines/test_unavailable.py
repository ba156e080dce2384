"""Without kernels the reference engine runs, and the reason is reported once."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

SWITCHES = ("NUMBA_DISABLE_JIT", "NUMBA_BOUNDSCHECK")
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in SWITCHES}
"""These tests are about machine code, also where the suite runs the kernels as plain Python."""

PRELUDE = """
import os, sys, warnings, tempfile, numpy as np
from pathlib import Path
from pellucid import Network
from pellucid.engines import objects
objects.SHIPPED = Path(tempfile.mkdtemp())  # as on a processor for which none ships
X = np.random.default_rng(0).normal(size=(2000, 20)); y = X[:, 0]
def fit(**options):
    net = Network([20, 64, 1], "tanh")
    net.fit(X, y, epochs=30, batch_size=50, random_state=0, **options)
    net.predict(X[:1])
    return net
"""
FITS = """
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    for _ in range(3):
        fit()
print(len(caught), caught[0].category.__name__, caught[0].message)
assert fit(engine="reference") == fit()
try:
    fit(engine="compiled")
except objects.KernelsUnavailableError as error:
    print("refused:", error)
"""


def python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=120, check=False)


def run(how: str) -> str:
    done = python(PRELUDE + how + FITS)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("os.environ['PELLUCID_CACHE_DIR'] = '/proc/none/pellucid'", "/proc/none/pellucid cannot be written to"),
        ("os.environ['PELLUCID_CACHE_DIR'] = __import__('tempfile').mkstemp()[1]", "cannot be written to"),
        (
            "for name in ('PELLUCID_CACHE_DIR', 'XDG_CACHE_HOME', 'HOME'): os.environ.pop(name, None)\n"
            "import pwd\n"
            "def unknown(number): raise KeyError(number)\n"
            "pwd.getpwuid = unknown",
            "there is no home folder",
        ),
        (
            "os.environ['PELLUCID_CACHE_DIR'] = tempfile.mkdtemp()\n"
            "objects.compile_object = lambda level, dtype, formulas: (_ for _ in ()).throw("
            "objects.KernelsUnavailableError('compiling them failed: No module named numba'))",
            "No module named numba",
        ),
    ],
)
def test_without_a_place_or_a_compiler_the_reference_engine_is_taken(how: str, reason: str) -> None:
    if reason == "/proc/none/pellucid cannot be written to" and not Path("/proc").exists():
        how = how.replace("/proc/none", "/dev/null/none")
    said = run(how + "\n")
    first, refused = said.splitlines()
    assert first.startswith("1 ReferenceEngineWarning Pellucid's compiled kernels are unavailable: ")
    assert reason in first
    assert refused.startswith("refused: Pellucid's compiled kernels are unavailable: ")
    assert "reference engine" in first


def test_without_llvmlite_everything_works_on_the_reference_engine() -> None:
    code = PRELUDE.replace(
        "from pellucid.engines import objects\n", "from pellucid.engines import unavailable as objects\n"
    )
    hidden = "import sys; sys.modules['llvmlite'] = None\n"
    done = python(hidden + code + FITS)
    assert done.returncode == 0, done.stderr
    first, refused = done.stdout.splitlines()
    assert first.startswith("1 ReferenceEngineWarning Pellucid's compiled kernels are unavailable: import of llvmlite")
    assert refused.startswith("refused: Pellucid's compiled kernels are unavailable: import of llvmlite")
    assert "install llvmlite" in refused


def test_a_full_disk_loses_nothing_but_the_next_start(tmp_path: Path) -> None:
    code = """
import errno
os.environ["PELLUCID_CACHE_DIR"] = sys.argv[1]
code = objects.read_checked(Path(sys.argv[2]))
objects.compile_object = lambda level, dtype, formulas: code
def full(path, content): raise OSError(errno.ENOSPC, "No space left on device")
objects.write_checked = full
with warnings.catch_warnings():
    warnings.simplefilter("error")
    fit(engine="compiled")
print("trained")
"""
    from pellucid.engines import objects
    from pellucid.engines.kernels.level import current

    _, path, _ = objects.find(current(), "float64")
    done = python(PRELUDE + code, str(tmp_path), str(path))
    assert done.stdout == "trained\n", done.stderr
    assert "cannot be kept for the next process: [Errno 28] No space left on device" in done.stderr


def test_what_is_registered_without_a_kernel_runs_on_the_reference_engine() -> None:
    code = """
from pellucid.activations import ACTIVATIONS, Activation
from dataclasses import dataclass
@ACTIVATIONS.register
@dataclass(frozen=True)
class Cube(Activation):
    name = "cube"
    def value(self, Z): return Z**3
    def derivative(self, Z, A): return 3 * Z**2
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    Network([20, 4, 1], "cube").fit(X, y, epochs=3, batch_size=50, random_state=0)
print(caught[0].category.__name__, caught[0].message)
"""
    done = python(PRELUDE + code)
    assert done.stdout.startswith("ReferenceEngineWarning activation Cube has no compiled kernel"), done.stderr
