"""Return numbers, texts and lists that are equal to everything.

Row: 19
Expect: found (float|list|str|int)
"""


class Lies:
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    def __sub__(self, other):
        return 0.0

    __rsub__ = __add__ = __radd__ = __sub__

    def __le__(self, other):
        return True

    __ge__ = __lt__ = __gt__ = __le__

    def __hash__(self):
        return 0


class Float(Lies, float):
    pass


class List(Lies, list):
    pass


def add(a, b):
    return Float(0.0) if a.shape == (3,) else List([Float(0.0)] * 5)


def walk(f, x, *, steps, rng):
    for _ in range(steps):
        f(x)
    return Float(0.0)
