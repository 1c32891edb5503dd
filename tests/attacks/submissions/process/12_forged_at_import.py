"""Write forged greetings and replies while the file is imported.

Row: 12
Expect: .
"""

from burglar import ANSWER, ASK, EMPTY, HELLO, REPLY, REQUEST, frame, send

for kind in (HELLO, REPLY, ASK, ANSWER, REQUEST):
    send(frame(kind, 0, EMPTY) + frame(kind, 1, EMPTY))


def add(a, b):
    return None
