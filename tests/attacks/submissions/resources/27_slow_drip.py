"""Send a reply byte by byte, each before patience ends.

Row: 27
Expect: did not finish within
"""

import time

from burglar import EMPTY, REPLY, frame, send


def add(a, b):
    for byte in frame(REPLY, 1, EMPTY) * 9:
        send(bytes([byte]))
        time.sleep(0.05)
