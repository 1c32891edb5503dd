"""Read hidden tests, the reference and the answer key by their paths, in seven ways.

Row: 5
Expect: opened: refused
"""

import ctypes
import linecache
import mmap
import os

import numpy as np

from burglar import LIBC, ROOT, SECRET, show, unless

HIDDEN = f"{ROOT}/solutions/hw0_toy/hidden_tests/test_add.py"


def by_libc():
    LIBC.fopen.restype = ctypes.c_void_p
    file = LIBC.fopen(SECRET.encode(), b"r")
    if not file:
        raise OSError(ctypes.get_errno(), "fopen")
    return file


def mapped():
    with open(HIDDEN, "rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as region:
        return region[:]


def linked():
    os.link(SECRET, "copy")
    return open("copy").read()


def add(a, b):
    show(
        opened=lambda: open(SECRET).read(),
        hidden=lambda: open(HIDDEN).read(),
        reference=lambda: open(f"{ROOT}/solutions/hw0_toy/toy.py").read(),
        libc=by_libc,
        numpy=lambda: np.fromfile(SECRET, dtype="S1"),
        cached=lambda: unless(linecache.getlines(SECRET), []),
        mapped=mapped,
        linked=linked,
        listed=lambda: os.listdir(f"{ROOT}/solutions"),
        upwards=lambda: open("/proc/self/root" + SECRET).read(),
    )
