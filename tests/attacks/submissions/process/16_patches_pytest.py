"""Patch pytest's reports, so that every test passes.

Row: 16
Expect: pytest: refused
"""

from burglar import SITE, show


def patch():
    import _pytest.reports
    import _pytest.runner

    _pytest.reports.TestReport.outcome = property(lambda self: "passed")
    _pytest.runner.CallInfo.excinfo = None
    return "patched"


def by_path():
    import sys

    sys.path.append(SITE)
    try:
        return patch()
    finally:
        sys.path.pop()


def add(a, b):
    show(pytest=patch, pytest_by_path=by_path)
