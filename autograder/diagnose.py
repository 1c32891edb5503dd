"""Name the mistake that gives exactly what the student's code gave.

    TestRecord + Evidence of its calls, for all tests of a submission
        -> [diagnose: replay the calls with each catalogued mistake] -> Diagnosis of failed tests

A mistake is named only if, on every call of the question's function in every test of the question,
passed tests included, it replies as the student's code did: values within rounding, shapes, types,
exceptions, arguments written into, what was drawn from a Generator; and asks nothing of the given
functions that the student's code did not ask. Calls are replayed from the bytes that crossed, so
the inputs are the same, and callbacks are answered from what was answered then: no test runs again.

A question that uses another one is replayed with that one's diagnosis in it, so that the blame
falls where the mistake is. Where a function that is wrong in an unknown way takes part, a call says
nothing.

Runs after the verdicts are fixed, and cannot change one; what goes wrong here ends in the
instructor's log. Bounded in time by `diagnosis_seconds` of the assignment's limits.
"""

from __future__ import annotations

import itertools
import time
import traceback
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import Enum
from typing import Any, NoReturn

from autograder import mistakes as catalogues
from autograder.assignment import Assignment
from autograder.mistakes import Mistake
from autograder.replay import OutOfTime, Reference, Variant, time_limit
from student_kit.proxy import CallReport, Evidence
from student_kit.records import Diagnosis, Status, TestRecord
from student_kit.replies import Reply, alike, read, values_alike
from student_kit.wire import Payload, decode

MOST = 3  # mistakes that are named as "one of"
CALL_SECONDS = 0.25  # one replayed call
KEPT_BYTES = 64 << 20  # evidence of one submission
_FAILED = (Status.FAILED, Status.ERRORED)


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
        """Read the catalogue and compile the reference; a broken one is told by `findings`."""
        self._assignment = assignment
        self._tests: list[_Test] = []
        self._bytes = 0
        self._problem = ""
        try:
            self._catalogue = catalogues.read(assignment)
            self._reference = Reference(assignment)
        except Exception as error:  # noqa: BLE001 - grades do not depend on it
            self._problem = f"no diagnosis: {type(error).__name__}: {error}"

    def observe(self, record: TestRecord, calls: Iterable[CallReport]) -> None:
        """Keep what one test of the submission called and got. In the order of the records."""
        kept: list[_Call] = []
        usable = True
        for call in calls:
            if call.function != record.question or call.evidence is None:
                continue
            self._bytes += call.evidence.size
            if self._bytes > KEPT_BYTES:
                usable = False
                break
            kept.append(_Call(call.evidence))
        self._tests.append(_Test(len(self._tests), record, kept if usable else []))

    def findings(self) -> list[Finding]:
        """Return what is known of the failed tests; never raises."""
        failed = [test for test in self._tests if test.record.status in _FAILED]
        if not failed:
            return []
        if self._problem:
            return [Finding(test=failed[0].position, log=self._problem)]
        search = _Search(self._assignment, self._reference, self._catalogue.mistakes, self._tests)
        try:
            search.run()
        except OutOfTime:
            pass
        except Exception:  # noqa: BLE001 - grades do not depend on it
            log = f"diagnosis failed:\n{traceback.format_exc()}"
            return [*search.findings, Finding(test=failed[0].position, log=log)]
        return search.findings


class _Verdict(Enum):
    """How a replayed call compares with the student's."""

    SAME = "same"
    OTHER = "other"
    UNKNOWN = "unknown"  # something took part of which we do not know what it does


@dataclass(slots=True)
class _Call:
    """One call of the student's function."""

    evidence: Evidence
    _reply: Reply | None = None
    _asks: list[Any] | None = None

    @property
    def is_usable(self) -> bool:
        return self.evidence.asks is not None and read(self.evidence.reply) is not None

    @property
    def reply(self) -> Reply:
        if self._reply is None:
            self._reply = read(self.evidence.reply)
        assert self._reply is not None
        return self._reply

    @property
    def asks(self) -> list[Any]:
        """What the given functions were called with."""
        if self._asks is None:
            self._asks = [decode(ask) for ask, _ in self.evidence.asks or ()]
        return self._asks


@dataclass(slots=True)
class _Test:
    """One test with the calls of its question's function."""

    position: int
    record: TestRecord
    calls: list[_Call]

    @property
    def has_failed(self) -> bool:
        return self.record.status in _FAILED


@dataclass(frozen=True, slots=True)
class _Base:
    """What a question builds on: the diagnosed mistakes of others, or none."""

    mistakes: tuple[Mistake, ...]
    unknown: tuple[str, ...]  # questions that are wrong in an unknown way


@dataclass(frozen=True, slots=True)
class _Named:
    """What is said of a question: all of these mistakes together, or one of them."""

    mistakes: tuple[Mistake, ...]
    together: bool = False


@dataclass(slots=True)
class _Search:
    """The search through one submission: questions in the order in which they build on others."""

    assignment: Assignment
    reference: Reference
    mistakes: Sequence[Mistake]
    tests: Sequence[_Test]
    findings: list[Finding] = field(default_factory=list)
    # per question: () right, None wrong in an unknown way, else what was found
    _made: dict[str, tuple[Mistake, ...] | None] = field(default_factory=dict)
    _named: dict[str, _Named] = field(default_factory=dict)
    _ends: float = 0.0

    def run(self) -> None:
        """Diagnose every question; OutOfTime leaves what was found."""
        self._ends = time.monotonic() + self.assignment.limits.diagnosis_seconds
        waiting = [question.id for question in self.assignment.questions]
        while waiting:
            ready = [
                name
                for name in waiting
                if not set(self.assignment.question(name).depends_on) & set(waiting)
            ] or waiting  # questions that depend on each other
            waiting.remove(ready[0])
            self._question(ready[0])

    def _question(self, question: str) -> None:
        own = [test for test in self.tests if test.record.question == question]
        if all(test.record.status in (Status.PASSED, Status.SKIPPED) for test in own):
            self._made[question] = ()
            return
        self._made[question] = None
        tests = [test for test in own if test.calls and all(call.is_usable for call in test.calls)]
        if any(test.has_failed for test in tests):
            self._diagnose(question, tests)

    def _diagnose(self, question: str, tests: list[_Test]) -> None:
        own = [mistake for mistake in self.mistakes if mistake.question == question]
        situations = []
        for base in self._bases(question):
            differing = [t for t in tests if self._replay(base, (), t) is _Verdict.OTHER]
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

    def _bases(self, question: str) -> list[_Base]:
        """Return what the question may build on: first with the mistakes found, then without."""
        others = catalogues.uses(self.assignment, question)
        ordered = [q.id for q in self.assignment.questions if q.id in others]
        made = {name: self._made[name] for name in ordered}
        unknown = tuple(name for name, found in made.items() if found is None)
        known = tuple(mistake for found in made.values() for mistake in found or ())
        return [_Base(mistakes, unknown) for mistakes in dict.fromkeys([known, ()])]

    def _fits(self, base: _Base, made: tuple[Mistake, ...], tests: Sequence[_Test]) -> bool:
        """Whether these mistakes reply as the student's code did; the first test must differ."""
        same = False
        for test in tests:
            verdict = self._replay(base, made, test)
            if verdict is _Verdict.OTHER:
                return False
            same = same or (verdict is _Verdict.SAME and test.has_failed)
        return same

    def _replay(self, base: _Base, made: tuple[Mistake, ...], test: _Test) -> _Verdict:
        """Make the calls of one test with these mistakes, until one of them is not the same."""
        codes = self.reference.with_mistakes((*base.mistakes, *made))
        if codes is None:
            return _Verdict.OTHER  # they do not go together
        unknown = _Unknown()
        variant = Variant(self.reference.replaced(codes, dict.fromkeys(base.unknown, unknown)))
        try:
            verdicts = {_Verdict.SAME}
            for call in test.calls:
                verdicts.add(self._replay_call(variant, call, unknown))
                if _Verdict.OTHER in verdicts:
                    return _Verdict.OTHER
            return _Verdict.UNKNOWN if _Verdict.UNKNOWN in verdicts else _Verdict.SAME
        finally:
            variant.close()

    def _replay_call(self, variant: Variant, call: _Call, unknown: _Unknown) -> _Verdict:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise OutOfTime
        unknown.was_called = False
        answers = _Answers(call)
        try:
            with time_limit(min(CALL_SECONDS, left)):
                payload = variant.exchange(call.evidence.request, answers)
        except OutOfTime:
            return _Verdict.OTHER
        if unknown.was_called:
            return _Verdict.UNKNOWN
        reply = read(payload)
        if answers.has_diverged or reply is None:
            return _Verdict.OTHER
        return _Verdict.SAME if alike(call.reply, reply) else _Verdict.OTHER

    def _name(
        self, question: str, fitting: list[tuple[Mistake, ...]], tests: Sequence[_Test]
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

    def _blame(self, question: str, base: _Base, tests: Sequence[_Test]) -> None:
        """Note the mistakes of other questions that explain why this one's tests fail."""
        self._made[question] = ()
        without = _Base((), base.unknown)
        others = list(dict.fromkeys(mistake.question for mistake in base.mistakes))
        for test in tests:
            if not test.has_failed or self._replay(without, (), test) is not _Verdict.OTHER:
                continue
            for other in others:
                alone = _Base(tuple(self._made[other] or ()), base.unknown)
                if self._replay(alone, (), test) is _Verdict.SAME:
                    self._note(test, self._named[other])
                    break
            else:
                if len(base.mistakes) <= MOST:
                    self._note(test, _Named(base.mistakes, together=True))

    def _note(self, test: _Test, named: _Named) -> None:
        if not test.has_failed:
            return
        relation = test.record.diagnosis.relation if test.record.diagnosis else ""
        diagnosis = Diagnosis(
            mistakes=tuple(mistake.id for mistake in named.mistakes),
            hints=tuple(
                mistake.hint
                if mistake.question == test.record.question
                else f"in {mistake.question}: {mistake.hint}"
                for mistake in named.mistakes
            ),
            together=named.together,
            relation=relation,
        )
        self.findings.append(Finding(test=test.position, diagnosis=diagnosis))


class _Unknown:
    """Stands for a function that is wrong in an unknown way, and tells whether it was called."""

    def __init__(self) -> None:
        self.was_called = False

    def __call__(self, *args: Any, **kwargs: Any) -> NoReturn:
        self.was_called = True
        raise OutOfTime


class _Answers:
    """Answers callbacks from what was answered to the student's code."""

    def __init__(self, call: _Call) -> None:
        self.has_diverged = False
        self._call = call
        self._next = 0

    def __call__(self, ask: Payload) -> Payload:
        pairs = self._call.evidence.asks or ()
        asked = None
        # most often it is the next one
        for n in itertools.chain(range(self._next, len(pairs)), range(self._next)):
            if pairs[n][0] != ask:
                asked = decode(ask) if asked is None else asked
                if not values_alike(asked, self._call.asks[n]):
                    continue
            self._next = n + 1
            return pairs[n][1]
        self.has_diverged = True
        raise OutOfTime
