"""What is known of one test after it ran: the value that tests hand to feedback and to scoring.

`plugin` makes a `TestRecord` of every test; `check` prints them on the student's machine, the
engine's `scoring` turns them into points. A record holds text and numbers only, and survives a
trip through JSON.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any, ClassVar


class Status(str, Enum):
    """How a test ended, as far as the submission is concerned.

    `BROKEN` is the odd one: the test itself failed to work. It is our fault, never a zero.
    """

    PASSED = "passed"
    FAILED = "failed"  # a check did not hold
    ERRORED = "errored"  # the submission raised, crashed, or returned what cannot be sent
    TIMED_OUT = "timed_out"  # the submission did not return within the deadline
    NOT_STARTED = "not_started"  # the stub is as it was handed out
    NOT_RUN = "not_run"  # an earlier test used up the time
    SKIPPED = "skipped"  # needs something that is not installed here (public tests only)
    BROKEN = "broken"  # our fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What a wrong result looks like: mistakes that give exactly it, or its relation to the right.

    Says nothing about points, and nothing of inputs or expected values.
    """

    mistakes: tuple[str, ...] = ()  # ids in the catalogue: "adam-no-bias-correction"
    hints: tuple[str, ...] = ()  # one per mistake, in the same order
    together: bool = False  # all of them were made in one function; otherwise one of them was
    relation: str = ""  # where no mistake fits: "2 times what it should be", "transposed"

    def words(self) -> tuple[str, str]:
        """Return what to tell the student, with its label: the hints, else the relation."""
        if not self.hints:
            return "pattern", self.relation
        if len(self.hints) == 1:
            return "likely", self.hints[0]
        head = (
            f"{len(self.hints)} things at once:"
            if self.together
            else "one of these, which give the same here:"
        )
        return "likely", "\n".join([head, *(f"- {hint}" for hint in self.hints)])

    def to_json(self) -> dict[str, Any]:
        """Return a dict of JSON types."""
        return asdict(self)

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> Diagnosis:
        """Return the diagnosis that `to_json` wrote."""
        lists = {key: tuple(fields[key]) for key in ("mistakes", "hints")}
        return cls(**{**fields, **lists})


@dataclass(frozen=True, slots=True, kw_only=True)
class TestRecord:
    """One test of one question, as it ended."""

    __test__: ClassVar[bool] = False  # for pytest: not a class of tests

    question: str  # "adam_step"
    test: str  # "test_five_steps_from_an_empty_state"
    title: str  # first line of the docstring: the behaviour in one sentence
    hidden: bool
    status: Status
    weight: float = 1.0  # share of the question's points, relative to its other hidden tests
    summary: str = ""  # what is wrong; names no input and no expected value
    detail: str = ""  # where and with which values; shown for public tests only
    call: str = ""  # what was called, shapes and hyper-parameters: "gd_step(theta (3,), ...)"
    values: str = ""  # what was called, with values; shown for public tests only
    printed: str = ""  # what the submission printed, cut; shown for public tests only
    log: str = ""  # for the instructor and the author of the test: traceback, inputs
    seconds: float = 0.0  # wall clock
    diagnosis: Diagnosis | None = None  # what the wrong result looks like, if that is known

    def to_json(self) -> dict[str, Any]:
        """Return a dict of JSON types; what is empty is left out."""
        # one by one, which is quicker than `asdict`: proofs make a million of these
        record = {name: getattr(self, name) for name in self.__slots__}
        record |= {"status": self.status.value, "diagnosis": None}
        if self.diagnosis is not None:
            record["diagnosis"] = self.diagnosis.to_json()
        return {name: value for name, value in record.items() if value not in ("", None)}

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> TestRecord:
        """Return the record that `to_json` wrote."""
        found = fields.get("diagnosis")
        diagnosis = None if found is None else Diagnosis.from_json(found)
        return cls(**{**fields, "status": Status(fields["status"]), "diagnosis": diagnosis})
