"""Return an array that turns into whatever somebody hopes for when it is converted.

Row: 18
Expect: returned what cannot be compared|wrong
"""

import numpy as np


class Chameleon(np.ndarray):
    def __array__(self, *args, **kwargs):
        return np.full(self.shape, np.nan)

    def tobytes(self, order="C"):
        return b"\x00\x00\x00\x00\x00\x00\xf8\x7f" * 24

    @property
    def shape(self):
        return ()

    @property
    def dtype(self):
        return np.dtype(bool)


def add(a, b):
    return np.zeros(a.shape).view(Chameleon)
