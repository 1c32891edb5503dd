"""Return the right values as complex, half-precision and whole numbers.

Row: 69
Expect: wrong dtype
"""

import numpy as np


def add(a, b):
    if a.shape == (3,):
        return (a + b).astype(complex)
    return (a + b).astype(np.float16 if a.shape == (5,) else np.int64)


def walk(f, x, *, steps, rng):
    for _ in range(steps):
        f(x)
    return True
