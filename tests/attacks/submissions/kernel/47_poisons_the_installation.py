"""Write into the interpreter's folders, for the next submission to import.

Row: 47
Expect: site: refused
"""

import os
import site
import sys

from burglar import ENGINE, SITE, TOKEN, show


def planted(folder):
    """Write a harmless file and take it away again."""
    path = f"{folder}/{TOKEN}.txt"
    with open(path, "x") as file:
        file.write("x")
    os.unlink(path)
    return path


def add(a, b):
    numpy = os.path.dirname(sys.modules["numpy"].__file__)
    show(
        site=lambda: planted(SITE),
        numpy=lambda: planted(numpy),
        cache=lambda: planted(f"{numpy}/__pycache__"),
        library=lambda: planted(os.path.dirname(os.__file__)),
        prefix=lambda: planted(sys.prefix),
        engine=lambda: planted(f"{ENGINE}/autograder"),
        kit=lambda: planted(f"{ENGINE}/student_kit"),
        user=lambda: planted(os.path.dirname(site.USER_BASE or os.path.expanduser("~/.local"))),
        appended=lambda: open(sys.modules["numpy"].__file__, "a").close() or "opened",
    )
