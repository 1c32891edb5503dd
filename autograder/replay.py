"""Make the calls of a test again, with mistakes in the reference, and compare the replies.

    Test (its calls in bytes) + Base + Mistake... -> [replay] -> Verdict

The calls are those that the student's code got. Nothing of the test runs again: a function that
the test passed in is answered from what it answered then, and code that asks what the student's
code did not ask is other code.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, NoReturn

from autograder.mistakes import Mistake
from autograder.variants import OutOfTime, Reference, Variant, time_limit
from student_kit.calls import Evidence
from student_kit.records import Status, TestRecord
from student_kit.replies import Reply, alike, read, values_alike
from student_kit.wire import Payload, decode

CALL_SECONDS = 0.25  # one replayed call
FAILED = (Status.FAILED, Status.ERRORED)


class Verdict(Enum):
    """How replayed calls compare with the student's."""

    SAME = "same"
    OTHER = "other"
    UNKNOWN = "unknown"  # something took part of which we do not know what it does


@dataclass(slots=True)
class Call:
    """One call of the student's function."""

    evidence: Evidence
    _reply: Reply | None = None
    _asks: list[Any] | None = None

    @property
    def is_usable(self) -> bool:
        """Whether there was a reply, and all is kept that led to it."""
        return self.evidence.asks is not None and read(self.evidence.reply) is not None

    @property
    def reply(self) -> Reply:
        """What the student's code replied."""
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

    @property
    def leaves_generators_alone(self) -> bool:
        """Whether a Generator was given, and came back as it was."""
        before: list[tuple[tuple[str, int], ...]] = []

        def note(node: dict[str, Any]) -> None:
            if node["k"] == "rng":
                state = {key: int(n, 16) for key, n in node["state"].items()}
                before.append(tuple(sorted(state.items())))

        decode(self.evidence.request, special=note)
        return bool(before) and self.reply.generators == tuple(before)


@dataclass(slots=True)
class Test:
    """One test with the calls of its question's function."""

    position: int  # among all records of the submission
    record: TestRecord
    calls: list[Call]

    @property
    def has_failed(self) -> bool:
        """Whether there is something to explain."""
        return self.record.status in FAILED


@dataclass(frozen=True, slots=True)
class Base:
    """What a question builds on: the diagnosed mistakes of others, or none."""

    mistakes: tuple[Mistake, ...] = ()
    unknown: tuple[str, ...] = ()  # questions that are wrong in an unknown way


@dataclass(frozen=True, slots=True)
class Replayer:
    """Replays tests until the time is up; then it raises OutOfTime."""

    reference: Reference
    ends: float  # by time.process_time()
    slow: set[Mistake] = field(default_factory=set)  # not tried again

    def verdict(
        self, base: Base, made: Sequence[Mistake], test: Test, *, leniently: bool = False
    ) -> Verdict:
        """Make the calls of one test with these mistakes, until one of them is not the same.

        Args:
            base: what the question builds on.
            made: the mistakes in the question itself.
            test: whose calls to make.
            leniently: whether the student's code may write into more arguments.
        """
        verdict = Verdict.SAME
        for call, reply in zip(test.calls, self.replies(base, made, test), strict=True):
            if isinstance(reply, Verdict):
                found = reply
            else:
                if leniently and call.reply.changed > reply.changed:
                    reply = replace(reply, changed=call.reply.changed)
                found = Verdict.SAME if alike(call.reply, reply) else Verdict.OTHER
            if found is Verdict.OTHER:
                return found
            verdict = found if found is Verdict.UNKNOWN else verdict
        return verdict

    def replies(self, base: Base, made: Sequence[Mistake], test: Test) -> Iterator[Reply | Verdict]:
        """Yield each call's reply; OTHER if it cannot be the student's, UNKNOWN if nobody knows.

        The modules are loaded anew for each test, as they are for the student's code.
        """
        codes = self.reference.with_mistakes((*base.mistakes, *made))
        if codes is None or self.slow.intersection(made):  # they do not go together
            yield from itertools.repeat(Verdict.OTHER, len(test.calls))
            return
        unknown = _Unknown()
        variant = Variant(self.reference.replaced(codes, dict.fromkeys(base.unknown, unknown)))
        try:
            for call in test.calls:
                try:
                    yield self._reply(variant, call, unknown)
                except _Slow:
                    self.slow.update(made if len(made) == 1 else ())
                    yield Verdict.OTHER
        finally:
            variant.close()

    def _reply(self, variant: Variant, call: Call, unknown: _Unknown) -> Reply | Verdict:
        """Make one call; _Slow if it takes too long."""
        left = self.ends - time.process_time()
        if left <= 0:
            raise OutOfTime
        unknown.was_called = False
        answers = _Answers(call)
        try:
            with time_limit(min(CALL_SECONDS, left)):
                payload = variant.exchange(call.evidence.request, answers)
        except OutOfTime:
            raise _Slow from None
        if unknown.was_called:
            return Verdict.UNKNOWN
        reply = read(payload)
        return Verdict.OTHER if answers.has_diverged or reply is None else reply


class _Slow(Exception):  # noqa: N818 - control flow inside this module
    """One call takes longer than it may."""


class _Unknown:
    """Stands for a function that is wrong in an unknown way, and tells whether it was called."""

    def __init__(self) -> None:
        self.was_called = False

    def __call__(self, *args: Any, **kwargs: Any) -> NoReturn:
        self.was_called = True
        raise OutOfTime

    def __getattr__(self, name: str) -> NoReturn:
        self()  # a class, of which a method was wanted


class _Answers:
    """Answers callbacks from what was answered to the student's code."""

    def __init__(self, call: Call) -> None:
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
