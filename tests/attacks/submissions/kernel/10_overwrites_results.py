"""Overwrite, truncate, rename, unlink and replace the file with the results.

Row: 10
Expect: written: refused
"""

import os

from burglar import RESULTS, show

FOLDER = os.path.dirname(RESULTS)
FORGED = '{"score": 100}\n'


def written(path=RESULTS):
    with open(path, "w") as file:
        return file.write(FORGED)


def replaced():
    written("forged")
    os.replace("forged", RESULTS)
    return "replaced"


def add(a, b):
    show(
        written=written,
        beside=lambda: written(RESULTS + ".new"),
        truncated=lambda: os.truncate(RESULTS, 0) or "truncated",
        replaced=replaced,
        renamed=lambda: os.rename(RESULTS, RESULTS + ".old") or "renamed",
        unlinked=lambda: os.unlink(RESULTS) or "unlinked",
        linked=lambda: os.symlink("/dev/null", FOLDER + "/link") or "linked",
        folder=lambda: os.mkdir(FOLDER + "/folder") or "made",
        moved=lambda: os.rename(FOLDER, FOLDER + "-old") or "moved",
    )
