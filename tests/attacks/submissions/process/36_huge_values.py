"""Return an array of 128 MB, an integer of a million bits, a text of 100 MB.

Row: 36
Expect: returned what cannot be compared
"""

import numpy as np


def add(a, b):
    if a.shape == (3,):
        return np.zeros(16 << 20)
    return 1 << 1_000_000


def walk(f, x, *, steps, rng):
    return "x" * (100 << 20)
