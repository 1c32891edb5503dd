"""Wait for ever: for a lock that nobody opens, and stopped by a signal of one's own.

Row: 26
Expect: did not finish within
"""

import os
import signal
import threading


def add(a, b):
    if a.shape == (3,):
        os.kill(os.getpid(), signal.SIGSTOP)
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()
