"""Compiled objects: where they come from, what they need, and what happens where they are damaged."""

import ast
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pellucid.engines import objects
from pellucid.engines.kernels.build import ALLOWED, machine_code, triple_for, undefined_symbols
from pellucid.engines.kernels.level import SHIPPED, current, host

TRAINED = """
import sys
from pellucid import Dense, Network
network = Network([Dense(2, 3, "tanh"), Dense(3, 2, "softmax")]).initialize(random_state=0)
network.fit([[0.0, 1.0], [1.0, 0.0]], [0, 1], engine="compiled", epochs=3)
assert "numba" not in sys.modules, "numba was imported"
print(network.theta.sum())
"""


@pytest.fixture
def compiler(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """A cache folder of its own, no objects in the package, and a compiler that only keeps count."""
    calls: list[str] = []

    def compile_object(level: object, dtype: str, formulas: object) -> bytes:
        calls.append(dtype)
        return b"code for " + dtype.encode()

    monkeypatch.setattr(objects, "SHIPPED", tmp_path / "package")
    monkeypatch.setenv("PELLUCID_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(objects, "compile_object", compile_object)
    return calls


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_an_object_needs_nothing_that_loading_cannot_give(dtype: str) -> None:
    code, _, _ = objects.find(current(), dtype)
    assert undefined_symbols(code) <= ALLOWED
    assert b"pellucid_entry" in code


CALLS = """
declare double @nowhere(double)
declare i32 @sched_yield()
define double @here(double %x) {
  %z = call i32 @sched_yield()
  %y = call double @nowhere(double %x)
  ret double %y
}
"""


@pytest.mark.parametrize("triple", ["x86_64-unknown-linux-gnu", "x86_64-pc-windows-msvc-elf"])
def test_undefined_symbols_are_seen(triple: str) -> None:
    """In an object that calls what is nowhere defined, for Windows too."""
    assert undefined_symbols(machine_code(CALLS, SHIPPED[1], triple)) == {"nowhere", "sched_yield"}


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_what_an_object_may_call_is_found_on_every_platform(platform: str) -> None:
    assert set(objects.external_symbols(platform)) == ALLOWED
    assert triple_for(platform).endswith("-elf") == (platform == "win32")  # LLVM loads no COFF


def test_training_does_not_import_numba() -> None:
    switches = ("NUMBA_DISABLE_JIT", "NUMBA_BOUNDSCHECK")
    environment = {name: value for name, value in os.environ.items() if name not in switches}
    words = [sys.executable, "-c", TRAINED]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) == float(done.stdout)


def test_compiled_once_with_one_line_then_found(compiler: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert objects.where(host(), "float64") == objects.NOT_BUILT
    code, path, origin = objects.find(host(), "float64")
    assert (code, origin) == (b"code for float64", "compiled")
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert objects.find(host(), "float64") == (code, path, "cache")
    assert objects.where(host(), "float64") == str(path)
    assert compiler == ["float64"]
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("damage", [b"", b"short", bytes(1000)])
def test_a_damaged_file_is_made_again(compiler: list[str], damage: bytes) -> None:
    code, path, _ = objects.find(host(), "float64")
    path.write_bytes(damage)
    assert objects.find(host(), "float64") == (code, path, "compiled")
    assert objects.find(host(), "float64")[2] == "cache"
    assert len(compiler) == 2


def test_a_shipped_object_comes_first(compiler: list[str]) -> None:
    path = objects.SHIPPED / objects.file_name(host(), "float32")
    objects.write_checked(path, b"shipped")
    assert objects.find(host(), "float32") == (b"shipped", path, "package")
    assert compiler == []


def test_an_edited_kernel_has_another_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = objects.file_name(host(), "float64")
    for path in objects.KERNELS.glob("*.py"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    with (tmp_path / "products.py").open("a") as file:
        file.write("# edited\n")
    monkeypatch.setattr(objects, "KERNELS", tmp_path)
    objects.content_hash.cache_clear()
    try:
        assert objects.file_name(host(), "float64") != before
    finally:
        objects.content_hash.cache_clear()


IN_A_FORMULA = """
import pellucid.maths.activations as activations
from pellucid.engines import objects
before = {dtype: objects.content_hash(dtype) for dtype in ("float32", "float64")}
objects.content_hash.cache_clear()
CHANGE
print(*(int(before[dtype] != objects.content_hash(dtype)) for dtype in ("float32", "float64")))
"""
CHANGES = {
    "nothing": ("", "0 0"),
    "a constant of a class": ("activations.SELU.scale = 1.05", "1 1"),
    "a helper in a class's file": ("activations.smooth._kernel_tanh_softplus = abs", "1 1"),
    "a bound that depends on the precision": (
        "import pellucid.maths.losses.regression as regression; regression._LEAST_MEAN[64] = 1e-150",
        "0 1",
    ),
    "a function that a rule uses": ("import pellucid.optimizers.adam as adam; adam.sqrt = abs", "1 1"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_formula_has_another_name(change: str) -> None:
    """The formulas stand in other files than the kernels; what they compute counts, wherever it is written."""
    code, expected = CHANGES[change]
    words = [sys.executable, "-c", IN_A_FORMULA.replace("CHANGE", code)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == expected


def test_what_the_kernels_import_is_in_the_hash() -> None:
    """A file outside of their folder is hashed as text, traced, or only used by the plain-Python meanings."""
    covered = {"engines.abi", "maths.elementary"} | {"engines.formulas"} | {"maths.dropout"}
    imported = set()
    for path in objects.KERNELS.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pellucid."):
                imported.add(node.module.removeprefix("pellucid."))
    assert imported == covered
    assert {path.stem for path in objects.BESIDE_KERNELS} == {"abi", "elementary"}


def test_writers_at_the_same_time_do_not_break_each_other(tmp_path: Path) -> None:
    path = tmp_path / "kernels.o"
    with ThreadPoolExecutor(8) as pool:
        for _ in pool.map(lambda _: objects.write_checked(path, b"x" * 100_000), range(50)):
            assert objects.read_checked(path) == b"x" * 100_000
    assert [one.name for one in tmp_path.iterdir()] == ["kernels.o"]


def test_levels_are_ordered_and_the_host_has_one() -> None:
    assert [level.vector_bits for level in SHIPPED] == [512, 256, 128]
    assert host().vector_bits >= 128


def test_an_unknown_level_is_named() -> None:
    environment = os.environ | {"PELLUCID_LEVEL": "x86-64-v9"}
    words = [sys.executable, "-c", "from pellucid.engines.kernels.level import current; current()"]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert "expected one of x86-64-v4, x86-64-v3, x86-64-v2" in done.stderr
