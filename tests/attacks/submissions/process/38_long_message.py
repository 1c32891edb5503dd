r"""Raise an exception with a message of 50 MB.

Row: 38
Expect: raised ValueError(.|\n)* \.\.\.
"""


def add(a, b):
    raise ValueError("x" * 50_000_000)
