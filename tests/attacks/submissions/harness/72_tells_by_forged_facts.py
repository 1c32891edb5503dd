"""Spell the hidden inputs with the names that a forged reply may mention.

Row: 72
Expect: wrote into its argument|found None|malformed reply$
"""

from burglar import reply_to_first, spelled

zero = one = None  # words of this file may be named


def add(a, b):
    bits = "".join(f"{int(abs(x)):020b}" for x in a.ravel())
    names = ["one" if bit == "1" else "zero" for bit in bits]
    reply_to_first(spelled({"value": None, "names": names, "changed": names}))
