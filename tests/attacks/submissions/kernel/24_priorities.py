"""Change limits, priority and processors of the zygote and of the grader.

Row: 24
Expect: limit: refused
"""

import os
import resource

from burglar import GRADER, show

ZYGOTE = os.getppid()


def limit(pid):
    return resource.prlimit(pid, resource.RLIMIT_CORE)


def add(a, b):
    show(
        limit=lambda: limit(ZYGOTE),
        limit_of_grader=lambda: limit(int(GRADER)),
        priority=lambda: os.setpriority(os.PRIO_PROCESS, ZYGOTE, 0) or "set",
        priority_of_grader=lambda: os.setpriority(os.PRIO_PROCESS, int(GRADER), 0) or "set",
        processors=lambda: os.sched_setaffinity(ZYGOTE, os.sched_getaffinity(0)) or "set",
        scheduler=lambda: os.sched_setscheduler(ZYGOTE, os.SCHED_OTHER, os.sched_param(0)) or "set",
    )
