"""Make namespaces of one's own, in which one is root, and mount what one likes.

Row: 46
Expect: user: refused
"""

import ctypes
import os
import signal

from burglar import LIBC, show, syscall

USER, MOUNT, NET = 0x10000000, 0x00020000, 0x40000000
X86 = os.uname().machine == "x86_64"


def unshare(flags):
    if LIBC.unshare(flags) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    return flags


def cloned():
    pid = syscall(56 if X86 else 220, USER | signal.SIGCHLD)
    if pid == 0:
        os._exit(0)
    return pid


def mounted():
    if LIBC.mount(b"none", os.getcwd().encode(), b"tmpfs", 0, None) != 0:
        raise OSError(ctypes.get_errno(), "mount")
    return "mounted"


def add(a, b):
    show(
        user=lambda: unshare(USER),
        user_and_mount=lambda: unshare(USER | MOUNT),
        net=lambda: unshare(NET),
        clone=cloned,
        mount=mounted,
        chroot=lambda: os.chroot(".") or "changed",
    )
