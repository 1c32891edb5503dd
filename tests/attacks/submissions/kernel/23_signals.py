"""Send signals that do nothing to the zygote, the grader, and everybody.

Row: 23
Expect: zygote: refused
"""

import os
import signal

from burglar import GRADER, show, syscall

TGKILL, SIGQUEUE, PIDFD_OPEN, PIDFD_SIGNAL = (234, 129, 434, 424)
if os.uname().machine == "aarch64":
    TGKILL, SIGQUEUE = 131, 138


def add(a, b):
    zygote = os.getppid()
    show(
        zygote=lambda: os.kill(zygote, signal.SIGCONT) or "sent",
        grader=lambda: os.kill(int(GRADER), signal.SIGCONT) or "sent",
        everybody=lambda: os.kill(-1, 0) or "sent",
        group=lambda: os.killpg(os.getpgid(zygote), 0) or "sent",
        thread=lambda: syscall(TGKILL, zygote, zygote, 0),
        queued=lambda: syscall(SIGQUEUE, zygote, 0, 0),
        by_descriptor=lambda: syscall(PIDFD_SIGNAL, syscall(PIDFD_OPEN, zygote, 0), 0, 0, 0),
    )
