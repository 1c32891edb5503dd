"""Change the arguments, so that the reference computes what is returned.

Row: 61
Expect: wrote into its argument
"""


def add(a, b):
    a[...] = 0
    b[...] = 0
    return a
