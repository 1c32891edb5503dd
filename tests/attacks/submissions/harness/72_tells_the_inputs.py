"""Tell the hidden inputs: print them, raise them, return them, name things after them.

Row: 72
Expect: TOLD
"""

import sys
import warnings

import numpy as np


def add(a, b):
    text = f"TOLD {a.ravel().tolist()} {b.ravel().tolist()}"
    print(text)
    print(text, file=sys.stderr)
    warnings.warn(text, stacklevel=1)
    if a.shape == (3,):
        raise ValueError(text)
    if a.shape == (5,):
        name = "_".join(["TOLD", *(f"{x:.0f}" for x in a)])
        error = type(name, (ValueError,), {})
        raise error(text)
    return {text: np.array([text])}


def walk(f, x, *, steps, rng):
    print(f"TOLD {x}")
    return f"TOLD {x} {rng.bit_generator.state}"
