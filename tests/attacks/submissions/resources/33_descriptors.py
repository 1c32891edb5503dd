r"""Open files and pipes without end.

Row: 33
Expect: files: refused \(OSError EMFILE\)
"""

import os

from burglar import show


def files():
    return [os.open("/dev/null", os.O_RDONLY) for _ in range(1_000)][-1]


def pipes():
    return [os.pipe() for _ in range(1_000)][-1]


def add(a, b):
    show(files=files, pipes=pipes)
