"""A small assembler for seccomp filters: blocks, one per system call, and an own-pid placeholder.

    blocks -> [Program] -> bytes of struct sock_filter[], once for all workers but for the pid

A filter sees the machine, the call's number and its arguments as numbers. Every block begins with
the number in the accumulator; if it is not the block's own, it jumps behind the block, and
otherwise ends in a verdict. So blocks can stand in any order.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

ALLOW = 0x7FFF0000
KILL = 0x80000000  # the whole process, with SIGSYS
_ERRNO = 0x00050000

OWN_PID = -1  # stands for a number that is known only in the worker
_LOAD, _RETURN = 0x20, 0x06  # BPF_LD | BPF_W | BPF_ABS; BPF_RET | BPF_K
_IF_EQUAL, _IF_AT_LEAST, _IF_ANY_BIT = 0x15, 0x35, 0x45  # BPF_JMP | ... | BPF_K
_AND = 0x54  # BPF_ALU | BPF_AND | BPF_K
_NUMBER, _MACHINE, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data
_FILTER = struct.Struct("=HBBI")

Instruction = tuple[int, int, int, int]  # code, jump if true, jump if false, operand
Block = list[Instruction]


def refuse_with(errno: int) -> int:
    """Return the verdict that makes a call fail with this error."""
    return _ERRNO | errno


def prologue(machine: int, *, first_unknown: int, unknown: int, foreign_bit: int | None) -> Block:
    """Check the machine, then leave the call's number in the accumulator.

    Args:
        machine: AUDIT_ARCH of the table; any other is killed: its numbers mean other calls.
        first_unknown: this number and all above get the verdict `unknown`.
        foreign_bit: numbers with this bit belong to another ABI (x32) and are killed.
    """
    block = [
        (_LOAD, 0, 0, _MACHINE),
        (_IF_EQUAL, 1, 0, machine),
        (_RETURN, 0, 0, KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]
    if foreign_bit is not None:
        block += [(_IF_AT_LEAST, 0, 1, foreign_bit), (_RETURN, 0, 0, KILL)]
    return [*block, (_IF_AT_LEAST, 0, 1, first_unknown), (_RETURN, 0, 0, unknown)]


def refuse(number: int, verdict: int) -> Block:
    """Refuse a call whatever its arguments."""
    return [(_IF_EQUAL, 0, 1, number), (_RETURN, 0, 0, verdict)]


def only(number: int, argument: int, values: Sequence[int], verdict: int) -> Block:
    """Refuse a call unless an argument is one of these values (32 bits of it count)."""
    last = len(values)
    checks = [(_IF_EQUAL, last - n, 0, value) for n, value in enumerate(values)]
    return _block(number, [_load(argument), *checks, *_verdicts(verdict, ALLOW)])


def all_but(number: int, argument: int, values: Sequence[int], verdict: int) -> Block:
    """Refuse a call if an argument is one of these values."""
    last = len(values)
    checks = [(_IF_EQUAL, last - n, 0, value) for n, value in enumerate(values)]
    return _block(number, [_load(argument), *checks, *_verdicts(ALLOW, verdict)])


def without_bits(number: int, argument: int, bits: int, verdict: int) -> Block:
    """Refuse a call if an argument has any of these bits."""
    check = (_IF_ANY_BIT, 1, 0, bits)
    return _block(number, [_load(argument), check, *_verdicts(ALLOW, verdict)])


def not_exactly(number: int, argument: int, mask: int, value: int, verdict: int) -> Block:
    """Refuse a call if an argument, masked, equals a value."""
    checks = [(_AND, 0, 0, mask), (_IF_EQUAL, 1, 0, value)]
    return _block(number, [_load(argument), *checks, *_verdicts(ALLOW, verdict)])


def with_and_without(
    number: int, argument: int, *, needed: int, forbidden: int, verdict: int
) -> Block:
    """Refuse a call unless an argument has one of the needed bits and none of the forbidden."""
    checks = [(_IF_ANY_BIT, 1, 0, forbidden), (_IF_ANY_BIT, 1, 0, needed)]
    return _block(number, [_load(argument), *checks, *_verdicts(verdict, ALLOW)])


def only_pair(
    number: int, first: tuple[int, int], second: tuple[int, Sequence[int]], verdict: int
) -> Block:
    """Refuse a call unless one argument has a value and another one of some values.

    Args:
        first: (argument, value).
        second: (argument, values).
    """
    values = second[1]
    last = len(values)
    checks = [(_IF_EQUAL, last - n, 0, value) for n, value in enumerate(values)]
    rest = [_load(second[0]), *checks, *_verdicts(verdict, ALLOW)]
    return _block(number, [_load(first[0]), (_IF_EQUAL, 0, len(rest) - 2, first[1]), *rest])


@dataclass(frozen=True, slots=True)
class Program:
    """A filter, assembled but for the pid of the process that will load it."""

    template: bytes
    pid_offsets: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.template) // _FILTER.size

    def for_pid(self, pid: int) -> bytearray:
        """Return the filter for one process."""
        code = bytearray(self.template)
        for offset in self.pid_offsets:
            struct.pack_into("=I", code, offset, pid)
        return code


def assemble(blocks: Iterable[Block]) -> Program:
    """Join blocks; a call that none of them refuses is allowed."""
    instructions = [instruction for block in blocks for instruction in block]
    instructions.append((_RETURN, 0, 0, ALLOW))
    pids = [n for n, (*_, operand) in enumerate(instructions) if operand == OWN_PID]
    return Program(
        b"".join(
            _FILTER.pack(code, yes, no, 0 if operand == OWN_PID else operand)
            for code, yes, no, operand in instructions
        ),
        tuple(n * _FILTER.size + 4 for n in pids),
    )


def _load(argument: int) -> Instruction:
    """Load the low half of an argument; both machines are little-endian."""
    return (_LOAD, 0, 0, _ARGUMENTS + 8 * argument)


def _verdicts(reached_by_falling: int, reached_by_jump: int) -> Block:
    return [(_RETURN, 0, 0, reached_by_falling), (_RETURN, 0, 0, reached_by_jump)]


def _block(number: int, body: Block) -> Block:
    return [(_IF_EQUAL, 0, len(body), number), *body]
