"""Write as much as possible, wherever possible.

Row: 32
Expect: elsewhere: refused|was killed
"""

import os
import time

from burglar import TOKEN, Loot, attempt

PLACES = ("/tmp", "/var/tmp", "/dev/shm", "/run/lock", "/", "/root", "/home", "/autograder")


def fill(folder):
    """Write files of 8 MB, more than may be there together, and keep them for a while."""
    written = 0
    for number in range(12):
        with open(f"{folder}/{TOKEN}-{number}", "wb") as file:
            try:
                while file.tell() < 64 << 20:
                    file.write(bytes(1 << 20))
                    file.flush()
            except OSError:
                pass
            written += os.fstat(file.fileno()).st_size
    time.sleep(0.8)
    if written <= 64 << 20:
        raise OSError(28, "full")
    return written


def elsewhere():
    for place in PLACES:
        try:
            with open(f"{place}/{TOKEN}", "wb") as file:
                file.write(b"x")
            os.unlink(file.name)
        except OSError:
            continue
        return place
    raise OSError(30, "nowhere")


def add(a, b):
    lines = [attempt("elsewhere", elsewhere), attempt("own folder", lambda: fill("."))]
    raise Loot("\n".join(lines))
