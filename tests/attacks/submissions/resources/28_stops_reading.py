"""Ask for more and more answers, and never read one.

Row: 28
Expect: did not finish|called too often
"""

from burglar import ASK, frame, send, spelled

BODY = bytes(8 << 20)
ARRAY = b'{"t":"array","d":"float64","s":[1048576]}'
TREE = spelled({"id": 0, "kwargs": {}, "args": ["RAW"]}, ARRAY)


def walk(f, x, *, steps, rng):
    while True:
        send(frame(ASK, 1, TREE, BODY))
