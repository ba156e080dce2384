"""Find compiled kernels in the package or the user's cache folder, or compile them once.

An object file is machine code for one processor level and one dtype. Those for the common levels ship in the package;
LLVM's linker (llvmlite) loads them in milliseconds, without Numba. If none fits, because of another kind of processor
or an edited kernel, the kernels are compiled in a separate process and the object is stored in the cache.

A file name contains a hash of all sources, so a stale file is never used; the file ends with its SHA-256, so a damaged
one is detected and compiled again.
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
from contextlib import AbstractContextManager
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
"""Other sources of the kernels."""
SHIPPED = Path(__file__).parent / "objects"
DIGEST_BYTES = 32
OWN = "PELLUCID_OWN_FORMULAS"
"""Environment variable that passes custom formulas to the compiling process: see `kernels.formulas`."""
NOT_BUILT = "to be compiled when first needed"
A_FOLDER = "set PELLUCID_CACHE_DIR to a folder that can be written to, for kernels compiled here"


@dataclass(frozen=True)
class LoadedObject:
    """Kernels in memory: the address of their entry point. `origin` is "package", "cache" or "compiled"."""

    address: int
    path: Path
    origin: str
    level: Level


@cache
def content_hash(dtype: str, formulas: Formulas = BUILT_IN) -> str:
    """A hash of the sources of an object: the kernels, the elementary functions, and the instructions of all formulas.

    The formulas are defined in the classes of activations, losses, penalties and update rules. Their instructions are
    hashed instead of their files, so that comments cause no compilation, and helpers or constants elsewhere count.
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
    from platformdirs import user_cache_path

    try:
        return user_cache_path("pellucid", appauthor=False).expanduser()
    except RuntimeError as error:  # no HOME, and no entry for this user
        raise KernelsUnavailableError(f"there is no home folder ({error}); {A_FOLDER}") from error


def _check_place(folder: Path) -> None:
    """Create a folder if it is missing; KernelsUnavailableError if files cannot be written to it."""
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
    """The code in a file; None if the file does not exist or its digest does not match."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    code, digest = content[:-DIGEST_BYTES], content[-DIGEST_BYTES:]
    return code if hashlib.sha256(code).digest() == digest else None


def write_checked(path: Path, code: bytes) -> None:
    """Write code and digest atomically: to a temporary file, which is then renamed."""
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
    """The code of all kernels, compiled by Numba in a separate process, which gets custom formulas as plain data."""
    environment = os.environ | {"NUMBA_DISABLE_JIT": "0", "NUMBA_BOUNDSCHECK": "0"}
    # The parent may have found the package by another path (a build, a source tree).
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
    """The code for a level and dtype, its file, and its origin; compiled if it does not exist."""
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
    """The second part of `find`, in one process at a time: another may have written the file meanwhile."""
    made = read_checked(path)
    if made is not None:
        return made, path, "cache"
    names = f" with {formulas.own.names}" if formulas != BUILT_IN else ""
    announce(f"Pellucid: compiling its kernels{names} for {level.name}, {dtype}, once (into {path.parent}) …")
    code = compile_object(level, dtype, formulas)
    try:
        write_checked(path, code)
    except OSError as error:  # for example a full disk: the compiled code can still be used
        announce(f"Pellucid: the compiled kernels cannot be kept for the next process: {error}")
    return code, path, "compiled"


def compiling(path: Path) -> AbstractContextManager[object]:
    """A lock to hold (`with compiling(path):`) so that no two processes compile the same object."""
    from filelock import FileLock  # loads asyncio, and most processes find their objects compiled

    path.parent.mkdir(parents=True, exist_ok=True)
    return FileLock(path.with_suffix(".lock"))


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
"""Errors of failed attempts, by dtype, which are not repeated in this process."""
_engines: list[object] = []
"""LLVM's execution engines, which own the code and must stay alive."""


def load(dtype: str, formulas: Formulas = BUILT_IN) -> LoadedObject:
    """The kernels for this processor and a dtype, loaded once per process.

    Raises KernelsUnavailableError, with the reason and a fix, if they are unavailable.
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
    # A fork waits until another thread has finished loading: otherwise the child would inherit LLVM's locks.
    os.register_at_fork(before=_loading.acquire, after_in_parent=_loading.release, after_in_child=_loading.release)


def external_symbols(platform: str) -> dict[str, tuple[str | None, str]]:
    """Library and name of each external function of an object. Windows has no `sched_yield`; its `SwitchToThread` has
    the same signature and effect: it yields the core to another waiting thread.
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
    """Compile every shipped level, for both dtypes, into a folder; used by the build of the wheel."""

    def build(level: Level, dtype: str) -> Path:
        path = folder / file_name(level, dtype)
        with compiling(path):  # the folder may be a running program's cache folder, as in `make test`
            _find_or_compile(level, dtype, path)
        return path

    wanted = [(level, dtype) for level in SHIPPED_LEVELS for dtype in ("float64", "float32")]
    return in_threads([partial(build, *pair) for pair in wanted], os.cpu_count() or 1)
