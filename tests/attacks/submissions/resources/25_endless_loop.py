"""Loop for ever, with every signal ignored.

Row: 25
Expect: did not finish within
"""

import signal


def add(a, b):
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    while True:
        pass
