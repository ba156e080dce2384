"""Small helpers for writing LLVM instructions: pointers into arrays, registers from memory, loops.

All index arithmetic is on flat arrays and 64-bit offsets, without the wrap-around of negative indices that Python has
(and that keeps LLVM from seeing through a loop).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from llvmlite import ir

from .level import lanes
from .simd import Register

INDEX = ir.IntType(64)


def const_i64(number: int) -> ir.Constant:
    """A 64-bit integer constant."""
    return ir.Constant(INDEX, number)


class Pointer:
    """The address of an array's elements, while code is emitted; `guard` checks a place against the array's ends."""

    def __init__(
        self, builder: ir.IRBuilder, address: ir.Value, element: ir.Type, guard: Callable[[ir.Value], None] | None
    ) -> None:
        self.builder = builder
        self.address = address
        self.element = element
        self.bytes = 4 if isinstance(element, ir.FloatType) else 8
        self.lanes = lanes(self.bytes * 8)
        self.guard = guard

    def at(self, offset: ir.Value) -> Pointer:
        """The address so many elements further on (whose places are no longer checked)."""
        return Pointer(self.builder, self.builder.gep(self.address, [offset]), self.element, None)

    def span(self, offset: ir.Value, *size: ir.Value) -> Pointer:
        """The address at `offset`, of which the product of `size` elements will be touched."""
        if self.guard is not None:
            length = size[0]
            for factor in size[1:]:
                length = self.builder.mul(length, factor)
            self.guard(offset)
            self.guard(self.builder.add(offset, length))
        return self.at(offset)

    def vector(self, count: int = 0) -> ir.Type:
        """The type of a register of these elements."""
        return ir.VectorType(self.element, count or self.lanes)

    def load(self, offset: ir.Value, count: int = 0) -> Register:
        """One register (or `count` lanes) from the elements at `offset`; no alignment is assumed."""
        kind = self.vector(count)
        address = self.builder.bitcast(self.at(offset).address, kind.as_pointer())
        return Register(self.builder, self.builder.load(address, align=self.bytes, typ=kind))

    def store(self, offset: ir.Value, register: Register) -> None:
        """Write the lanes of a register to the elements at `offset`."""
        address = self.builder.bitcast(self.at(offset).address, register.value.type.as_pointer())
        self.builder.store(register.value, address, align=self.bytes)

    def scalar(self, offset: ir.Value) -> ir.Value:
        """One element."""
        return self.builder.load(self.at(offset).address, typ=self.element)

    def write(self, offset: ir.Value, value: ir.Value) -> None:
        """Store one element."""
        self.builder.store(value, self.at(offset).address)

    def repeated(self, offset: ir.Value) -> Register:
        """One element, in every lane."""
        return splat(self.builder, self.scalar(offset), self.lanes)

    def splat_const(self, number: float) -> Register:
        """A register of these elements with the same number in every lane."""
        return Register(self.builder, ir.Constant(self.vector(), [number] * self.lanes))

    def splat(self, number: ir.Value) -> Register:
        """A double, rounded to the precision of these elements, in every lane."""
        narrow = self.builder.fptrunc(number, self.element) if number.type != self.element else number
        return splat(self.builder, narrow, self.lanes)


def splat(builder: ir.IRBuilder, number: ir.Value, count: int) -> Register:
    """A register with the same number in every lane."""
    kind = ir.VectorType(number.type, count)
    first = builder.insert_element(ir.Constant(kind, ir.Undefined), number, ir.Constant(ir.IntType(32), 0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), count), [0] * count)
    return Register(builder, builder.shuffle_vector(first, ir.Constant(kind, ir.Undefined), zeros))


class Variable:
    """A local variable of emitted code. LLVM keeps it in a register ("mem2reg")."""

    def __init__(self, builder: ir.IRBuilder, start: ir.Value) -> None:
        self.builder = builder
        self.kind = start.type
        # Room is made at the function's entry, as an allocation inside a loop would eat the stack.
        with builder.goto_entry_block():
            self.address = builder.alloca(self.kind)
        self.set(start)

    def get(self) -> ir.Value:
        """Its value now."""
        return self.builder.load(self.address, typ=self.kind)

    def set(self, value: ir.Value) -> None:
        """Give it a new value."""
        self.builder.store(value, self.address)

    @property
    def register(self) -> Register:
        """Its value now, as a register."""
        return Register(self.builder, self.get())


@contextmanager
def steps(builder: ir.IRBuilder, counter: Variable, stop: ir.Value, size: int) -> Iterator[ir.Value]:
    """`while counter + size <= stop: …; counter += size`; yields the counter."""
    test, body, done = (builder.append_basic_block(name) for name in ("test", "body", "done"))
    builder.branch(test)
    builder.position_at_end(test)
    builder.cbranch(builder.icmp_signed("<=", builder.add(counter.get(), const_i64(size)), stop), body, done)
    builder.position_at_end(body)
    here = counter.get()
    yield here
    counter.set(builder.add(here, const_i64(size)))
    builder.branch(test)
    builder.position_at_end(done)


@contextmanager
def loop(builder: ir.IRBuilder, stop: ir.Value, size: int = 1) -> Iterator[ir.Value]:
    """`for here in range(0, stop, size)`, where `size` divides `stop`."""
    with steps(builder, Variable(builder, const_i64(0)), stop, size) as here:
        yield here


def tiles(builder: ir.IRBuilder, stop: ir.Value, sizes: tuple[int, ...]) -> Iterator[tuple[int, ir.Value]]:
    """Cover 0 … stop with blocks of the first size, the rest with the next, …: emits one loop for each size.

    The body of the Python loop that runs over `tiles` is emitted once for each size.
    """
    counter = Variable(builder, const_i64(0))
    for size in sizes:
        with steps(builder, counter, stop, size) as here:
            yield size, here


def round_up(builder: ir.IRBuilder, count: ir.Value, size: int) -> ir.Value:
    """The next multiple of `size`, a power of two."""
    return builder.and_(builder.add(count, const_i64(size - 1)), const_i64(-size))


def lane_sum(register: Register) -> ir.Value:
    """The sum of a register's lanes, as a double: halves are added until one lane is left."""
    builder, value = register.builder, register.value
    while value.type.count > 1:
        half = value.type.count // 2
        kind = ir.VectorType(ir.IntType(32), half)
        low = builder.shuffle_vector(value, value, ir.Constant(kind, list(range(half))))
        high = builder.shuffle_vector(value, value, ir.Constant(kind, list(range(half, 2 * half))))
        value = builder.fadd(low, high)
    scalar = builder.extract_element(value, ir.Constant(ir.IntType(32), 0))
    return builder.fpext(scalar, ir.DoubleType()) if isinstance(scalar.type, ir.FloatType) else scalar
