"""Ask with an array in place of the list of arguments: each of its bytes becomes an object.

Row: 74
Expect: did not finish|malformed call
"""

from burglar import ASK, frame, send, spelled

SIZE = 32 << 20
CROWD = b'{"t":"array","d":"uint8","s":[%d]}' % SIZE
TREE = spelled({"id": 0, "kwargs": {}, "args": "RAW"}, CROWD)


def walk(f, x, *, steps, rng):
    send(frame(ASK, 1, TREE, bytes(SIZE)))
    while True:
        pass
