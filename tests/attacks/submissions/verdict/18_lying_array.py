"""Return an array that is equal to everything.

Row: 18
Expect: wrong values in 3 of 3
"""

import numpy as np


class Liar(np.ndarray):
    def __eq__(self, other):
        return np.ones(self.shape, dtype=bool)

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return np.ones(self.shape, dtype=bool)

    def __array_function__(self, function, types, args, kwargs):
        return np.True_

    def all(self, *args, **kwargs):
        return np.True_

    __hash__ = None


def add(a, b):
    return np.zeros(a.shape).view(Liar)
