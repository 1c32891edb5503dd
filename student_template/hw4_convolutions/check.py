"""Check your work: `python check.py`, or `python check.py QUESTION` for one question."""

import sys

if sys.hexversion < 0x030A0000:
    sys.exit(
        "Python 3.10 or newer is needed, and this is Python %d.%d:\n  %s\n"  # noqa: UP031
        "Get a newer one from https://www.python.org/downloads/, then type its name, for example\n"
        "  python3.12 check.py" % (sys.version_info[0], sys.version_info[1], sys.executable)
    )

from student_kit.environment import folder_of, stop_if_unusable

folder = folder_of(__file__)
stop_if_unusable(folder)

from student_kit.check import main  # noqa: E402 - only a Python that is new enough can read it

sys.exit(main(sys.argv[1:], folder, "hw4_convolutions"))
