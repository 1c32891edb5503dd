"""Start children that survive: forks, daemons, a bomb.

Row: 30
Expect: fork: refused
"""

import ctypes
import multiprocessing
import os
import signal
import time

from burglar import LIBC, TOKEN, show, syscall

CLONE, VFORK = (56, 58) if os.uname().machine == "x86_64" else (220, 220)


def daemon():
    pid = os.fork()
    if pid == 0:
        os.setsid()
        if os.fork() == 0:
            LIBC.prctl(15, ctypes.create_string_buffer(TOKEN.encode()), 0, 0, 0)  # its name
            time.sleep(20)
        os._exit(0)
    return pid


def cloned():
    pid = syscall(CLONE, signal.SIGCHLD)
    if pid == 0:
        os._exit(0)
    return pid


def bomb():
    children = []
    for _ in range(20):
        pid = os.fork()
        if pid == 0:
            time.sleep(20)
            os._exit(0)
        children.append(pid)
    return children


def pooled():
    with multiprocessing.Pool(2) as pool:
        return pool.map(abs, [1])


def add(a, b):
    show(fork=daemon, clone=cloned, bomb=bomb, pool=pooled)
