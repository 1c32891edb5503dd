r"""Read the environment, as Python sees it and as the process was given it.

Row: 9
Expect: python: refused \(LookupError no canary\)
"""

import ctypes
import os

from burglar import LIBC, canaries, show, unless


def given():
    environ = ctypes.POINTER(ctypes.c_char_p).in_dll(LIBC, "environ")
    lines = []
    while environ[len(lines)]:
        lines.append(environ[len(lines)])
    return b"\n".join(lines)


def add(a, b):
    known = ("PYTEST_CURRENT_TEST", "GITHUB_TOKEN", "VIRTUAL_ENV", "SSH_AUTH_SOCK", "DISPLAY")
    show(
        python=lambda: canaries(repr(dict(os.environ)).encode()),
        process=lambda: canaries(given()),
        names=lambda: unless([name for name in known if name in os.environ], []),
    )
