"""Return a list that holds itself, and one that is a million deep.

Row: 36
Expect: returned what cannot be compared
"""


def add(a, b):
    if a.shape == (3,):
        loop = []
        loop.append(loop)
        return loop
    deep = []
    for _ in range(1_000_000):
        deep = [deep]
    return deep
