r"""Take memory in one piece, in many, and in other ways than malloc.

Row: 29
Expect: one piece: refused \(.*Memory
"""

import mmap

import numpy as np

from burglar import Loot, attempt

LIMIT = 400 << 20  # more than there is


def many_pieces():
    pieces = []
    while sum(map(len, pieces)) < LIMIT:
        pieces.append(bytes(1 << 20))
    return len(pieces)


def mapped():
    with mmap.mmap(-1, LIMIT) as region:
        return len(region)


def add(a, b):
    lines = [
        attempt("one piece", lambda: np.ones(LIMIT, dtype=np.uint8).size),
        attempt("many pieces", many_pieces),
        attempt("mapped", mapped),
    ]
    raise Loot("\n".join(lines))
