"""Attach to the zygote and the grader, and copy their memory and descriptors.

Row: 7
Expect: attached to zygote: refused
"""

import ctypes
import os

from burglar import GRADER, LIBC, Loot, attempt, syscall

PTRACE_SEIZE, PTRACE_DETACH = 0x4206, 17
GETFD, OPEN, READV, KCMP = (
    (438, 434, 310, 312) if os.uname().machine == "x86_64" else (438, 434, 270, 272)
)


def attach(pid):
    LIBC.ptrace.argtypes = [ctypes.c_long] * 4
    LIBC.ptrace.restype = ctypes.c_long
    if LIBC.ptrace(PTRACE_SEIZE, pid, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "ptrace")
    LIBC.ptrace(PTRACE_DETACH, pid, 0, 0)
    return pid


def copy(pid):
    data = ctypes.create_string_buffer(16)
    iovec = (ctypes.c_size_t * 2)(ctypes.addressof(data), 16)
    return syscall(READV, pid, ctypes.addressof(iovec), 1, ctypes.addressof(iovec), 1)


def descriptor(pid):
    return syscall(GETFD, syscall(OPEN, pid, 0), 1, 0)


def add(a, b):
    lines = []
    for name, pid in (("zygote", os.getppid()), ("grader", int(GRADER))):
        lines.append(attempt(f"attached to {name}", lambda pid=pid: attach(pid)))
        lines.append(attempt(f"memory of {name}", lambda pid=pid: copy(pid)))
        lines.append(attempt(f"descriptor of {name}", lambda pid=pid: descriptor(pid)))
        lines.append(
            attempt(f"kcmp {name}", lambda pid=pid: syscall(KCMP, os.getpid(), pid, 0, 0, 0))
        )
    raise Loot("\n".join(lines))
