"""Reply with JSON that is deep, wide and wrong, and with claims that are not true.

Row: 37
Expect: reply|does not|did not
"""

import os

from burglar import EMPTY, REPLY, frame, reply_to_first, send

BOMBS = {
    (3,): b"[" * 200_000,
    (5,): b"[" + b"0," * 500_000 + b"0]",
    (3, 4): b'{"t":"int","v":"' + b"f" * 1_000_000 + b'"}',  # spelled out: no encoder says this
}


def add(a, b):
    reply_to_first(BOMBS[a.shape])


def walk(f, x, *, steps, rng):
    send(frame(REPLY, 1, EMPTY, claim=(len(EMPTY), 1 << 62)))
    os.read(0, 1)
    import time

    time.sleep(60)
