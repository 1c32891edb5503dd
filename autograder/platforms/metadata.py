"""What Gradescope says about a submission: submission_metadata.json, read with tolerance.

    BASE/submission_metadata.json -> [metadata] -> Metadata

The platform documents less than it writes, local runners write less than it documents, and some
leave the file empty. So nothing here is required, and no grade depends on it: the log does. The
shapes that are known to occur stand below, as EXAMPLES, for the emulator and the tests.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What submission_metadata.json says, as far as the log wants to know. All may be missing."""

    submission: str = ""  # the platform's id
    created_at: datetime | None = None
    due: datetime | None = None  # the latest of the submitters', extensions included
    submitters: int = 0
    attempts: int = 0  # earlier submissions

    @property
    def late(self) -> timedelta | None:
        """How long after the due date it was handed in; None if in time or not known."""
        if self.created_at is None or self.due is None or self.created_at <= self.due:
            return None
        return self.created_at - self.due


def read_metadata(path: Path) -> Metadata:
    """Read submission_metadata.json; an absent, empty or odd one says nothing."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Metadata()
    table = _table(data)
    users = [_table(user) for user in _list(table.get("users"))]
    dates = [_time(_table(user.get("assignment")).get("due_date")) for user in users]
    known = [date for date in dates if date is not None]
    if not known:
        known = [date for date in [_time(_table(table.get("assignment")).get("due_date"))] if date]
    return Metadata(
        submission=str(table.get("id") or ""),
        created_at=_time(table.get("created_at")),
        due=max(known) if known else None,
        submitters=len(users),
        attempts=len(_list(table.get("previous_submissions"))),
    )


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _time(value: object) -> datetime | None:
    """Read an ISO 8601 time with an offset; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        # Python 3.10 does not read a final Z
        moment = datetime.fromisoformat(value.removesuffix("Z") + "+00:00" * value.endswith("Z"))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _user(number: int, due: str) -> dict[str, Any]:
    return {
        "id": 233634 + number,
        "email": f"student{number}@example.edu",
        "name": f"Student {number}",
        "sid": None,
        "sections": [],
        "assignment": {
            "release_date": "2026-09-01T18:00:00.000000-07:00",
            "due_date": due,
            "late_due_date": None,
        },
    }


def _metadata(*dues: str, created_at: str) -> dict[str, Any]:
    """Return metadata with every field that the platform is known to write."""
    group = len(dues) > 1
    return {
        "id": 87184652,
        "created_at": created_at,
        "assignment_id": None,
        "submission_method": "upload",
        "users": [_user(number, due) for number, due in enumerate(dues, start=1)],
        "assignment": {
            "id": 1482034,
            "title": "Homework",
            "course_id": 267363,
            "total_points": "100.0",
            "release_date": "2026-09-01T18:00:00.000000-07:00",
            "due_date": _DUE,
            "late_due_date": None,
            "group_submission": group,
            "group_size": len(dues) if group else None,
            "outline": [
                {"id": 1, "type": "x", "title": "Autograder", "parent_id": None, "weight": "100.0"}
            ],
        },
        "previous_submissions": [
            {
                "id": 1,
                "submission_time": "2026-09-02T10:00:00.000000-07:00",
                "score": 0.0,
                "autograder_error": False,
                "results": {},
            }
        ],
    }


_DUE = "2026-09-15T23:59:00.000000-07:00"
_EXTENDED = "2026-09-18T23:59:00.000000-07:00"

EXAMPLES: dict[str, dict[str, Any] | None] = {
    "full": _metadata(_DUE, created_at="2026-09-10T18:25:53.109082-07:00"),
    # what the local runner gslocal writes: no id, no names, times that end in Z
    "minimal": {
        "created_at": "2026-09-10T18:25:53Z",
        "assignment": {"due_date": "2026-09-15T23:59:00Z", "total_points": "100.0"},
        "users": [{}],
        "submission_method": "upload",
    },
    "late": _metadata(_DUE, created_at="2026-09-16T10:00:00.000000-07:00"),
    "extension": _metadata(_EXTENDED, created_at="2026-09-16T10:00:00.000000-07:00"),
    "group": _metadata(_DUE, _EXTENDED, created_at="2026-09-16T10:00:00.000000-07:00"),
    "empty": {},  # an empty file, as Otter's image makes it
    "absent": None,
}
