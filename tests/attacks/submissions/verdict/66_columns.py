"""Return columns and rows, which broadcast against what is right.

Row: 66
Expect: wrong shape
"""


def add(a, b):
    return (a + b)[..., None] if a.ndim == 1 else (a + b).T
