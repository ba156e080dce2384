"""Small helpers for writing LLVM instructions: pointers into arrays, registers from memory, loops.

All index arithmetic is on flat arrays and 64-bit offsets, without the wrap-around of negative indices that Python has
(and that keeps LLVM from seeing through a loop).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from llvmlite import ir

from .level import lanes
from .simd import Register

INDEX = ir.IntType(64)


def whole(number: int) -> ir.Constant:
    """A 64-bit integer constant."""
    return ir.Constant(INDEX, number)


class Pointer:
    """The address of an array's elements, while code is emitted."""

    def __init__(self, builder: ir.IRBuilder, address: ir.Value, element: ir.Type) -> None:
        self.builder = builder
        self.address = address
        self.element = element
        self.bytes = 4 if isinstance(element, ir.FloatType) else 8
        self.lanes = lanes(self.bytes * 8)

    def at(self, offset: ir.Value) -> Pointer:
        """The address so many elements further on."""
        return Pointer(self.builder, self.builder.gep(self.address, [offset]), self.element)

    def vector(self, count: int = 0) -> ir.Type:
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

    def repeated(self, offset: ir.Value) -> Register:
        """One element, in every lane."""
        return spread(self.builder, self.scalar(offset), self.lanes)

    def zero(self) -> Register:
        return Register(self.builder, ir.Constant(self.vector(), [0.0] * self.lanes))


def spread(builder: ir.IRBuilder, number: ir.Value, count: int) -> Register:
    """A register with the same number in every lane."""
    kind = ir.VectorType(number.type, count)
    first = builder.insert_element(ir.Constant(kind, ir.Undefined), number, ir.Constant(ir.IntType(32), 0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), count), [0] * count)
    return Register(builder, builder.shuffle_vector(first, ir.Constant(kind, ir.Undefined), zeros))


class Variable:
    """A local variable of emitted code. LLVM keeps it in a register ("mem2reg")."""

    def __init__(self, builder: ir.IRBuilder, kind: ir.Type) -> None:
        self.builder = builder
        self.kind = kind
        # At the function's entry, as an allocation inside a loop would eat the stack.
        with builder.goto_entry_block():
            self.address = builder.alloca(kind)

    def get(self) -> ir.Value:
        return self.builder.load(self.address, typ=self.kind)

    def set(self, value: ir.Value) -> None:
        self.builder.store(value, self.address)


@contextmanager
def steps(builder: ir.IRBuilder, counter: Variable, stop: ir.Value, size: int) -> Iterator[ir.Value]:
    """`while counter + size <= stop: …; counter += size`; yields the counter."""
    test = builder.append_basic_block("test")
    body = builder.append_basic_block("body")
    done = builder.append_basic_block("done")
    builder.branch(test)
    builder.position_at_end(test)
    fits = builder.icmp_signed("<=", builder.add(counter.get(), whole(size)), stop)
    builder.cbranch(fits, body, done)
    builder.position_at_end(body)
    here = counter.get()
    yield here
    counter.set(builder.add(here, whole(size)))
    builder.branch(test)
    builder.position_at_end(done)


def tiles(builder: ir.IRBuilder, stop: ir.Value, sizes: tuple[int, ...]) -> Iterator[tuple[int, ir.Value]]:
    """Cover 0 … stop with blocks of the first size, the rest with the next, …: emits one loop for each size.

    The body of the Python loop that runs over `tiles` is emitted once for each size.
    """
    counter = Variable(builder, INDEX)
    counter.set(whole(0))
    for size in sizes:
        with steps(builder, counter, stop, size) as here:
            yield size, here


def pointer(context: Any, builder: ir.IRBuilder, array_type: Any, array: ir.Value) -> Pointer:
    """The address of a Numba array's elements."""
    view = context.make_array(array_type)(context, builder, array)
    return Pointer(builder, view.data, context.get_value_type(array_type.dtype))
