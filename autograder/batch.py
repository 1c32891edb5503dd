"""Grade many submissions at once, each as if it were alone.

    Submission... -> [batch: lint, suite, scoring] -> Grade or Failure, for each

The inputs of hidden tests follow from a secret and the submission's content: stable over regrades
of the same files, unknown to the student, and replayed with a seed from the log.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from autograder import lint, suite, syntax
from autograder.assignment import Assignment
from autograder.errors import GraderError
from autograder.intake import Submission
from autograder.scoring import Grade, score
from student_kit.records import Status, TestRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A submission that the grader failed to grade: our fault, and never a zero."""

    submission: str
    reason: str
    records: tuple[TestRecord, ...] = ()  # what had been run by then


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a batch is."""

    done: int
    total: int
    result: Grade | Failure  # the one that was just finished


def grade_all(
    assignment: Assignment,
    submissions: Sequence[Submission],
    *,
    jobs: int = 1,
    seed: str | None = None,
    secret: str | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    on_record: Callable[[str, TestRecord], None] | None = None,
    isolated: bool = True,
    allow_weak: bool = False,
    leaderboard: bool = False,
) -> list[Grade | Failure]:
    """Grade the submissions and return the results in their order.

    Args:
        jobs: how many submissions are graded at a time.
        seed: hex; replays the inputs of an earlier grading for every submission.
        secret: what the seeds are derived from; without one, a new one is drawn.
        on_progress: called when a submission is done.
        on_record: called with the submission's name when one of its tests is done.
        isolated: False only for samples of our own, which are then run faster.
        allow_weak: grade also where student code could read hidden tests.
        leaderboard: measure also what the assignment's leaderboard shows, if it has one.

    Raises:
        GraderError: the tests or the sandbox do not work at all; nothing is graded.
    """
    secret = secret or secrets.token_hex(32)
    results: dict[str, Grade | Failure] = {}
    # all before the first run: a source that takes long to read costs no other one's time
    findings = _read(assignment, submissions, jobs) if isolated else {}

    def finish(result: suite.RunResult) -> None:
        graded = _grade(
            assignment, result, findings.get(result.run.submission.name, lint.Findings())
        )
        results[result.run.submission.name] = graded
        if on_progress is not None:
            on_progress(Progress(done=len(results), total=len(submissions), result=graded))

    suite.run(
        assignment,
        [
            suite.Run(
                submission=submission,
                seed=bytes.fromhex(seed) if seed else submission_seed(secret, submission),
                leaderboard=leaderboard,
            )
            for submission in submissions
        ],
        jobs=max(1, min(jobs, len(submissions))),
        on_result=finish,
        on_record=on_record and (lambda run, record: on_record(run.submission.name, record)),
        isolated=isolated,
        allow_weak=allow_weak,
    )
    return [results[submission.name] for submission in submissions]


def submission_seed(secret: str, submission: Submission) -> bytes:
    """Return HMAC-SHA256(secret, content): the same for the same files, whoever hands them in."""
    content = hashlib.sha256()
    for name, data in sorted(submission.files.items()):
        content.update(f"{name}\0{len(data)}\0".encode() + data)
    return hmac.new(secret.encode(), content.digest(), hashlib.sha256).digest()


def _read(
    assignment: Assignment, submissions: Sequence[Submission], jobs: int
) -> dict[str, lint.Findings]:
    """Return what a reading of each one's files says, before any of it runs."""
    files = [(each.name, name, data) for each in submissions for name, data in each.files.items()]
    found: dict[str, list[lint.Findings]] = {each.name: [] for each in submissions}
    with ThreadPoolExecutor(max(1, jobs)) as readers:  # each waits for a process that parses
        readings = readers.map(lambda file: lint.read(file[1], file[2], assignment), files)
        for (submission, _, _), findings in zip(files, readings, strict=True):
            found[submission].append(findings)
    return {
        submission: lint.Findings(
            # each once: one notebook may stand for several files
            notices=tuple(dict.fromkeys(notice for each in read for notice in each.notices)),
            review=tuple(dict.fromkeys(sentence for each in read for sentence in each.review)),
        )
        for submission, read in found.items()
    }


def _syntax_notices(submission: Submission, uncompiled: Sequence[str]) -> list[str]:
    """Say at length why files do not compile: each of their questions only quotes the line."""
    sources = {f"{name}.py": submission.files[f"{name}.py"] for name in uncompiled}
    return [
        notice
        for name, source in sources.items()
        if not syntax.not_text(name, source)  # else intake has said it
        and (notice := syntax.not_python(name, source))
    ]


def _import_notices(
    assignment: Assignment, result: suite.RunResult, said: Sequence[str], findings: lint.Findings
) -> Iterator[str]:
    """Say once, at the top, why no check of a file could run, unless that is said already."""
    for name in assignment.files:
        questions = {question.id for question in assignment.questions if question.file == name}
        summaries = {r.summary for r in result.records if r.question in questions}
        if len(questions) == 1 or len(summaries) != 1 or any(name in notice for notice in said):
            continue
        (summary,) = summaries
        if "ModuleNotFoundError" in summary and findings.notices:
            continue  # they name the library
        if "import" in summary and name in result.run.submission.files:
            yield f"No check of {name} could run: {summary}."


def _cut_short(records: Sequence[TestRecord]) -> Iterator[str]:
    """Say that the run's time was used up: how far a run gets depends on the machine.

    A question of which nothing timed out has not used up its own time.
    """
    stopped = {record.question for record in records if record.status is Status.TIMED_OUT}
    late = [r for r in records if r.status is Status.NOT_RUN and r.question not in stopped]
    if late:
        yield f"{len(late)} checks were not run: the time for the whole run was used up"


def _grade(
    assignment: Assignment, result: suite.RunResult, findings: lint.Findings
) -> Grade | Failure:
    submission = result.run.submission
    if result.failure:
        return Failure(submission=submission.name, reason=result.failure, records=result.records)
    notices = [*submission.notices, *findings.notices]
    notices += _syntax_notices(submission, result.uncompiled)
    notices += _import_notices(assignment, result, notices, findings)
    try:
        return score(
            assignment,
            submission.name,
            result.records,
            notices=tuple(notices),
            review=(*findings.review, *_cut_short(result.records)),
            seed=result.run.seed.hex(),
            isolation=result.isolation,
            seconds=result.seconds,
            speed=result.speed,
        )
    except GraderError as error:
        return Failure(submission=submission.name, reason=str(error), records=result.records)
