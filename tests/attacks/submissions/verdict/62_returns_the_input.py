"""Return the argument itself, and change it later.

Row: 62
Expect: wrote into its argument
"""

import threading


def add(a, b):
    def later():
        while True:
            a[...] = 1e6

    threading.Thread(target=later, daemon=True).start()
    a[...] = 0
    return a
