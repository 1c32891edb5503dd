r"""Call the function that the test passes in for ever.

Row: 74
Expect: did not finish|more than \d+ calls
"""


def walk(f, x, *, steps, rng):
    while True:
        f(x)
