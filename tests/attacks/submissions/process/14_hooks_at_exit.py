"""Leave hooks that change the result when the process ends.

Row: 14
Expect: called exit
"""

import atexit
import sys
import threading

from burglar import EMPTY, REPLY, frame, send


def forge():
    for seq in range(1, 9):
        send(frame(REPLY, seq, EMPTY))


class AtDeath:
    def __del__(self):
        forge()


kept = AtDeath()
atexit.register(forge)
threading._register_atexit(forge)


def add(a, b):
    sys.exit(0)
