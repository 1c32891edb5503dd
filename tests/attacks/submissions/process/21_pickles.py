"""Return what would run code where it is unpickled.

Row: 21
Expect: returned what cannot be compared|found an object of the class
"""

import numpy as np

from burglar import RESULTS


class Payload:
    def __reduce__(self):
        return open, (RESULTS, "w")

    def __reduce_ex__(self, protocol):
        return self.__reduce__()

    def __array__(self, *args, **kwargs):
        return np.array([self], dtype=object)


def add(a, b):
    return Payload() if a.shape == (3,) else np.array([Payload()] * 5, dtype=object)
