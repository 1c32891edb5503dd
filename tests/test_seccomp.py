"""The system-call filter, read by an interpreter of our own: for machines that are not here."""

from __future__ import annotations

import errno
import functools
import os
import re
import struct
from pathlib import Path

import pytest

from autograder.sandbox import (
    bpf,
    seccomp,
    syscalls,
)
from autograder.sandbox.seccomp import Part

ROOT = Path(__file__).resolve().parent.parent


def decide(code: bytes, machine: int, number: int, *arguments: int) -> int:
    """Return the verdict of a filter, as the kernel would."""
    padded = arguments + (0,) * (6 - len(arguments))
    values = [argument & 0xFFFF_FFFF_FFFF_FFFF for argument in padded]
    data = struct.pack("=IIQ6Q", number, machine, 0, *values)
    instructions = list(struct.iter_unpack("=HBBI", code))
    accumulator = position = 0
    while True:
        operation, yes, no, operand = instructions[position]
        position += 1
        if operation == 0x06:
            return operand
        if operation == 0x20:
            accumulator = struct.unpack_from("=I", data, operand)[0]
        elif operation == 0x54:
            accumulator &= operand
        else:
            tests = {
                0x15: accumulator == operand,
                0x35: accumulator >= operand,
                0x45: bool(accumulator & operand),
            }
            position += yes if tests[operation] else no


def judge(machine: str, number: int, *arguments: int, read_only: bool = False) -> int:
    """Return the verdict on a worker, which is under both parts of the filter: the harshest."""
    verdicts = [
        decide(part.for_pid(PID), AUDIT[machine], number, *arguments)
        for part in parts(machine, read_only)
    ]
    return min(verdicts, key=lambda verdict: (verdict != bpf.KILL, verdict))


@functools.cache
def parts(machine: str, read_only: bool) -> list[bpf.Program]:
    """Return both parts of the filter."""
    return [
        seccomp.build(Part.NEST, machine=machine),
        seccomp.build(Part.WORKER, read_only=read_only, machine=machine),
    ]


EPERM, ENOSYS, EROFS = map(bpf.refuse_with, (errno.EPERM, errno.ENOSYS, errno.EROFS))
AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
PID = 4321
THREAD = 0x3D0F00  # what pthread_create asks clone for
FORK = 0x01200011  # what fork asks clone for

RULES = [
    ("clone", (THREAD,), bpf.ALLOW),
    ("clone", (FORK,), EPERM),
    ("clone", (0x4111,), EPERM),  # vfork
    ("clone", (THREAD | 0x10000000,), EPERM),  # a thread in a new user namespace
    ("kill", (PID, 9), bpf.ALLOW),
    ("kill", (PID | 1 << 32, 9), bpf.ALLOW),  # the kernel looks at 32 bits
    ("kill", (PID - 1, 9), EPERM),
    ("kill", (0, 9), EPERM),
    ("kill", (-1, 9), EPERM),
    ("kill", (-PID, 9), EPERM),
    ("tgkill", (PID, PID + 1, 9), bpf.ALLOW),
    ("tgkill", (1, 1, 9), EPERM),
    ("tkill", (PID, 9), bpf.ALLOW),
    ("tkill", (PID + 1, 9), EPERM),
    ("prlimit64", (0, 7), bpf.ALLOW),
    ("prlimit64", (PID, 7), bpf.ALLOW),
    ("prlimit64", (1, 7), EPERM),
    ("sched_setaffinity", (0,), bpf.ALLOW),
    ("sched_setaffinity", (1,), EPERM),
    ("setpriority", (0, 0, 5), bpf.ALLOW),
    ("setpriority", (0, PID, 5), bpf.ALLOW),
    ("setpriority", (0, 1, 5), EPERM),
    ("setpriority", (1, 0, 5), EPERM),
    ("setpriority", (2, 0, 5), EPERM),
    ("prctl", (15,), bpf.ALLOW),
    ("prctl", (4, 1), EPERM),
    ("prctl", (22, 2), EPERM),
    ("prctl", (0x59616D61,), EPERM),  # let another process trace this one
    ("personality", (0xFFFFFFFF,), bpf.ALLOW),
    ("personality", (0x0040000,), EPERM),
    ("fcntl", (3, 1), bpf.ALLOW),
    ("fcntl", (3, 8, 1), EPERM),
    ("fcntl", (3, 15, 1), EPERM),
    ("ioctl", (0, 0x5401), bpf.ALLOW),
    ("ioctl", (0, 0x5412), EPERM),
    ("openat", (0, 0, os.O_RDONLY), bpf.ALLOW),
    ("openat", (0, 0, 0o1000), EPERM),  # read and truncate
    ("openat", (0, 0, 0o1101), bpf.ALLOW),  # Landlock's to judge
    ("clone3", (), ENOSYS),
    ("openat2", (), ENOSYS),
]
READ_ONLY_RULES = [
    ("openat", (0, 0, 0), bpf.ALLOW),
    ("openat", (0, 0, 0o2000000), bpf.ALLOW),  # close on exec
    ("openat", (0, 0, 1), EROFS),
    ("openat", (0, 0, 2), EROFS),
    ("openat", (0, 0, 3), EROFS),
    ("openat", (0, 0, 0o100), EROFS),
    ("openat", (0, 0, 0o1000), EROFS),
    ("mkdirat", (), EROFS),
    ("unlinkat", (), EROFS),
    ("renameat2", (), EROFS),
    ("linkat", (), EROFS),
    ("symlinkat", (), EROFS),
    ("kill", (1, 9), EPERM),
]


@pytest.mark.parametrize("machine", sorted(AUDIT))
@pytest.mark.parametrize(("read_only", "rules"), [(False, RULES), (True, READ_ONLY_RULES)])
def test_rules_that_look_at_arguments_decide_as_they_should(machine, read_only, rules):
    numbers = syscalls.numbers(machine)
    for name, arguments, verdict in rules:
        found = judge(machine, numbers[name], *arguments, read_only=read_only)
        assert found == verdict, (name, arguments, hex(found))


@pytest.mark.parametrize("machine", sorted(AUDIT))
def test_the_filter_refuses_what_it_names_and_nothing_else(machine):
    denied = (*seccomp._DENIED, *seccomp._DENIED_TO_WORKERS)
    names = {number: name for name, number in syscalls.numbers(machine).items()}
    for number in range(syscalls.FIRST_UNKNOWN):
        verdict = judge(machine, number)
        name = names.get(number)
        expected = EPERM if name in denied else bpf.ALLOW
        if name is not None and name not in (*denied, *seccomp._CHANGES_FILES):
            continue  # decided by its arguments
        assert verdict == expected, (number, name)
    for number in (syscalls.FIRST_UNKNOWN, 600, 0x3FFFFFFF):
        assert judge(machine, number) == ENOSYS
    foreign = bpf.KILL if machine == "x86_64" else ENOSYS
    assert judge(machine, 0x40000000 | 39) == foreign
    for part in parts(machine, False):
        for other in {*AUDIT.values(), 0x40000003} - {AUDIT[machine]}:
            assert decide(part.for_pid(PID), other, 39) == bpf.KILL


@pytest.mark.parametrize("machine", sorted(AUDIT))
def test_a_nest_may_fork_confine_and_kill_and_is_refused_the_rest(machine):
    """What a worker's part takes away, and nothing else, is open to a nest."""
    code = seccomp.build(Part.NEST, machine=machine).for_pid(PID)
    numbers = syscalls.numbers(machine)
    for name in seccomp._DENIED:
        if name in numbers:
            assert decide(code, AUDIT[machine], numbers[name]) == EPERM, name
    for name, *arguments in (
        ("clone", FORK),
        ("kill", PID + 1, 9),
        ("recvmsg",),
        ("seccomp", 1),
        ("landlock_restrict_self",),
        ("prctl", 1, 9),
    ):
        assert decide(code, AUDIT[machine], numbers[name], *arguments) == bpf.ALLOW, name


@pytest.mark.parametrize("machine", sorted(AUDIT))
def test_every_name_in_the_table_has_a_rule_and_every_rule_a_number(machine):
    named = {
        *(*seccomp._DENIED, *seccomp._DENIED_TO_WORKERS),
        *(*seccomp._MISSING, *seccomp._CHANGES_FILES),
    }
    known = {name for other in AUDIT for name in syscalls.numbers(other)}
    assert named <= known
    numbers = syscalls.numbers(machine)
    assert len(set(numbers.values())) == len(numbers)
    conditional = known - named
    assert conditional == {
        *("clone", "kill", "tkill", "tgkill", "prlimit64", "setpriority", "sched_setaffinity"),
        *("sched_setparam", "sched_setscheduler", "sched_setattr", "prctl", "personality"),
        *("fcntl", "ioctl", "open", "openat"),
    }


HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}


@pytest.mark.parametrize("machine", sorted(AUDIT))
def test_numbers_agree_with_the_kernels_headers(machine):
    path = HEADERS[machine]
    if not path.exists():
        pytest.skip(f"{path} is not installed")
    pattern = re.compile(r"^#define __NR(?:3264)?_(\w+)\s+(\d+)", re.MULTILINE)
    defined = {name: int(number) for name, number in pattern.findall(path.read_text())}
    numbers = syscalls.numbers(machine)
    checked = [name for name in numbers if name in defined]
    assert len(checked) > 100
    assert {name: numbers[name] for name in checked} == {name: defined[name] for name in checked}
    absent = set(syscalls.numbers("x86_64")) - set(numbers)
    assert not [name for name in absent if name in defined and name != "renameat"]


def test_a_machine_without_a_table_says_so():
    with pytest.raises(OSError, match="no table of system calls for riscv64"):
        seccomp.build(Part.NEST, machine="riscv64")
