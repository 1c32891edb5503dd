"""Name the mistake that gives exactly what the student's code gave.

    TestRecord + its calls, for all tests of a submission
        -> [diagnose: replay the calls with each catalogued mistake] -> Finding per failed test

A mistake is named if, on every call of the question's function in every test of the question,
passed tests included, it replies as the student's code did: values within rounding, shapes, types,
exceptions, arguments written into, what was drawn from a Generator; and asks nothing of the given
functions that the student's code did not ask. Where no mistake fits, two in one function are tried,
and then one that explains part of the failed tests and is refuted by no other.

A question that uses another one is replayed with that one's diagnosis in it, so that the blame
falls where the mistake is. Where a function that is wrong in an unknown way takes part, a call says
nothing.

Runs after the verdicts are fixed, and cannot change one; what goes wrong here ends in the
instructor's log. Bounded in time by `diagnosis_seconds` of the assignment's limits.
"""

from __future__ import annotations

import itertools
import math
import time
import traceback
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from autograder import mistakes as catalogues
from autograder.assignment import Assignment
from autograder.mistakes import Mistake
from autograder.replay import FAILED, Base, Call, Replayer, Test, Verdict
from autograder.variants import OutOfTime, Reference
from student_kit.calls import CallReport, calls_of
from student_kit.checks import ATOL, RTOL
from student_kit.records import Diagnosis, Status, TestRecord
from student_kit.replies import Reply, alike
from student_kit.wire import Payload

MOST = 3  # mistakes that are named as "one of"
ENOUGH = 3  # numbers that agree, and differ from the right ones, are no accident
KEPT_BYTES = 64 << 20  # evidence of one submission


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found about one test of the submission."""

    test: int  # position among all records of the submission
    diagnosis: Diagnosis | None = None
    log: str = ""  # for the instructor: why there is none

    def add_to(self, records: list[TestRecord]) -> None:
        """Put it into the record that it is about."""
        record = records[self.test]
        log = "\n".join(filter(None, [record.log, self.log]))
        records[self.test] = replace(record, diagnosis=self.diagnosis or record.diagnosis, log=log)

    def to_json(self) -> dict[str, Any]:
        """Return a dict of JSON types."""
        return asdict(self)

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> Finding:
        """Return the finding that `to_json` wrote."""
        found = fields["diagnosis"]
        return cls(**{**fields, "diagnosis": found and Diagnosis.from_json(found)})


class Diagnoser:
    """Takes in the tests of one submission, and names mistakes when they are over."""

    def __init__(self, assignment: Assignment) -> None:
        """Read the catalogue and compile the reference; if that fails, `findings` says so."""
        self._assignment = assignment
        self._tests: list[Test] = []
        self._bytes = 0
        self._problem = ""
        try:
            self._catalogue = catalogues.read(assignment)
            self._reference = Reference(assignment)
        except Exception as error:  # noqa: BLE001 - grades do not depend on it
            self._problem = f"no diagnosis: {type(error).__name__}: {error}"

    def observe(self, record: TestRecord, calls: Iterable[CallReport]) -> None:
        """Keep what one test of the submission called and got. In the order of the records."""
        kept: list[Call] = []
        for call in calls_of(record.question, calls):
            if call.evidence is not None:
                self._bytes += call.evidence.size
                kept.append(Call(call.evidence))
        if self._bytes > KEPT_BYTES:
            kept = []
        self._tests.append(Test(len(self._tests), record, kept))

    def findings(self) -> list[Finding]:
        """Return what is known of the failed tests; never raises."""
        failed = [test.position for test in self._tests if test.has_failed]
        if not failed:
            return []
        if self._problem:
            return [Finding(test=failed[0], log=self._problem)]
        ends = time.process_time() + self._assignment.limits.diagnosis_seconds
        replayer = Replayer(self._reference, ends)
        search = _Search(self._assignment, self._catalogue.mistakes, replayer, self._tests)
        try:
            search.run()
        except OutOfTime:
            search.findings.append(Finding(test=failed[0], log="no time left for the diagnosis"))
        except Exception:  # noqa: BLE001 - grades do not depend on it
            log = f"the diagnosis broke:\n{traceback.format_exc()}"
            search.findings.append(Finding(test=failed[0], log=log))
        return search.findings


@dataclass(frozen=True, slots=True)
class _Named:
    """What is said of a question: all of these mistakes together, or one of them."""

    mistakes: tuple[Mistake, ...]
    together: bool = False


@dataclass(slots=True)
class _Search:
    """The search through one submission: questions in the order in which they build on others."""

    assignment: Assignment
    mistakes: Sequence[Mistake]
    replayer: Replayer
    tests: Sequence[Test]
    findings: list[Finding] = field(default_factory=list)
    # per question: () right, None wrong in an unknown way, else what was found
    _made: dict[str, tuple[Mistake, ...] | None] = field(default_factory=dict)
    _named: dict[str, _Named] = field(default_factory=dict)

    def run(self) -> None:
        """Diagnose every question; OutOfTime leaves what was found."""
        waiting = [question.id for question in self.assignment.questions]
        while waiting:
            free = [q for q in waiting if not self.assignment.uses(q) & set(waiting)]
            question = (free or waiting)[0]
            waiting.remove(question)
            self._question(question)

    def _question(self, question: str) -> None:
        own = [test for test in self.tests if test.record.question == question]
        passing = (Status.PASSED, Status.SKIPPED)
        is_right = all(test.record.status in passing for test in own)
        self._made[question] = () if is_right else None
        tests = [t for t in own if t.calls and all(call.is_usable for call in t.calls)]
        if any(test.has_failed for test in tests):
            self._diagnose(question, tests)

    def _diagnose(self, question: str, tests: list[Test]) -> None:
        own = [mistake for mistake in self.mistakes if mistake.question == question]
        situations = []
        for base in self._bases(question):
            differing = [t for t in tests if self.replayer.verdict(base, (), t) is Verdict.OTHER]
            if not any(test.has_failed for test in differing):
                if base.mistakes:
                    self._blame(question, base, tests)
                return  # explained, or nothing to go by
            rest = [test for test in tests if test not in differing]
            # failed tests that differ refute most mistakes with their first call
            ordered = [*sorted(differing, key=lambda test: not test.has_failed), *rest]
            situations.append((base, ordered, differing))
        for count in (1, 2):
            for base, ordered, differing in situations:
                candidates = itertools.combinations(own, count)
                fitting = [made for made in candidates if self._fits(base, made, ordered)]
                if fitting:
                    self._name(question, fitting, differing)
                    return
        for base, ordered, differing in situations:
            if self._name_in_part(base, own, ordered, differing):
                return
        self._name_by_chance(own, tests)

    def _bases(self, question: str) -> list[Base]:
        """Return what the question may build on: first with the mistakes found, then without."""
        others = self.assignment.uses(question)
        made = {q.id: self._made[q.id] for q in self.assignment.questions if q.id in others}
        unknown = tuple(name for name, found in made.items() if found is None)
        known = tuple(mistake for found in made.values() for mistake in found or ())
        return [Base(mistakes, unknown) for mistakes in dict.fromkeys([known, ()])]

    def _fits(self, base: Base, made: tuple[Mistake, ...], tests: Sequence[Test]) -> bool:
        """Whether these mistakes reply as the student's code did, in a failed test too."""
        found = False
        for test in tests:
            verdict = self.replayer.verdict(base, made, test)
            if verdict is Verdict.OTHER:
                return False
            found = found or (verdict is Verdict.SAME and test.has_failed)
        return found

    def _name(
        self, question: str, fitting: list[tuple[Mistake, ...]], tests: Sequence[Test]
    ) -> None:
        """Note what fits, for every failed test in which it shows."""
        together = len(fitting[0]) > 1
        named = fitting[0] if together else tuple(made[0] for made in fitting)
        if together and len(fitting) > 1:
            # several pairs: certain is only what all of them have
            named, together = tuple(set(fitting[0]).intersection(*fitting[1:])), False
        if not 1 <= len(named) <= MOST:
            return
        self._made[question] = fitting[0]
        self._named[question] = _Named(named, together)
        for test in tests:
            self._note(test, self._named[question])

    def _blame(self, question: str, base: Base, tests: Sequence[Test]) -> None:
        """Note the mistakes of other questions that explain why this one's tests fail."""
        self._made[question] = ()
        without = Base((), base.unknown)
        others = list(dict.fromkeys(mistake.question for mistake in base.mistakes))
        for test in tests:
            if self.replayer.verdict(without, (), test) is not Verdict.OTHER:
                continue
            for other in others:
                alone = Base(tuple(self._made[other] or ()), base.unknown)
                if self.replayer.verdict(alone, (), test) is Verdict.SAME:
                    self._note(test, self._named[other])
                    break
            else:
                if len(base.mistakes) <= MOST:
                    self._note(test, _Named(base.mistakes, together=True))

    def _name_in_part(
        self,
        base: Base,
        own: Sequence[Mistake],
        tests: Sequence[Test],
        differing: Sequence[Test],
    ) -> bool:
        """Name what explains half of the failed tests or more, and is refuted by no passed one.

        The others have another reason, so this takes more evidence: see `_is_strong`.
        """
        failed = [test for test in differing if test.has_failed]
        passed = [test for test in tests if not test.has_failed]
        shown: dict[int, list[Mistake]] = {}
        for mistake in own:
            made = (mistake,)
            lenient = (self.replayer.verdict(base, made, t, leniently=True) for t in passed)
            if Verdict.OTHER in lenient:
                continue
            explained = [test for test in failed if self._is_strong(base, mistake, test)]
            if 2 * len(explained) >= len(failed):
                for test in explained:
                    shown.setdefault(test.position, []).append(mistake)
        for test in failed:
            found = shown.get(test.position, [])
            if 1 <= len(found) <= MOST:
                self._note(test, _Named(tuple(found)))
        return bool(shown)

    def _is_strong(self, base: Base, mistake: Mistake, test: Test) -> bool:
        """Whether a failed test is what this mistake gives, and could hardly be by accident.

        An argument written into, or floats that differ from the right ones, are evidence; a count
        or an exception that happens to agree is none.
        """
        if self.replayer.verdict(base, (mistake,), test, leniently=True) is not Verdict.SAME:
            return False
        wrong = list(self.replayer.replies(base, (mistake,), test))  # one world at a time
        right = list(self.replayer.replies(base, (), test))
        for call, given, expected in zip(test.calls, wrong, right, strict=True):
            if isinstance(given, Reply) and isinstance(expected, Reply):
                if given.changed - expected.changed:
                    return True
                if not call.reply.error and _differs(call.reply.value, expected.value):
                    return True
        return False

    def _name_by_chance(self, own: Sequence[Mistake], tests: Sequence[Test]) -> None:
        """Name what draws from a hidden generator, whose numbers nobody can tell.

        The student's code did so if it left the given Generator alone, and replied differently to
        the same call.
        """
        chancy = tuple(mistake for mistake in own if mistake.draws_elsewhere)
        if not 1 <= len(chancy) <= MOST:
            return
        for test in tests:
            replies: dict[Payload, Reply] = {}
            for call in test.calls:
                first = replies.setdefault(call.evidence.request, call.reply)
                if not alike(first, call.reply) and call.leaves_generators_alone:
                    self._note(test, _Named(chancy))
                    break

    def _note(self, test: Test, named: _Named) -> None:
        if test.record.status not in FAILED:
            return
        diagnosis = Diagnosis(
            mistakes=tuple(mistake.id for mistake in named.mistakes),
            hints=tuple(
                mistake.hint
                if mistake.question == test.record.question
                else f"in {mistake.question}: {mistake.hint}"
                for mistake in named.mistakes
            ),
            together=named.together,
            relation=test.record.diagnosis.relation if test.record.diagnosis else "",
        )
        self.findings.append(Finding(test=test.position, diagnosis=diagnosis))


def _differs(one: Any, other: Any) -> bool:
    """Whether two values differ in enough numbers that are no integers."""
    numbers = {
        float(entry)
        for found, expected in _arrays(one, other)
        for entry in found[~np.isclose(found, expected, rtol=RTOL, atol=ATOL, equal_nan=True)]
    }
    return sum(math.isfinite(number) and number % 1 != 0 for number in numbers) >= ENOUGH


def _arrays(one: Any, other: Any) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield arrays of floats that stand in the same place of two values."""
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        if one.dtype.kind == "f":
            comparable = one.shape == other.shape and other.dtype.kind == "f"
            yield one.ravel(), other.ravel() if comparable else np.full(one.size, np.nan)
    elif isinstance(one, dict) and isinstance(other, dict):
        for key in one.keys() & other.keys():
            yield from _arrays(one[key], other[key])
    elif isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        for first, second in zip(one, other, strict=False):
            yield from _arrays(first, second)
