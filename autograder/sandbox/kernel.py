"""System calls that Python has no name for.

Imports everywhere; where there is no Linux kernel, a call fails with OSError like one that the
kernel refuses, so that callers need one way to say "not here".
"""

from __future__ import annotations

import ctypes
import errno
import functools
import os
import sys

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
_CAPABILITY_VERSION_3 = 0x20080522
_MAX_ARGUMENTS = 6


def call(number: int, *arguments: int) -> int:
    """Make a system call by number; pointers are addresses. OSError if it fails."""
    padded = arguments + (0,) * (_MAX_ARGUMENTS - len(arguments))
    return _checked(_libc().syscall(number, *padded))


def prctl(option: int, value: int, more: int = 0) -> int:
    """Call prctl; OSError if it fails."""
    return _checked(_libc().prctl(option, value, more, 0, 0))


def madvise(start: int, size: int, advice: int) -> None:
    """Call madvise on this process's memory; OSError if it fails."""
    _checked(_libc().madvise(start, size, advice))


def drop_capabilities() -> None:
    """Give up every capability of this thread, for good once no_new_privs is set."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    _checked(_libc().capset(header, nothing))


@functools.cache
def _libc() -> ctypes.CDLL:
    if sys.platform != "linux":
        raise OSError(errno.ENOSYS, f"{sys.platform} is not Linux")
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.argtypes = [ctypes.c_long] * (1 + _MAX_ARGUMENTS)  # else an int is cut to 32 bits
    libc.syscall.restype = ctypes.c_long
    libc.prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4
    libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    return libc


def _checked(result: int) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result
