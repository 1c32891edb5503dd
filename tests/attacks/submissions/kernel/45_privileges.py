"""Become root again, or somebody else, or gain capabilities.

Row: 45
Expect: root: refused
"""

import ctypes
import os

from burglar import LIBC, show, syscall

CAPSET, CAPGET = (126, 125) if os.uname().machine == "x86_64" else (91, 90)


def capabilities():
    """Ask for all capabilities back."""
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    data = (ctypes.c_uint32 * 6)(0xFFFFFFFF, 0xFFFFFFFF, 0, 0, 0, 0)
    return syscall(CAPSET, ctypes.addressof(header), ctypes.addressof(data)) or "all"


def effective():
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    data = (ctypes.c_uint32 * 6)()
    syscall(CAPGET, ctypes.addressof(header), ctypes.addressof(data))
    if any(data[i] for i in (0, 1, 3, 4)):
        return list(data)
    raise LookupError("no capability")


def new_privileges():
    if LIBC.prctl(39, 0, 0, 0, 0) == 1:
        raise LookupError("no_new_privs is set")
    return "a set-uid program would work"


def add(a, b):
    show(
        root=lambda: os.setuid(0) or "root",
        all_three=lambda: os.setresuid(0, 0, 0) or "root",
        group=lambda: os.setresgid(0, 0, 0) or "root",
        groups=lambda: os.setgroups([0]) or "root",
        capabilities=capabilities,
        effective=effective,
        new_privileges=new_privileges,
    )
