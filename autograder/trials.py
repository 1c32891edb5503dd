"""Try samples of our own on the tests of an assignment, and remember how that ended.

    Assignment + Trial... -> [trials: suite, cache] -> Outcome... for each

A trial is one sample and the tests of one question. Its outcomes are kept under a hash of all that
they follow from, so a changed test file costs the trials of its own question and no others. What
is kept can be thrown away at any time.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder import proof, suite
from autograder.assignment import Assignment
from autograder.errors import GraderError
from autograder.intake import Submission
from autograder.samples import Files
from student_kit.records import Status

# What is wrong often does not end. What is right ends within the assignment's own limit.
WRONG_CALL_SECONDS = 1.0
SEEDS_PER_RUN = 10  # a run with many seeds is cut, so that all cores are busy to the end
# these say what is tried, not how it ends
_NO_PART = (".md", "autograder/verify.py", "autograder/influence.py")
Advance = Callable[[int, int, str], None]  # done, of how many, the latest one


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trial:
    """One sample that the tests of one question are to judge."""

    sample: str  # "mistake adam-no-bias-correction"
    files: Files
    question: str
    seeds: tuple[int, ...] = (0,)
    tests: frozenset[str] = frozenset()  # of the question, if not all of them are wanted
    public: bool = True  # whether public tests are wanted too
    right: bool = False  # whether every call is expected to end


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one test of a trial ended, with one seed."""

    seed: int
    test: str
    hidden: bool
    weight: float
    status: Status
    summary: str = ""  # what was wrong

    @property
    def passed(self) -> bool:
        """Whether the sample got this test's share of the points."""
        return self.status is Status.PASSED


Outcomes = tuple[Outcome, ...]


def run(
    assignment: Assignment,
    trials: Sequence[Trial],
    *,
    jobs: int,
    cache: Path | None = None,
    on_progress: Advance = lambda done, total, sample: None,
) -> list[Outcomes]:
    """Return the outcomes of each trial, in their order.

    Args:
        assignment: whose tests judge.
        trials: trials of one sample that stand together are run together.
        jobs: how many run at a time.
        cache: where outcomes are kept from one time to the next.
        on_progress: called whenever some trials are done.

    Raises:
        GraderError: the tests cannot be collected, or a sample takes the grader down.
    """
    keys = _Keys(assignment)
    found: dict[int, Outcomes] = {}
    paths: dict[int, Path] = {}
    for number, trial in enumerate(trials):
        if cache is not None:
            paths[number] = cache / keys.of(trial)
            outcomes = _recall(paths[number])
            if outcomes is not None:
                found[number] = outcomes
    on_progress(len(found), len(trials), "")

    failures: list[str] = []

    def finish(numbers: Sequence[int], result: suite.RunResult) -> None:
        if result.failure:
            failures.append(f"{trials[numbers[0]].sample}: {result.failure}")
            return
        for number in numbers:
            found[number] = _outcomes(trials[number], result)
            if number in paths:
                _remember(paths[number], found[number])
        on_progress(len(found), len(trials), trials[numbers[-1]].sample)

    for right in (True, False):
        missing = [n for n, trial in enumerate(trials) if n not in found and trial.right is right]
        _run(assignment if right else _hasty(assignment), trials, missing, jobs, finish)
        if failures:
            raise GraderError(failures[0])
    return [found[number] for number in range(len(trials))]


def _hasty(assignment: Assignment) -> Assignment:
    seconds = min(assignment.limits.call_seconds, WRONG_CALL_SECONDS)
    limits = dataclasses.replace(assignment.limits, call_seconds=seconds)
    return dataclasses.replace(assignment, limits=limits)


def _run(
    assignment: Assignment,
    trials: Sequence[Trial],
    numbers: Sequence[int],
    jobs: int,
    finish: Callable[[Sequence[int], suite.RunResult], None],
) -> None:
    """Run these trials, several in one run where the sample and the seeds are the same."""
    if not numbers:
        return
    groups: list[list[int]] = []
    for number in numbers:
        last = trials[groups[-1][-1]] if groups else None
        if last is not None and _go_together(last, trials[number]):
            groups[-1].append(number)
        else:
            groups.append([number])
    suite.run(
        assignment,
        [_as_run(str(place), [trials[n] for n in group]) for place, group in enumerate(groups)],
        jobs=max(1, min(jobs, len(groups))),
        on_result=lambda result: finish(groups[int(result.run.submission.name)], result),
        isolated=False,
        diagnosed=False,
        detailed=False,
    )


def _go_together(one: Trial, other: Trial) -> bool:
    alike = (one.sample, one.seeds, one.public) == (other.sample, other.seeds, other.public)
    return alike and not one.tests and not other.tests


def _as_run(name: str, trials: Sequence[Trial]) -> suite.Run:
    first, *more = (_seed(seed) for seed in trials[0].seeds)
    return suite.Run(
        submission=Submission(name=name, files=trials[0].files),
        seed=first,
        more_seeds=tuple(more),
        questions=frozenset(trial.question for trial in trials),
        tests=trials[0].tests,
        public=trials[0].public,
    )


def _seed(number: int) -> bytes:
    return hashlib.sha256(f"trial {number}".encode()).digest()


def _outcomes(trial: Trial, result: suite.RunResult) -> Outcomes:
    """Return what a run says of one trial; its records come seed by seed."""
    size, rest = divmod(len(result.records), len(trial.seeds))
    if rest or not size:
        raise GraderError(f"{trial.sample}: {len(result.records)} records of {trial.seeds} seeds")
    return tuple(
        Outcome(
            seed=trial.seeds[place // size],
            test=record.test,
            hidden=record.hidden,
            weight=record.weight,
            status=record.status,
            summary=record.summary,
        )
        for place, record in enumerate(result.records)
        if record.question == trial.question
    )


# --- what is remembered -------------------------------------------------------------------------


class _Keys:
    """Names a trial by all that its outcomes follow from."""

    def __init__(self, assignment: Assignment) -> None:
        self._assignment = assignment
        rest = proof.digests(assignment)
        tests = {f"test_{question.id}.py" for question in assignment.questions}
        reference = {f"solutions/{assignment.id}/{name}" for name in assignment.files}
        public = f"assignments/{assignment.id}/"
        hidden = f"solutions/{assignment.id}/hidden_tests/"
        self._common = {
            name: digest
            for name, digest in rest.items()
            if name.startswith(("student_kit/", "autograder/", public, hidden)) or name in reference
            if name.rpartition("/")[2] not in tests and not name.endswith(_NO_PART)
        }
        self._tests = {
            question.id: {
                name: digest
                for name, digest in rest.items()
                if name.endswith(f"/test_{question.id}.py") and name.startswith((public, hidden))
            }
            for question in assignment.questions
        }

    def of(self, trial: Trial) -> str:
        """Return the name of the file that holds the trial's outcomes."""
        facts = {
            "common": self._common,
            "tests": self._tests[trial.question],
            "files": {n: hashlib.sha256(data).hexdigest() for n, data in trial.files.items()},
            "seeds": trial.seeds,
            "names": sorted(trial.tests),
            "public": trial.public,
            "right": trial.right,
        }
        digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
        return f"{digest[:2]}/{digest[2:32]}.json"


def _recall(path: Path) -> Outcomes | None:
    """Return what `_remember` wrote; None if there is nothing, or nothing that makes sense."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        return tuple(Outcome(**{**row, "status": Status(row["status"])}) for row in rows) or None
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _remember(path: Path, outcomes: Iterable[Outcome]) -> None:
    rows = [{name: getattr(outcome, name) for name in Outcome.__slots__} for outcome in outcomes]
    write_atomically(path, json.dumps(rows))


def write_atomically(path: Path, text: str) -> None:
    """Write a file that others may be reading or writing at this moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)
