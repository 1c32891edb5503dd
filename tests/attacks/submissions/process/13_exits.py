r"""End the process with status 0 before anything is compared.

Row: 13
Expect: ended the process \(exit code 0\)
"""

import os


def add(a, b):
    os._exit(0)


def walk(f, x, *, steps, rng):
    raise SystemExit(0)
