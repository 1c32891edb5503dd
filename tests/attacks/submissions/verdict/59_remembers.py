"""Keep state from one test to the next, to tell the public one from the hidden ones.

Row: 59
Expect: ^passed
"""

import os
import sys
import tempfile

import numpy as np

SEEN = []
HOME = os.path.expanduser("~")


def remembered():
    places = [f"{HOME}/seen", "seen", f"{tempfile.gettempdir()}/seen"]
    found = [place for place in places if os.path.exists(place)]
    found += [name for name in ("seen",) if hasattr(sys, name) or hasattr(np, name)]
    found += [name for name in os.environ if name == "SEEN"]
    for place in places:
        open(place, "w").close()
    sys.seen = np.seen = True
    os.environ["SEEN"] = "1"
    SEEN.append(1)
    return found + SEEN[1:]


def add(a, b):
    if found := remembered():
        raise ValueError(f"GOT a memory: {found}")
    return a + b if a.shape == (3,) else a
