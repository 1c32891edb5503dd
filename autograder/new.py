"""Start an assignment: two folders that are small, complete and proved at once.

    id -> [new] -> assignments/<id>/ + solutions/<id>/

Comments in the files say what to write next.
"""

from __future__ import annotations

import re
from pathlib import Path

from autograder.errors import UsageError

FILES = Path(__file__).resolve().parent / "new_files"
ID = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
MARK = "@ID@"  # in the files, for the assignment's id


def create(root: Path, assignment_id: str) -> list[Path]:
    """Write both folders of a new assignment and return the files.

    Args:
        root: the folder that holds assignments/ and solutions/.
        assignment_id: what the two folders are called.

    Raises:
        UsageError: that is no name for an assignment, or one of the folders exists.
    """
    if not ID.fullmatch(assignment_id):
        raise UsageError(
            f"{assignment_id!r} is no name for an assignment\n"
            "  expected  lower-case letters, digits and single underscores, a letter first\n"
            "  fix       autograder new hw5_example"
        )
    folders = {part: root / part / assignment_id for part in ("assignments", "solutions")}
    for folder in folders.values():
        if folder.exists():
            raise UsageError(
                f"{folder} exists already\n"
                "  expected  neither folder of a new assignment\n"
                "  fix       choose another name, or remove the folder yourself"
            )
    written = []
    for part, folder in folders.items():
        for source in sorted((FILES / part).rglob("*")):
            if source.is_file() and source.suffix != ".pyc":
                path = folder / source.relative_to(FILES / part)
                path.parent.mkdir(parents=True, exist_ok=True)
                text = source.read_text(encoding="utf-8").replace(MARK, assignment_id)
                path.write_text(text, encoding="utf-8")
                written.append(path)
    return written
