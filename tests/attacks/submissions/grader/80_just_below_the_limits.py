"""Take just less than a call may take, in every call.

Row: 80
Expect: wrong values|used up
"""

import time


def add(a, b):
    time.sleep(0.6)
    return a * 0


def walk(f, x, *, steps, rng):
    time.sleep(0.6)
    return 0.0
