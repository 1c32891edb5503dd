"""Raise a builtin exception that is made differently from all others.

Row: 38
Expect: raised (ExceptionGroup|Exception|NameError)
"""


def add(a, b):
    raise ExceptionGroup("several", [ValueError(1)])  # noqa: F821 - Python 3.11


def walk(f, x, *, steps, rng):
    raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "no")
