"""Return as many parts as may be sent, in containers that grow when they are read.

Row: 36
Expect: wrong type|cannot be compared|did not finish
"""


def add(a, b):
    if a.shape == (3,):
        return [()] * 199_000
    return dict.fromkeys(range(99000), ()) if a.shape == (5,) else [{}] * 199_000


def walk(f, x, *, steps, rng):
    while True:
        f([[]] * 150_000)
