"""Return arrays of objects, records, dates and texts.

Row: 20
Expect: returned what cannot be compared
"""

import numpy as np


class Equal:
    def __eq__(self, other):
        return True

    __hash__ = None


def add(a, b):
    if a.shape == (3,):
        return np.array([Equal(), Equal(), Equal()], dtype=object)
    if a.shape == (5,):
        return np.zeros(5, dtype="M8[s]")
    return np.zeros((3, 4), dtype=[("value", "f8")])
