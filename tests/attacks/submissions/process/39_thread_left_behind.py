"""Leave threads that go on forging replies after the function has returned.

Row: 39
Expect: found None|out of order|wrote to
"""

import threading

from burglar import EMPTY, REPLY, frame, send


def forge():
    while True:
        for seq in range(1, 9):
            send(frame(REPLY, seq, EMPTY))


def add(a, b):
    for _ in range(4):
        threading.Thread(target=forge, daemon=True).start()
    return
