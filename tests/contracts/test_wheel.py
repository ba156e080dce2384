"""What users get: the wheel, in a clean environment without a compiler, trains through the objects that it ships."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from llvmlite import binding

from pellucid import Dense, Network
from pellucid.engines.kernels.build import ALLOWED, undefined_symbols
from pellucid.engines.kernels.level import SHIPPED
from pellucid.engines.objects import DIGEST_BYTES, file_name

pytestmark = pytest.mark.compiler

ROOT = Path(__file__).parents[2]
HERE = [level for level in SHIPPED if all(binding.get_host_cpu_features().get(feature) for feature in level.requires)]
DTYPES = ("float64", "float32")
TRAINED = """
import shutil, sys
import pellucid
from pellucid import Dense, Network
from pellucid.engines import objects

assert not any(shutil.which(name) for name in ("cc", "gcc", "clang", "c99")), "a compiler can be reached"
assert pellucid.__file__.startswith(sys.prefix), pellucid.__file__
network = Network([Dense(2, 3, "tanh"), Dense(3, 2, "softmax")], dtype=sys.argv[1]).initialize(random_state=0)
network.fit([[0.0, 1.0], [1.0, 0.0]], [0, 1], engine="compiled", epochs=20)
loaded = objects.load(sys.argv[1])
print("numba" in sys.modules, loaded.origin, loaded.level.name, *network.theta)
"""


def run(*words: object, **changes: str) -> str:
    """What a command writes; its complaints become the test's."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "NUMBA_"))}
    done = subprocess.run(
        [str(word) for word in words], env=environment | changes, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built as a release is; objects that `build/objects` has from the same sources are not made again."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--installer", "uv", "--outdir", folder, ROOT)
    (path,) = folder.glob("pellucid-*.whl")
    return path


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that holds the wheel and what it depends on, and nothing else."""
    folder = tmp_path_factory.mktemp("clean")
    run(sys.executable, "-m", "uv", "venv", "--quiet", "--clear", "--python", sys.executable, folder)
    found = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    run(sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", found, wheel)
    return found


def test_the_wheel_holds_every_object_and_each_needs_only_what_loading_gives(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        codes = {name.rsplit("/")[-1]: archive.read(name) for name in archive.namelist() if name.endswith(".o")}
    assert sorted(codes) == sorted(file_name(level, dtype) for level in SHIPPED for dtype in DTYPES)
    for name, code in codes.items():
        assert undefined_symbols(code[:-DIGEST_BYTES]) <= ALLOWED, name
        assert b"pellucid_entry" in code


@pytest.mark.parametrize("level", [level.name for level in HERE])
@pytest.mark.parametrize("dtype", DTYPES)
def test_trains_where_nothing_can_be_compiled(python: Path, tmp_path: Path, level: str, dtype: str) -> None:
    """Compiling would import Numba in a process of its own and leave an object in the cache."""
    cache = tmp_path / "cache"
    cache.mkdir()
    nowhere = {"PATH": str(python.parent), "CC": "/nowhere/cc", "CXX": "/nowhere/c++"}
    answer = run(python, "-c", TRAINED, dtype, PELLUCID_CACHE_DIR=str(cache), PELLUCID_LEVEL=level, **nowhere)
    imported, origin, used, *theta = answer.split()
    assert (imported, origin, used) == ("False", "package", level)
    assert list(cache.iterdir()) == []
    expected = Network([Dense(2, 3, "tanh"), Dense(3, 2, "softmax")], dtype=dtype).initialize(random_state=0)
    expected.fit([[0.0, 1.0], [1.0, 0.0]], [0, 1], engine="reference", epochs=20)
    np.testing.assert_allclose([float(x) for x in theta], expected.theta, rtol=1e-10 if dtype == "float64" else 1e-4)
