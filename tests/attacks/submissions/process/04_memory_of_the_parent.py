r"""Search this process's own memory for what it inherited from the grader.

Row: 4
Expect: heap: refused \(LookupError no canary\)
"""

import ctypes
import os

from burglar import LIBC, canaries, show

PAGE = 4096
REACH = 24 << 20


def memory_around(thing):
    """Read all readable pages near an object; a pipe refuses bad addresses without a crash."""
    reading, writing = os.pipe()
    LIBC.write.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t]
    pages = []
    start = (id(thing) - REACH) // PAGE * PAGE
    for address in range(max(start, PAGE), start + 2 * REACH, PAGE):
        if LIBC.write(writing, address, PAGE) == PAGE:
            pages.append(os.read(reading, PAGE))
    assert len(pages) > 100, "this should have read its own heap"
    return b"".join(pages)


def add(a, b):
    show(heap=lambda: canaries(memory_around([])))
