"""Wait for input, and run it.

Row: 13
Expect: EOFError
"""


def add(a, b):
    return eval(input("your answer? "))
