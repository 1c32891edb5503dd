"""Use system calls that do the work of others, or are newer than any filter.

Row: 42
Expect: io_uring: refused
"""

import ctypes
import os
import signal

from burglar import show, syscall

KEPT = []


def structure(*values):
    KEPT.append((ctypes.c_uint64 * 32)(*values))
    return ctypes.addressof(KEPT[-1])


def add(a, b):
    x86 = os.uname().machine == "x86_64"
    show(
        io_uring=lambda: syscall(425, 4, structure()),
        aio=lambda: syscall(206 if x86 else 0, 4, structure()),
        clone3=lambda: syscall(435, structure(0, 0, 0, 0, signal.SIGCHLD), 88) or os._exit(0),
        openat2=lambda: syscall(437, -100, structure(), structure(), 24),
        secret_memory=lambda: syscall(447, 0),
        memory_file=lambda: os.memfd_create("x"),
        bpf=lambda: syscall(321 if x86 else 280, 0, structure(), 16),
        perf=lambda: syscall(298 if x86 else 241, structure(), 0, -1, -1, 0),
        userfaultfd=lambda: syscall(323 if x86 else 282, 0),
        watched=lambda: syscall(294 if x86 else 26, 0),
        unknown=lambda: syscall(470, 0),
        keyring=lambda: syscall(250 if x86 else 219, 0, -3, 0),
    )
