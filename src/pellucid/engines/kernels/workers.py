"""Workers: threads that share a batch, meet at barriers, and give the same bits for the same number of them."""

import threading
import time
from typing import Any

from llvmlite import ir

from .emit import Pointer, Variable, const_i64
from .jit import emitted

# Places in `sync`, on cache lines of their own. Ctrl-C sets STOP from outside; AGREED is what all workers read of it.
ARRIVED, ROUND, STOP, AGREED = 0, 8, 16, 24
FAILED = -1
"""At STOP, in plain Python: another worker raised an exception and will not come."""
SPINS_BEFORE_YIELD = 4096
"""Looks at the barrier before a waiting worker offers its core to others."""

_lock = threading.Lock()


def barrier_meaning(sync: Any, threads: int) -> None:
    """Wait until all workers are here."""
    if threads < 2:
        return
    with _lock:
        now = int(sync[ROUND])
        sync[ARRIVED] += 1
        if sync[ARRIVED] == threads:
            sync[ARRIVED] = 0
            sync[ROUND] = now + 1
    while sync[ROUND] == now:
        if sync[STOP] == FAILED:
            raise threading.BrokenBarrierError
        time.sleep(0)


def peek_meaning(sync: Any, place: int) -> int:
    """The number at a place that another thread may write."""
    return int(sync[place])


@emitted("ai", peek_meaning, returns=True)
def peek(builder: ir.IRBuilder, sync: Pointer, place: Any) -> ir.Value:
    """See `peek_meaning`; as a double, like all that emitted functions give back."""
    value = builder.load_atomic(sync.at(place).address, "monotonic", 8, typ=ir.IntType(64))
    return builder.sitofp(value, ir.DoubleType())


@emitted("ai", barrier_meaning)
def barrier(builder: ir.IRBuilder, sync: Pointer, threads: Any) -> None:
    """The last to arrive starts a new round; the others watch its number."""
    with builder.if_then(builder.icmp_signed(">", threads, const_i64(1))):
        arrived, rounds = sync.at(const_i64(ARRIVED)).address, sync.at(const_i64(ROUND)).address
        now = builder.load_atomic(rounds, "acquire", 8, typ=ir.IntType(64))
        before = builder.atomic_rmw("add", arrived, const_i64(1), "acq_rel")
        with builder.if_else(builder.icmp_signed("==", builder.add(before, const_i64(1)), threads)) as (last, others):
            with last:
                builder.store_atomic(const_i64(0), arrived, "release", 8)
                builder.store_atomic(builder.add(now, const_i64(1)), rounds, "release", 8)
            with others:
                watch(builder, rounds, now)


def watch(builder: ir.IRBuilder, rounds: ir.Value, now: ir.Value) -> None:
    """Look until the round's number changes; after some looks, let other threads run between two."""
    looks = Variable(builder, const_i64(0))
    look, wait, rest, done = (builder.append_basic_block(name) for name in ("look", "wait", "rest", "done"))
    builder.branch(look)
    builder.position_at_end(look)
    same = builder.icmp_signed("==", builder.load_atomic(rounds, "acquire", 8, typ=ir.IntType(64)), now)
    builder.cbranch(same, wait, done)
    builder.position_at_end(wait)
    looks.set(builder.add(looks.get(), const_i64(1)))
    builder.cbranch(builder.icmp_signed("<", looks.get(), const_i64(SPINS_BEFORE_YIELD)), look, rest)
    builder.position_at_end(rest)
    module = builder.module
    kind = ir.FunctionType(ir.IntType(32), [])
    builder.call(module.globals.get("sched_yield") or ir.Function(module, kind, "sched_yield"), [])
    builder.branch(look)
    builder.position_at_end(done)
