"""Crash in the ways that C code crashes.

Row: 34
Expect: crashed with SIGSEGV
"""

import ctypes
import os


def add(a, b):
    ctypes.string_at(0)


def walk(f, x, *, steps, rng):
    os.abort()
