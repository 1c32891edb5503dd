"""Die by a signal that Python has no name for.

Row: 34
Expect: your code crashed
"""

import os


def add(a, b):
    os.kill(os.getpid(), 40)
