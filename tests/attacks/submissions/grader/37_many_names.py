"""Reply with so many names that looking each of them up in the long file takes minutes.

Row: 37
Expect: found None|malformed
"""

from burglar import reply_to_first, spelled


def add(a, b):
    reply_to_first(spelled({"value": None, "names": ["x" + "y" * 9] * 45_000}))


# What follows makes the file as long as a file may be; the tests append it.
