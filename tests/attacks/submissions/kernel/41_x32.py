"""Enter the kernel by the x32 table.

Row: 41
Expect: SIGSYS|not an x86 machine|ENOSYS
"""

import os

from burglar import show, syscall

X32, GETPID = 0x40000000, 39


def add(a, b):
    if os.uname().machine != "x86_64":
        raise OSError("not an x86 machine")
    show(x32=lambda: syscall(X32 | GETPID))
