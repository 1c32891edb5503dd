"""Raise exceptions that cannot be printed, and whose classes lie about their names.

Row: 38
Expect: raised (Value|Exception|Name)
"""

import numpy as np


class Lying(type):
    def __getattribute__(cls, name):
        if name == "__name__":
            return np.zeros(3)
        return type.__getattribute__(cls, name)


class ValueError(ValueError, metaclass=Lying):  # noqa: A001
    def __str__(self):
        raise SystemExit(0)

    __repr__ = __str__


def add(a, b):
    raise ValueError(a)
