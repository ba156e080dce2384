"""Choose the engine of a run by rules, never by timing, so that runs are reproducible."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any, Literal

import numpy as np

from pellucid.engines.base import Engine, Evaluator, Job
from pellucid.engines.formulas import BUILT_IN, Formulas, described, formulas_for, transform_number
from pellucid.engines.own_formulas import check_formulas
from pellucid.engines.reference import ReferenceEngine, ReferenceEvaluator
from pellucid.engines.unavailable import KernelsUnavailableError, ReferenceEngineWarning
from pellucid.maths.checks import check_integer
from pellucid.maths.metrics import Metric
from pellucid.maths.notices import warn
from pellucid.maths.registry import unknown_name
from pellucid.maths.typing import Array
from pellucid.network.layers import Dense
from pellucid.network.objective import Objective
from pellucid.network.stack import LayerStack
from pellucid.optimizers import Optimizer

EngineName = Literal["auto", "compiled", "reference"]
ENGINES = ("auto", "compiled", "reference")

SMALL_JOB = 1000.0
"""Runs of less `effort` than this take less time than loading the kernels (about 0.1 s)."""

_told: set[str] = set()
"""Warnings that this process has already given."""


def missing_kernel(network: LayerStack, objective: Objective, optimizer: Optimizer | None = None) -> str | None:
    """The operation, activation, parameter, loss, penalty or optimizer without a compiled kernel, in words, or None.

    Custom classes have kernels if they define kernel formulas; custom operations have none. An inherited formula does
    not count, because a subclass may compute something else than its base class.
    """
    return _missing(network, objective, optimizer, formulas_for(network, objective, optimizer))


def _missing(network: LayerStack, objective: Objective, optimizer: Optimizer | None, formulas: Formulas) -> str | None:
    """`missing_kernel`, beside these formulas."""
    for spec in network.specs:
        if transform_number(spec) is None:
            return f"operation {type(spec).__name__}"
        if isinstance(spec, Dense) and formulas.activation_number(spec.activation) is None:
            return f"activation {type(described(spec.activation)).__name__}"
    for group in network.groups:
        for factor in ("rate_factor", "decay_factor"):
            if getattr(group, factor) != 1:
                return f"{factor} {getattr(group, factor):g} of parameter {group.name!r}"
    if formulas.loss_number(network.loss, network.specs[-1].activation) is None:
        return f"loss {type(network.loss).__name__}"
    if formulas.penalty_number(objective.penalty) is None:
        return f"penalty {type(objective.penalty).__name__}"
    if formulas.rule_number(optimizer) is None:
        return f"optimizer {type(optimizer).__name__}"
    return None


def choose(
    engine: EngineName,
    network: LayerStack,
    objective: Objective,
    optimizer: Optimizer,
    *,
    updates: int,
    samples: int,
    threads: int = 1,
) -> Literal["compiled", "reference"]:
    """The engine's name for a run of `updates` updates that see `samples` samples in all.

    "compiled" is an error where something has no kernel; "auto" falls back to the reference there, and says so once.
    """
    if engine not in ENGINES:
        raise ValueError(unknown_name("engine", engine, ENGINES))
    check_integer("threads", threads, least=1)
    formulas = formulas_for(network, objective, optimizer)
    missing = _missing(network, objective, optimizer, formulas)
    if engine == "compiled" and missing:
        raise ValueError(f"engine='compiled' has no kernel for {missing}: use engine='auto' or 'reference'")
    if engine != "auto":
        if engine == "compiled":
            if formulas is not BUILT_IN:
                check_formulas(network, objective, optimizer)
            load_kernels(network.dtype.name, formulas)
        return engine
    if missing:
        _tell_once(
            f"{missing} has no compiled kernel: this runs on the reference engine, which is slower", stacklevel=6
        )
        return "reference"
    if effort(network, updates, samples) < SMALL_JOB:
        return "reference"
    if _to_be_compiled(network, formulas):
        _tell_once(
            f"the kernel formulas of {formulas.own.names} are not compiled yet: engine='compiled' compiles them, "
            "once, in about half a minute, and engine='auto' uses them from then on. This runs on the reference "
            "engine, which is slower",
            stacklevel=6,
        )
        return "reference"
    return "compiled" if kernels_can_be_had(network.dtype.name, formulas) else "reference"


def waits_for_compiler(network: LayerStack, objective: Objective, optimizer: Optimizer | None = None) -> bool:
    """Whether a compiled run would first compile the kernel formulas of custom classes."""
    return _to_be_compiled(network, formulas_for(network, objective, optimizer))


def _to_be_compiled(network: LayerStack, formulas: Formulas) -> bool:
    if formulas is BUILT_IN:
        return False
    from pellucid.engines import objects
    from pellucid.engines.kernels.level import current

    return objects.where(current(), network.dtype.name, formulas) == objects.NOT_BUILT


def kernels_can_be_had(dtype: str, formulas: Formulas) -> bool:
    """Whether the compiled kernels exist or can be compiled; if not, a warning says why, once."""
    try:
        load_kernels(dtype, formulas)
    except KernelsUnavailableError as error:
        words = "This runs on the reference engine, which gives the same numbers and is slower"
        _tell_once(f"{error}. {words}", stacklevel=7)
        return False
    return True


def load_kernels(dtype: str, formulas: Formulas) -> None:
    """Load the compiled kernels, or raise KernelsUnavailableError."""
    try:
        from pellucid.engines.runner import runner
    except ImportError as error:
        raise KernelsUnavailableError(f"{error}; install llvmlite") from error
    runner(dtype, formulas)


def _tell_once(message: str, stacklevel: int) -> None:
    if message not in _told:
        _told.add(message)
        warn(message, ReferenceEngineWarning, stacklevel=stacklevel)


def effort(network: LayerStack, updates: int, samples: int) -> float:
    """The cost of a run on the reference engine: NumPy calls per update and arithmetic, in units of 0.1 ms."""
    return updates + samples * network.theta.size / 200_000


def _that_takes(X: Array, engine: EngineName) -> EngineName:
    """The requested engine, or the one that supports a sparse X."""
    if isinstance(X, np.ndarray):
        return engine
    if engine == "compiled":
        raise ValueError("engine='compiled' takes no sparse X: give X.toarray(), or use engine='auto' or 'reference'")
    return "reference"


def engine_for(job: Job, engine: EngineName = "auto", *, epochs: int, threads: int = 1) -> Engine:
    """The engine for a job with this number of epochs."""
    name = choose(
        _that_takes(job.X, engine), job.network, job.objective, job.optimizer,
        updates=epochs * job.n_batches, samples=epochs * len(job.Y), threads=threads,
    )  # fmt: skip
    if name == "reference":
        return ReferenceEngine(job)
    from pellucid.engines.compiled import CompiledEngine

    return CompiledEngine(job, threads)


def evaluator_for(
    network: LayerStack,
    objective: Objective,
    X: Array,
    Y: Array,
    weight: Array | None,
    metric: Metric,
    rule: Optimizer,
    engine: EngineName = "auto",
    *,
    epochs: int,
    threads: int = 1,
) -> Evaluator:
    """The evaluator of J and its gradient for a run of a second-order rule; an iteration evaluates them about twice."""
    name = choose(
        _that_takes(X, engine), network, objective, rule, updates=2 * epochs, samples=2 * epochs * len(Y),
        threads=threads,
    )  # fmt: skip
    if name == "reference":
        return ReferenceEvaluator(network, objective, X, Y, weight, metric)
    from pellucid.engines.compiled import CompiledEvaluator

    return CompiledEvaluator(network, objective, X, Y, weight, metric, threads)


def info() -> dict[str, Any]:
    """Facts about this installation: the processor's level, the object files in use, and versions of libraries.

    >>> sorted(info())
    ['cache', 'level', 'objects', 'vector_bits', 'versions']
    """
    from pellucid.engines import objects
    from pellucid.engines.kernels.level import current

    def _cache() -> str:
        try:
            return str(objects.cache_folder())
        except KernelsUnavailableError as error:
            return error.reason

    level = current()
    versions = {}
    for name in ("pellucid", "numpy", "scipy", "llvmlite", "numba"):
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "not installed"
    return {
        "level": level.name,
        "vector_bits": level.vector_bits,
        "objects": {dtype: objects.where(level, dtype) for dtype in ("float32", "float64")},
        "cache": _cache(),
        "versions": versions,
    }
