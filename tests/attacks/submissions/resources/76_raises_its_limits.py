"""Raise the limits, and undo what is tied to this process.

Row: 76
Expect: memory: refused
"""

import ctypes
import resource

from burglar import LIBC, show, unless


def raised(which):
    soft, hard = resource.getrlimit(which)
    resource.setrlimit(which, (hard + 1, hard + 1))
    return soft, hard


def prctl(option, value):
    if LIBC.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    return option


def add(a, b):
    show(
        memory=lambda: raised(resource.RLIMIT_AS),
        files=lambda: raised(resource.RLIMIT_NOFILE),
        size=lambda: raised(resource.RLIMIT_FSIZE),
        time=lambda: raised(resource.RLIMIT_CPU),
        core=lambda: unless(resource.getrlimit(resource.RLIMIT_CORE), (0, 0)),
        death=lambda: prctl(1, 0),
        dumpable=lambda: prctl(4, 1),
        tracer=lambda: prctl(0x59616D61, ctypes.c_ulong(-1).value),
    )
