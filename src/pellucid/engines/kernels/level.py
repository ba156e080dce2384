"""Which processor a kernel is compiled for: the x86-64 level, and the width of its SIMD registers.

A level is a set of instructions that a whole generation of processors has (System V ABI for x86-64, §3.1.1):
v2 (2009, SSE 4.2), v3 (2013, AVX2 and FMA), v4 (2017, AVX-512). Objects for these three are shipped; any other
processor compiles for itself, once, and keeps the result.
"""

import os
from dataclasses import dataclass
from functools import cache

from llvmlite import binding


@dataclass(frozen=True)
class Level:
    """A kind of processor: LLVM's name for it, what must be present, and how wide one register is."""

    name: str
    vector_bits: int
    has_fma: bool
    requires: tuple[str, ...] = ()
    features: str = ""


V2 = ("sse4.2", "ssse3", "popcnt", "cx16")
V3 = (*V2, "avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe")
V4 = (*V3, "avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl")

# Best first. LLVM prefers half registers at v4 (early AVX-512 processors slowed down); the kernels ask for whole ones.
SHIPPED = (
    Level("x86-64-v4", 512, True, V4, "-prefer-256-bit"),
    Level("x86-64-v3", 256, True, V3),
    Level("x86-64-v2", 128, False, V2),
)


@cache
def host() -> Level:
    """The best level that this processor has; a level of its own where it is not an x86-64."""
    present = binding.get_host_cpu_features()
    for level in SHIPPED:
        if all(present.get(feature, False) for feature in level.requires):
            return level
    return Level(binding.get_host_cpu_name(), 128, present.get("neon", False))


@cache
def current() -> Level:
    """The level that kernels are compiled for in this process: `PELLUCID_LEVEL` by name, else the host's."""
    wanted = os.environ.get("PELLUCID_LEVEL")
    if wanted is None:
        return host()
    named = {level.name: level for level in SHIPPED}
    if wanted not in named:
        raise ValueError(f"PELLUCID_LEVEL={wanted!r}: expected one of {', '.join(named)}")
    return named[wanted]


def lanes(bits: int) -> int:
    """How many numbers of so many bits one register holds."""
    return current().vector_bits // bits
