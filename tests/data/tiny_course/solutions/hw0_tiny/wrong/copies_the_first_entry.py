"""A whole wrong submission."""

import numpy as np


def double(x):
    """Return the first entry, everywhere."""
    wrong_answer = np.full_like(x, 2.0 * x.flat[0])
    wrong_answer.setflags(write=True)
    return wrong_answer
