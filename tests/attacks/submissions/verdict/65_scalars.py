"""Return one number in place of an array, and an array in place of a number.

Row: 65
Expect: wrong (type|shape)
"""

import numpy as np


def add(a, b):
    if a.shape == (3,):
        return 2.0
    return np.array(2e6) if a.shape == (5,) else np.float64(2e6)


def walk(f, x, *, steps, rng):
    for _ in range(steps):
        f(x)
    return np.full((1,), 8.0)
