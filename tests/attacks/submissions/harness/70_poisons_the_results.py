"""Return and raise what is not valid in JSON: NaN, infinity, lone surrogates, NUL.

Row: 70
Expect: raised ValueError
"""

import numpy as np


def add(a, b):
    if a.shape == (3,):
        raise ValueError(f"NaN Infinity {float('nan')} \ud800 \udfff \x00 \x85 \u2028")
    return a * np.nan if a.shape == (5,) else a + np.inf
