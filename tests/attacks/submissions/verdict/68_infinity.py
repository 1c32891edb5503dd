"""Return infinity and huge numbers, which widen a careless tolerance.

Row: 68
Expect: NaN or infinite
"""

import numpy as np


def add(a, b):
    return a + np.inf if a.shape == (3,) else np.full(a.shape, 1e308)


def walk(f, x, *, steps, rng):
    for _ in range(steps):
        f(x)
    return float("inf")
