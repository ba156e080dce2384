"""Arithmetic that means the same on a NumPy array and on a SIMD register whose code is still being emitted.

A formula such as `exp` is written once, in Python, with `+ - * /` and the functions of this module:

* called with NumPy arrays it computes, in plain Python: this is how it is tested and read;
* called with a `Register` it *emits* the LLVM instructions for one register: this is how it is compiled.

Emitting costs Numba no type inference (the slow part of its compiler), and a polynomial may look at the precision of
its argument while it is emitted. Multiplications and additions may be fused ("contract") and nothing else is relaxed:
no reassociation, which would undo the exact subtractions of range reduction; no assumption that NaN or infinity is
absent.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir

from .level import current

FLAGS = ("contract",)


class Register:
    """One SIMD register (or one scalar) of floats while its code is emitted: an LLVM value and its builder."""

    __slots__ = ("builder", "value")

    def __init__(self, builder: ir.IRBuilder, value: ir.Value) -> None:
        self.builder = builder
        self.value = value

    @property
    def element(self) -> ir.Type:
        """The type of one lane."""
        return getattr(self.value.type, "element", self.value.type)

    @property
    def lanes(self) -> int:
        """How many numbers it holds."""
        return getattr(self.value.type, "count", 1)

    @property
    def bits(self) -> int:
        """32 or 64."""
        return 32 if isinstance(self.element, ir.FloatType) else 64

    def integers(self) -> ir.Type:
        """The type of as many integers of the same width."""
        whole = ir.IntType(self.bits)
        return ir.VectorType(whole, self.lanes) if isinstance(self.value.type, ir.VectorType) else whole

    def constant(self, number: float, kind: ir.Type | None = None) -> ir.Constant:
        """The same number in every lane, as floats, or of another type."""
        kind = kind or self.value.type
        return ir.Constant(kind, [number] * self.lanes if isinstance(kind, ir.VectorType) else number)

    def lift(self, other: Any) -> ir.Value:
        """An operand: another register's value, or a number in every lane."""
        return other.value if isinstance(other, Register) else self.constant(float(other))

    def new(self, value: ir.Value) -> Register:
        """A register with another value."""
        return Register(self.builder, value)

    def call(self, name: str, *others: Any) -> Register:
        """Emit one of LLVM's own functions, e.g. `llvm.sqrt`."""
        kind = self.value.type
        suffix = f"v{self.lanes}f{self.bits}" if isinstance(kind, ir.VectorType) else f"f{self.bits}"
        arguments = [self.value, *(self.lift(other) for other in others)]
        function = self.builder.module.globals.get(f"{name}.{suffix}") or ir.Function(
            self.builder.module, ir.FunctionType(kind, [kind] * len(arguments)), f"{name}.{suffix}"
        )
        return self.new(self.builder.call(function, arguments))

    def __add__(self, other: Any) -> Register:
        return self.new(self.builder.fadd(self.value, self.lift(other), flags=FLAGS))

    def __sub__(self, other: Any) -> Register:
        return self.new(self.builder.fsub(self.value, self.lift(other), flags=FLAGS))

    def __rsub__(self, other: Any) -> Register:
        return self.new(self.builder.fsub(self.lift(other), self.value, flags=FLAGS))

    def __mul__(self, other: Any) -> Register:
        return self.new(self.builder.fmul(self.value, self.lift(other), flags=FLAGS))

    def __truediv__(self, other: Any) -> Register:
        return self.new(self.builder.fdiv(self.value, self.lift(other), flags=FLAGS))

    def __rtruediv__(self, other: Any) -> Register:
        return self.new(self.builder.fdiv(self.lift(other), self.value, flags=FLAGS))

    __radd__ = __add__
    __rmul__ = __mul__

    def __neg__(self) -> Register:
        return self.new(self.builder.fneg(self.value))

    def _compare(self, sign: str, other: Any) -> Mask:
        return Mask(self.builder, self.builder.fcmp_ordered(sign, self.value, self.lift(other)))

    def __lt__(self, other: Any) -> Mask:
        return self._compare("<", other)

    def __le__(self, other: Any) -> Mask:
        return self._compare("<=", other)

    def __gt__(self, other: Any) -> Mask:
        return self._compare(">", other)

    def __ge__(self, other: Any) -> Mask:
        return self._compare(">=", other)

    def equals(self, other: Any) -> Mask:
        """Where both are the same number."""
        return self._compare("==", other)


class Mask:
    """The lanes in which a comparison holds, while its code is emitted."""

    __slots__ = ("builder", "value")

    def __init__(self, builder: ir.IRBuilder, value: ir.Value) -> None:
        self.builder = builder
        self.value = value

    def __and__(self, other: Mask) -> Mask:
        return Mask(self.builder, self.builder.and_(self.value, other.value))

    def __or__(self, other: Mask) -> Mask:
        return Mask(self.builder, self.builder.or_(self.value, other.value))


def bits(x: Any) -> int:
    """32 or 64: the precision in which `x` is held."""
    return x.bits if isinstance(x, Register) else int(np.asarray(x).dtype.itemsize * 8)


def fma(x: Any, y: Any, z: Any) -> Any:
    """x·y + z, rounded once where the processor can (level v2 cannot, and rounds twice, as NumPy does)."""
    if isinstance(x, Register) and current().has_fma:
        return x.call("llvm.fma", y, z)
    return x * y + z


def absolute(x: Any) -> Any:
    """|x|."""
    return x.call("llvm.fabs") if isinstance(x, Register) else np.abs(x)


def copysign(x: Any, sign: Any) -> Any:
    """|x| with the sign of `sign`."""
    return x.call("llvm.copysign", sign) if isinstance(x, Register) else np.copysign(x, sign)


def sqrt(x: Any) -> Any:
    """√x."""
    return x.call("llvm.sqrt") if isinstance(x, Register) else np.sqrt(x)


def equals(x: Any, y: Any) -> Any:
    """Where x = y."""
    return x.equals(y) if isinstance(x, Register) else x == y


def select(mask: Any, x: Any, y: Any) -> Any:
    """`x` where the mask holds, else `y`; either may be a plain number, not both."""
    if not isinstance(mask, Mask):
        kind = x.dtype if hasattr(x, "dtype") else y.dtype
        return np.where(mask, np.asarray(x, kind), np.asarray(y, kind))
    like = x if isinstance(x, Register) else y
    return like.new(like.builder.select(mask.value, like.lift(x), like.lift(y)))


def indicator(mask: Any, like: Any) -> Any:
    """1 where the mask holds, else 0, in the precision of `like`."""
    if not isinstance(mask, Mask):
        return mask.astype(like.dtype)
    return like.new(like.builder.select(mask.value, like.constant(1.0), like.constant(0.0)))


def maximum(x: Any, y: Any) -> Any:
    """The larger; `x` where `x` is NaN. (A NaN in `y` is lost: give the datum as `x` and the limit as `y`.)"""
    return select(x < y, y, x)


def minimum(x: Any, y: Any) -> Any:
    """The smaller; `x` where `x` is NaN."""
    return select(x > y, y, x)


def shifted_to_exponent(x: Any) -> Any:
    """The lowest bits of x moved into the exponent's place: 2ᵏ, for x = magic + k (see `functions.round_to_power`)."""
    fraction = 52 if bits(x) == 64 else 23
    if not isinstance(x, Register):
        whole: Any = x.view(np.int64 if bits(x) == 64 else np.int32)
        return (whole << fraction).view(x.dtype)
    kind = x.integers()
    raised = x.builder.shl(x.builder.bitcast(x.value, kind), x.constant(fraction, kind))
    return x.new(x.builder.bitcast(raised, x.value.type))


def split(x: Any) -> tuple[Any, Any]:
    """(m, k) with x = m·2ᵏ and √½ ≤ m < √2, for positive normal x.

    Subtracting the bits of √½ before the exponent is cut off moves the boundary from a power of two to √2 times one.
    """
    fraction, root = (52, 0x3FE6A09E667F3BCD) if bits(x) == 64 else (23, 0x3F3504F3)
    if not isinstance(x, Register):
        kind = np.int64 if bits(x) == 64 else np.int32
        raw: Any = np.ascontiguousarray(x).view(kind)
        exponent = (raw - root) >> fraction
        return (raw - (exponent << fraction)).view(x.dtype), exponent.astype(x.dtype)
    builder, kind = x.builder, x.integers()
    raw = builder.bitcast(x.value, kind)
    exponent = builder.ashr(builder.sub(raw, x.constant(root, kind)), x.constant(fraction, kind))
    mantissa = builder.sub(raw, builder.shl(exponent, x.constant(fraction, kind)))
    # The exponent is small: as the low bits of 1.5·2⁵² (1.5·2²³) it becomes a float without a conversion instruction.
    base = 0x4338000000000000 if bits(x) == 64 else 0x4B400000
    number = x.new(builder.bitcast(builder.add(exponent, x.constant(base, kind)), x.value.type))
    return x.new(builder.bitcast(mantissa, x.value.type)), number - (2.0**52 * 1.5 if bits(x) == 64 else 2.0**23 * 1.5)
