"""SIMD registers whose code is still being written: what the formulas of `pellucid.maths.elementary` are given.

Writing the instructions costs Numba no type inference (the slow part of its compiler), and a polynomial may look at the
precision of its argument meanwhile. Multiplications and additions may be fused ("contract") and nothing else is
relaxed: no reassociation, which would undo the exact subtractions of range reduction; no assumption that NaN or
infinity is absent.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from pellucid.maths.elementary import FRACTION_BITS, SQRT_HALF_BITS, Symbolic

from .level import current

FLAGS = ("contract",)


class Register(Symbolic):
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

    def absolute(self) -> Register:
        """|x|."""
        return self.call("llvm.fabs")

    def sqrt(self) -> Register:
        """√x."""
        return self.call("llvm.sqrt")

    def copysign(self, sign: Any) -> Register:
        """|x| with the sign of `sign`."""
        return self.call("llvm.copysign", sign)

    def fma(self, y: Any, z: Any) -> Register:
        """x·y + z, rounded once where the processor can."""
        return self.call("llvm.fma", y, z) if current().has_fma else self * y + z

    def fenced(self) -> Register:
        """The same number, which no later instruction may be fused with."""
        return self.call("llvm.arithmetic.fence")

    def shifted_to_exponent(self) -> Register:
        """The lowest bits moved into the exponent's place."""
        kind, fraction = self.integers(), FRACTION_BITS[self.bits]
        raised = self.builder.shl(self.builder.bitcast(self.value, kind), self.constant(fraction, kind))
        return self.new(self.builder.bitcast(raised, self.value.type))

    def split(self) -> tuple[Register, Register]:
        """Mantissa and exponent: see `pellucid.maths.elementary.split`."""
        builder, kind = self.builder, self.integers()
        fraction, root = FRACTION_BITS[self.bits], SQRT_HALF_BITS[self.bits]
        raw = builder.bitcast(self.value, kind)
        exponent = builder.ashr(builder.sub(raw, self.constant(root, kind)), self.constant(fraction, kind))
        mantissa = builder.sub(raw, builder.shl(exponent, self.constant(fraction, kind)))
        # The exponent is small: as the low bits of 1.5·2⁵² (1.5·2²³) it becomes a float without a conversion.
        base, offset = (0x4338000000000000, 2.0**52 * 1.5) if self.bits == 64 else (0x4B400000, 2.0**23 * 1.5)
        number = self.new(builder.bitcast(builder.add(exponent, self.constant(base, kind)), self.value.type))
        return self.new(builder.bitcast(mantissa, self.value.type)), number - offset


class Mask(Symbolic):
    """The lanes in which a comparison holds, while its code is emitted."""

    __slots__ = ("builder", "value")

    def __init__(self, builder: ir.IRBuilder, value: ir.Value) -> None:
        self.builder = builder
        self.value = value

    def __and__(self, other: Mask) -> Mask:
        return Mask(self.builder, self.builder.and_(self.value, other.value))

    def __or__(self, other: Mask) -> Mask:
        return Mask(self.builder, self.builder.or_(self.value, other.value))

    def select(self, x: Any, y: Any) -> Register:
        """`x` in these lanes, `y` in the others; either may be a plain number, not both."""
        like: Register = x if isinstance(x, Register) else y
        return like.new(self.builder.select(self.value, like.lift(x), like.lift(y)))

    def indicator(self, like: Register) -> Register:
        """1 in these lanes, 0 in the others."""
        return like.new(self.builder.select(self.value, like.constant(1.0), like.constant(0.0)))
