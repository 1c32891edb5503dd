"""Write the sealed hints of a template: what each mistake gives in the public checks.

    public tests + reference with each Mistake -> [hints] -> tests/hints.json

Each catalogued mistake takes the public checks of its question, and of those that it spoils
besides, exactly as a student's code takes them at home: the same seed, the same proxies. Kept are
signatures of its replies, as places and keys of boxes; see `student_kit.hints`. The file depends on
nothing but the sources: numbers are rounded far above what differs between machines.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pytest

from autograder import mistakes as catalogues
from autograder import session
from autograder.assignment import Assignment
from autograder.errors import GraderError
from autograder.mistakes import Mistake
from autograder.samples import reference_files
from autograder.variants import Codes, OutOfTime, Reference, Variant, time_limit
from student_kit.calls import CallReport
from student_kit.hints import ABOUT, FILE, Hint, seal, signature_of
from student_kit.plugin import Recorder, question_of
from student_kit.proxy import StudentFault, StudentModule
from student_kit.records import Status, TestRecord
from student_kit.replies import Signature
from student_kit.wire import Payload

CALL_SECONDS = 1.0
Check = tuple[str, str]  # question, test


def build(assignment: Assignment) -> dict[str, bytes]:
    """Return the template's file of hints by its name; nothing if there is no catalogue.

    Raises:
        AuthorError: the catalogue breaks a rule.
        GraderError: the public tests cannot be run on the reference.
    """
    if not catalogues.catalogue_path(assignment).is_file():
        return {}
    made = catalogues.load(assignment).mistakes
    return {FILE: _build(_Sources(assignment, made))}


@dataclass(frozen=True, slots=True)
class _Sources:
    """All that the file depends on; equal if that is equal."""

    assignment: Assignment
    mistakes: tuple[Mistake, ...]

    def _key(self) -> tuple[object, ...]:
        files = [path.read_bytes() for path in self.assignment.public_tests()]
        files += reference_files(self.assignment).values()
        digests = tuple(hashlib.sha256(content).digest() for content in files)
        return self.assignment.id, self.mistakes, digests

    def __hash__(self) -> int:
        return hash(self._key())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Sources) and self._key() == other._key()


@lru_cache(maxsize=8)  # a template is built again and again by whoever checks that it is current
def _build(sources: _Sources) -> bytes:
    assignment, made = sources.assignment, sources.mistakes
    runs = _run(assignment, made)
    right = runs[0]
    boxes: dict[Check, dict[str, list[Hint]]] = {}
    for mistake, taken in zip(made, runs[1:], strict=True):
        if mistake.draws_elsewhere:
            continue  # gives something else each time
        signed = {check: _telling(taken[check], right[check]) for check in taken}
        for (question, test), text in signed.items():
            if not text:
                continue
            checks = tuple(t for (q, t), other in signed.items() if q == question and other)
            where = "" if question == mistake.question else f"in {mistake.question}: "
            hint = Hint(mistake=mistake.id, text=where + mistake.hint, checks=checks)
            boxes.setdefault((question, test), {}).setdefault(text, []).append(hint)
    table = {
        f"{question}::{test}": dict(
            sorted(seal(question, test, text, hints) for text, hints in found.items())
        )
        for (question, test), found in sorted(boxes.items())
    }
    text = json.dumps({"about": ABOUT, "checks": table}, indent=1)
    return f"{text}\n".encode()


@dataclass(frozen=True, slots=True)
class _Taken:
    """How one public check ended."""

    failed: bool
    signed: Signature | None


def _telling(taken: _Taken, right: _Taken) -> str:
    """Return the signature by which a failed check is recognised; "" if there is none."""
    if not taken.failed or taken.signed is None or right.signed is None:
        return ""
    if taken.signed.replies != right.signed.replies:
        return taken.signed.replies
    if taken.signed.replies_and_asks != right.signed.replies_and_asks:
        return taken.signed.replies_and_asks
    return ""


def _run(assignment: Assignment, made: Sequence[Mistake]) -> list[dict[Check, _Taken]]:
    """Run the public checks on the reference, and those that matter on each mistake."""
    reference = Reference(assignment)
    everything = frozenset(question.id for question in assignment.questions)
    samples: list[tuple[Codes, frozenset[str]]] = []
    for mistakes in ((), *((mistake,) for mistake in made)):
        codes = reference.with_mistakes(mistakes)
        assert codes is not None  # `load` has made every mistake
        questions = {name for m in mistakes for name in (m.question, *m.also)}
        samples.append((codes, frozenset(questions) or everything))
    runner = _Runner(assignment, samples)
    arguments = session.arguments(assignment.public.parent.parent, assignment.public_tests())
    with session.forgotten_modules():
        pytest.main(arguments, plugins=[runner])
    if runner.error or len(runner.taken) != len(samples):
        raise GraderError(
            f"the public tests of {assignment.id} cannot be run on the reference\n"
            f"  found  {runner.error or 'pytest ended early'}"
        )
    return runner.taken


class _Runner(Recorder):
    """Collects the public checks once, and has each sample take them."""

    def __init__(
        self, assignment: Assignment, samples: Iterable[tuple[Codes, frozenset[str]]]
    ) -> None:
        self._variants = _VariantWorld(
            {Path(name).stem: data for name, data in reference_files(assignment).items()}
        )
        super().__init__(
            self._variants,
            {
                name: StudentModule(name, self._variants)
                for name in [*self._variants.sources, *assignment.given]
            },
            on_record=lambda record: None,
        )
        self._samples = samples
        self.taken: list[dict[Check, _Taken]] = []
        self.error = ""

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Remember why a file could not be collected."""
        if report.failed:
            self.error = self.error or report.longreprtext

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Replace pytest's own loop over the tests."""
        for codes, questions in self._samples if not self.error else ():
            self._variants.codes = codes
            self.taken.append({})
            for item in session.items:
                if question_of(item) in questions:
                    self.run_test(item, None)
        return True

    def observe(self, record: TestRecord, calls: Sequence[CallReport]) -> None:
        """Keep how a check ended."""
        failed = record.status in (Status.FAILED, Status.ERRORED)
        if record.status is Status.BROKEN or (failed and len(self.taken) == 1):
            self.error = self.error or f"{record.question}::{record.test}: {record.summary}"
        signed = signature_of(record.question, calls)
        self.taken[-1][record.question, record.test] = _Taken(failed, signed)


class _VariantWorld:
    """Where a sample lives while it is checked: in this process, loaded anew for each check."""

    def __init__(self, sources: Mapping[str, bytes]) -> None:
        self.sources = sources
        self.codes: Codes = {}
        self._variant: Variant | None = None

    def begin(self, question: str) -> None:
        """Load the modules."""
        self._variant = Variant(self.codes)

    def end(self) -> str:
        """Forget the modules."""
        if self._variant is not None:
            self._variant.close()
        return ""

    def exchange(self, request: Payload, answer: Callable[[Payload], Payload]) -> Payload:
        """Run the request, but not for ever."""
        assert self._variant is not None
        try:
            with time_limit(CALL_SECONDS):
                return self._variant.exchange(request, answer)
        except OutOfTime:
            raise StudentFault("timeout", "too slow") from None
