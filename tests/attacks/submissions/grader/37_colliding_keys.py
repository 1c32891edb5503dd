"""Reply with a dict whose keys all have the same hash.

Row: 37
Expect: found None|malformed
"""

from burglar import reply_to_first

PRIME = 2**61 - 1  # hash(n * PRIME) is 0 for each n


def add(a, b):
    pairs = b",".join(b'[{"t":"int","v":"%x"},0]' % (n * PRIME) for n in range(1, 12_000))
    reply_to_first(b'{"t":"pairs","v":[' + pairs + b"]}")
