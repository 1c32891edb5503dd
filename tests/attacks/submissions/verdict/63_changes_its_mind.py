"""Return a container that says something else each time that it is read.

Row: 63
Expect: wrong|cannot
"""

import numpy as np


class Fickle(list):
    reads = 0

    def __iter__(self):
        Fickle.reads += 1
        return iter([0.0] * Fickle.reads)

    def __len__(self):
        return 3

    def __getitem__(self, index):
        return 0.0


class FickleDict(dict):
    def items(self):
        return ((str(n), n) for n in iter(lambda: len(self), 1))


def add(a, b):
    if a.shape == (3,):
        return Fickle()
    if a.shape == (5,):
        return FickleDict()
    return (row for row in np.zeros((3, 4)))
