"""Look for secret-named result files and their names.

Row: 22
Expect: temporary: refused
"""

import os

from burglar import RESULTS, ROOT, show, unless


def below(folder):
    return [name for _, dirs, files in os.walk(folder) for name in dirs + files]


def add(a, b):
    own = [os.path.basename(os.getcwd())]
    names = [name for name in below("/tmp") if name not in own and not name.startswith("worker")]
    show(
        temporary=lambda: unless(names, []),
        folder=lambda: os.listdir(os.path.dirname(RESULTS)),
        course=lambda: unless(below(ROOT), []),
    )
