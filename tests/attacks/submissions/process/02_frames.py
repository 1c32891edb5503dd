r"""Read the test's local variables through the stack.

Row: 2
Expect: locals: refused \(LookupError nothing\)(.|\n)*files: refused
"""

import inspect

from burglar import show, unless


def add(a, b):
    stack = inspect.stack()
    names = [name for frame in stack for name in frame.frame.f_locals]
    files = [frame.filename for frame in stack]
    show(
        locals=lambda: unless([n for n in names if n in ("expected", "reference", "rng")], []),
        files=lambda: unless([f for f in files if "test_" in f or "pytest" in f], []),
    )
