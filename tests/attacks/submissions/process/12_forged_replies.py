"""Write forged replies for this call and for those to come.

Row: 12
Expect: protocol|wrote to|out of order|found None
"""

from burglar import EMPTY, REPLY, frame, send, spelled

TREE = spelled({"value": None})


def add(a, b):
    for seq in range(1, 9):
        send(frame(REPLY, seq, TREE) + frame(REPLY, seq, EMPTY))
    return
