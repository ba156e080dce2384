"""Where compiled kernels come from: the package, the user's cache folder, or, once, the compiler.

An object file is machine code for one processor level and one dtype. Those for the common levels ship in the package;
LLVM's linker (llvmlite) loads them in milliseconds, without Numba. Where none fits, because the processor is another
kind or a kernel was edited, the kernels are compiled in a process of their own and the object is kept in the cache.

A file is named after a hash of what it is made from, so a stale one is never found; it ends with its own SHA-256, so a
damaged one is seen and made again.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from pellucid.engines import abi
from pellucid.engines.formulas import BUILT_IN, Formulas
from pellucid.engines.kernels.build import ALLOWED
from pellucid.engines.kernels.level import SHIPPED as SHIPPED_LEVELS
from pellucid.engines.kernels.level import Level, current
from pellucid.engines.unavailable import KernelsUnavailableError
from pellucid.maths import elementary
from pellucid.maths.notices import announce
from pellucid.maths.threads import in_threads

KERNELS = Path(__file__).parent / "kernels"
BESIDE_KERNELS = (Path(abi.__file__), Path(elementary.__file__))
"""The other files that the kernels are made of."""
SHIPPED = Path(__file__).parent / "objects"
DIGEST_BYTES = 32
OWN = "PELLUCID_OWN_FORMULAS"
"""The environment variable with the path of own formulas, for the compiling process: see `kernels.formulas`."""
NOT_BUILT = "to be compiled when first needed"
A_FOLDER = "set PELLUCID_CACHE_DIR to a folder that can be written to, for kernels compiled here"


@dataclass(frozen=True)
class LoadedObject:
    """Kernels in memory: the address of their entry point; from the "package", the "cache", or "compiled"."""

    address: int
    path: Path
    origin: str
    level: Level


@cache
def content_hash(dtype: str, formulas: Formulas = BUILT_IN) -> str:
    """A hash of what an object is made from: the kernels, the elementary functions, and what each formula computes.

    The formulas stand in the classes of activations, losses, penalties and update rules. Their instructions are hashed,
    not their files, so that a comment there costs no compilation, and a helper or a constant elsewhere is seen.
    """
    digest = hashlib.sha256()
    for path in (*sorted(KERNELS.glob("*.py")), *BESIDE_KERNELS):
        digest.update(path.name.encode() + path.read_bytes())
    digest.update(json.dumps(formulas.as_json(int(dtype[-2:]))).encode())
    return digest.hexdigest()[:16]


def file_name(level: Level, dtype: str, formulas: Formulas = BUILT_IN) -> str:
    """The name of an object: platform, level, dtype and content."""
    return f"{sys.platform}-{platform.machine().lower()}-{level.name}-{dtype}-{content_hash(dtype, formulas)}.o"


def cache_folder() -> Path:
    """`$PELLUCID_CACHE_DIR`, else the platform's folder for such files."""
    chosen = os.environ.get("PELLUCID_CACHE_DIR")
    if chosen:
        return Path(chosen)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or _home() / "AppData" / "Local") / "pellucid" / "Cache"
    if sys.platform == "darwin":
        return _home() / "Library" / "Caches" / "pellucid"
    return Path(os.environ.get("XDG_CACHE_HOME") or _home() / ".cache") / "pellucid"


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError as error:  # no HOME, and no entry for this user
        raise KernelsUnavailableError(f"there is no home folder ({error}); {A_FOLDER}") from error


def _check_place(folder: Path) -> None:
    """KernelsUnavailableError unless files can be written to a folder; it is made where it is missing."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise KernelsUnavailableError(f"{folder} cannot be written to ({error}); {A_FOLDER}") from error


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "without a word"


def read_checked(path: Path) -> bytes | None:
    """The code in a file, or None if there is no such file or its digest does not match."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    code, digest = content[:-DIGEST_BYTES], content[-DIGEST_BYTES:]
    return code if hashlib.sha256(code).digest() == digest else None


def write_checked(path: Path, code: bytes) -> None:
    """Write code and digest so that no reader ever sees half a file: under another name, which is then changed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.stem)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(code + hashlib.sha256(code).digest())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def compile_object(level: Level, dtype: str, formulas: Formulas) -> bytes:
    """The code of all kernels, compiled by Numba in a process of its own. Own formulas go there as plain data."""
    environment = os.environ | {"NUMBA_DISABLE_JIT": "0", "NUMBA_BOUNDSCHECK": "0"}
    # The parent may have found the package by a path of its own (a build, a source tree).
    environment["PYTHONPATH"] = os.pathsep.join([str(KERNELS.parents[2]), *filter(None, sys.path)])
    if level.name.startswith("x86-64-v"):
        environment |= {
            "PELLUCID_LEVEL": level.name,
            "NUMBA_CPU_NAME": level.name,
            "NUMBA_CPU_FEATURES": level.features,
        }
    with tempfile.TemporaryDirectory() as folder:
        path, own = Path(folder) / "kernels.o", Path(folder) / "own.json"
        own.write_text(json.dumps(formulas.own.as_json(int(dtype[-2:]))))
        environment[OWN] = str(own)
        command = [sys.executable, "-m", "pellucid.engines.kernels.build", dtype, str(path)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise KernelsUnavailableError(
                f"compiling them for {level.name}, {dtype} failed: {_last_line(done.stderr)}", done.stderr
            )
        return path.read_bytes()


def find(level: Level, dtype: str, formulas: Formulas = BUILT_IN) -> tuple[bytes, Path, str]:
    """The code for a level and dtype, the file it is in, and its origin; compiled if it is nowhere."""
    name = file_name(level, dtype, formulas)
    code = read_checked(SHIPPED / name)
    if code is not None:
        return code, SHIPPED / name, "package"
    path = cache_folder() / name
    code = read_checked(path)
    if code is not None:
        return code, path, "cache"
    _check_place(path.parent)
    with compiling(path):
        return _find_or_compile(level, dtype, path, formulas)


def _find_or_compile(level: Level, dtype: str, path: Path, formulas: Formulas = BUILT_IN) -> tuple[bytes, Path, str]:
    """The second part of `find`, by one process at a time: another may have made the file meanwhile."""
    made = read_checked(path)
    if made is not None:
        return made, path, "cache"
    names = f" with {formulas.own.names}" if formulas != BUILT_IN else ""
    announce(f"Pellucid: compiling its kernels{names} for {level.name}, {dtype}, once (into {path.parent}) …")
    code = compile_object(level, dtype, formulas)
    try:
        write_checked(path, code)
    except OSError as error:  # the disk is full: what was compiled can be used all the same
        announce(f"Pellucid: the compiled kernels cannot be kept for the next process: {error}")
    return code, path, "compiled"


@contextmanager
def compiling(path: Path) -> Iterator[None]:
    """Wait until no other process compiles the same object. Where files cannot be locked, both compile; no harm."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def where(level: Level, dtype: str, formulas: Formulas = BUILT_IN) -> str:
    """The file that would be loaded, or NOT_BUILT."""
    try:
        folders = [SHIPPED, cache_folder()]
    except KernelsUnavailableError:
        folders = [SHIPPED]
    paths = [folder / file_name(level, dtype, formulas) for folder in folders]
    return next((str(path) for path in paths if read_checked(path) is not None), NOT_BUILT)


_loading = threading.RLock()
_failed: dict[tuple[str, Formulas], KernelsUnavailableError] = {}
"""Why the kernels of a dtype cannot be had in this process: it is not tried again at every fit."""
_engines: list[object] = []
"""LLVM's execution engines, kept: the code is theirs."""


def load(dtype: str, formulas: Formulas = BUILT_IN) -> LoadedObject:
    """The kernels for this processor and a dtype, loaded once in a process.

    Raises KernelsUnavailableError, with the reason and what to do, where they cannot be had.
    """
    wanted = dtype, formulas
    with _loading:
        if wanted not in _failed:
            try:
                return _load(dtype, formulas)
            except KernelsUnavailableError as error:
                _failed[wanted] = error
            except ImportError as error:
                _failed[wanted] = KernelsUnavailableError(f"{error}; install llvmlite")
            except (OSError, RuntimeError, subprocess.SubprocessError) as error:
                _failed[wanted] = KernelsUnavailableError(f"{type(error).__name__}: {error}")
        raise _failed[wanted]


if hasattr(os, "register_at_fork"):
    # A fork waits until the loading in another thread is over: the child would find LLVM and its locks half-way.
    os.register_at_fork(before=_loading.acquire, after_in_parent=_loading.release, after_in_child=_loading.release)


def external_symbols(platform: str) -> dict[str, tuple[str | None, str]]:
    """Where what an object may call is found: library and name. Windows has no `sched_yield`; its `SwitchToThread` is
    called in the same way and does the same: it offers the core to another thread that waits for one.
    """
    if platform == "win32":
        runtime = "msvcrt"
        return {"memcpy": (runtime, "memcpy"), "memset": (runtime, "memset"),
                "sched_yield": ("kernel32", "SwitchToThread")}  # fmt: skip
    return {name: (None, name) for name in ALLOWED}


@cache
def _load(dtype: str, formulas: Formulas) -> LoadedObject:
    from llvmlite import binding

    level = current()
    code, path, origin = find(level, dtype, formulas)
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    for name, (library, there) in external_symbols(sys.platform).items():
        binding.add_symbol(name, ctypes.cast(getattr(ctypes.CDLL(library), there), ctypes.c_void_p).value)
    machine = binding.Target.from_default_triple().create_target_machine()
    engine = binding.create_mcjit_compiler(binding.parse_assembly(""), machine)
    engine.add_object_file(binding.ObjectFileRef.from_data(code))
    engine.finalize_object()
    _engines.append(engine)
    return LoadedObject(engine.get_function_address("pellucid_entry"), path, origin, level)


def build_all(folder: Path) -> list[Path]:
    """Compile every level that ships, for both dtypes, into a folder: what the wheel's build does."""

    def build(level: Level, dtype: str) -> Path:
        path = folder / file_name(level, dtype)
        with compiling(path):  # the folder may be a running program's cache folder, as in `make test`
            _find_or_compile(level, dtype, path)
        return path

    wanted = [(level, dtype) for level in SHIPPED_LEVELS for dtype in ("float64", "float32")]
    return in_threads([partial(build, *pair) for pair in wanted], os.cpu_count() or 1)
