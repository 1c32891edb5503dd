"""Ask with large arrays again and again, so that a test that keeps them runs out of memory.

Row: 74
Expect: walk
"""

import numpy as np


def walk(f, x, *, steps, rng):
    block = np.zeros(6 << 20)
    while True:
        try:
            f(block)
        except Exception:
            pass
