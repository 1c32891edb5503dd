"""Change mode, owner, times and attributes of the instructor's files.

Row: 78
Expect: mode: refused
"""

import os

from burglar import RESULTS, SECRET, show

MODE = os.stat(RESULTS).st_mode & 0o7777 if os.access(RESULTS, os.F_OK) else 0o644


def add(a, b):
    show(
        mode=lambda: os.chmod(RESULTS, MODE) or "changed",
        mode_of_folder=lambda: os.chmod(os.path.dirname(SECRET), 0o755) or "changed",
        owner=lambda: os.chown(RESULTS, -1, -1) or "changed",
        times=lambda: os.utime(RESULTS) or "changed",
        attribute=lambda: os.setxattr(RESULTS, b"user.x", b"x") or "changed",
        truncated=lambda: os.truncate(RESULTS, os.stat(RESULTS).st_size) or "changed",
        node=lambda: os.mknod(os.path.dirname(RESULTS) + "/node") or "made",
    )
