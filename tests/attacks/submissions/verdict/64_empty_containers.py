"""Return containers and iterators that hold nothing.

Row: 64
Expect: wrong type
"""


def add(a, b):
    return {(3,): [], (5,): (), (3, 4): {}}[a.shape]


def walk(f, x, *, steps, rng):
    for _ in range(steps):
        f(x)
    return iter(())
