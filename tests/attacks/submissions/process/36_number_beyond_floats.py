"""Return an integer that no float can hold.

Row: 36
Expect: .
"""


def add(a, b):
    return 10**400


def walk(f, x, *, steps, rng):
    for _ in range(steps):
        f(x)
    return 10**400
