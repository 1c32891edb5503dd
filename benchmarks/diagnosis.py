"""Measure how often the diagnosis is right: `make bench`, or this file alone.

    python benchmarks/diagnosis.py hw1_optimizers --only single,unseen

Four groups of submissions whose faults are known, and one without any:

* single: each catalogued mistake alone;
* apart: two mistakes, in different functions, drawn at random;
* pair: two mistakes in one function, drawn from those that go together;
* unseen: wrong submissions that were written by hand, see `wrong/labels.toml`;
* variant: correct submissions.

Each faulty question counts once. It is *right* if every mistake that was named there is one that
was made ("one of" at most three counts), *wrong* if one was named that was not made, else nothing
was said. Runs in this process and its forks: no sandbox.
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

from autograder import assignment as assignments  # noqa: E402
from autograder import mistakes as catalogues  # noqa: E402
from autograder import samples, suite  # noqa: E402
from autograder.assignment import Assignment  # noqa: E402
from autograder.errors import AuthorError  # noqa: E402
from autograder.intake import Submission  # noqa: E402
from autograder.mistakes import Mistake  # noqa: E402
from student_kit.records import Status, TestRecord  # noqa: E402

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

GROUPS = ("single", "apart", "pair", "unseen", "variant")
SEED = b"diagnosis"
# of the faulty questions: right at least, wrong at most
GOALS = {
    "single": (0.95, 0.01),
    "apart": (0.95, 0.01),
    "pair": (0.70, 0.01),
    "unseen": (0.60, 0.03),
    "unknown": (0.0, 0.03),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One submission, and what is wrong with it."""

    group: str
    name: str
    files: Mapping[str, bytes]
    made: Mapping[str, tuple[str, ...]]  # question -> ids; () if the catalogue lacks it


@dataclass(slots=True)
class Tally:
    """What was said about the faulty questions of a group."""

    right: int = 0
    wrong: int = 0
    nothing: int = 0
    related: int = 0  # of those: a relation was given
    examples: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many there were."""
        return self.right + self.wrong + self.nothing

    def meets(self, goal: tuple[float, float]) -> bool:
        """Whether enough were right and few enough wrong."""
        right, wrong = goal
        return self.right >= right * self.total and self.wrong <= wrong * self.total


def main() -> int:
    """Measure what the command line names, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("assignment", nargs="?", default="hw1_optimizers")
    parser.add_argument("--only", default=",".join(GROUPS), help="groups, by commas")
    parser.add_argument("--count", type=int, default=100, help="pairs of each kind (default: 100)")
    parser.add_argument("--wrong", type=Path, help="another folder of wrong submissions")
    parser.add_argument("--examples", action="store_true", help="show what was not right")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    args = parser.parse_args()
    assignment = assignments.find(ROOT, args.assignment)
    made = collect(assignment, args.only.split(","), args.count, args.wrong)
    started = time.perf_counter()
    tallies = measure(assignment, made, jobs=args.jobs)
    print(table(tallies))
    print(f"{len(made)} submissions in {time.perf_counter() - started:.1f} s")
    if args.examples:
        print("\n".join(line for tally in tallies.values() for line in tally.examples))
    return 0


def collect(
    assignment: Assignment, groups: list[str], count: int, wrong: Path | None = None
) -> list[Sample]:
    """Return the samples of these groups; `count` pairs of each kind."""
    mistakes = catalogues.load(assignment).mistakes
    rng = random.Random(0)
    pairs = list(itertools.combinations(mistakes, 2))
    rng.shuffle(pairs)
    apart = [pair for pair in pairs if pair[0].question != pair[1].question]
    inside = [pair for pair in pairs if pair[0].question == pair[1].question]
    found: list[Sample] = []
    if "single" in groups:
        found += [sample(assignment, "single", (mistake,)) for mistake in mistakes]
    if "apart" in groups:
        found += [sample(assignment, "apart", pair) for pair in apart[:count]]
    if "pair" in groups:
        composing = (pair for pair in inside if composes(assignment, pair))
        found += [sample(assignment, "pair", p) for p in itertools.islice(composing, count)]
    if "unseen" in groups:
        found += unseen(assignment, wrong or assignment.private / "wrong")
    if "variant" in groups:
        found += [
            Sample(group="variant", name=name, files=files, made={})
            for name, files in samples.variant_files(assignment).items()
        ]
    return found


def sample(assignment: Assignment, group: str, made: tuple[Mistake, ...]) -> Sample:
    """Return the reference with these mistakes."""
    faults: dict[str, tuple[str, ...]] = {}
    for mistake in made:
        faults[mistake.question] = (*faults.get(mistake.question, ()), mistake.id)
    return Sample(
        group=group,
        name=" + ".join(mistake.id for mistake in made),
        files=catalogues.apply(assignment, *made),
        made=faults,
    )


def composes(assignment: Assignment, pair: tuple[Mistake, ...]) -> bool:
    """Whether both mistakes can be made in one question."""
    try:
        catalogues.apply(assignment, *pair)
    except AuthorError:
        return False
    return True


def unseen(assignment: Assignment, folder: Path) -> list[Sample]:
    """Return the wrong submissions of a folder that are in its labels.toml."""
    labels = folder / "labels.toml"
    if not labels.is_file():
        return []
    submissions = samples.wrong_files(assignment, folder=folder)
    found = []
    for entry in tomllib.loads(labels.read_text("utf-8"))["wrong"]:
        made: dict[str, tuple[str, ...]] = {}
        for fault in entry["fault"]:
            made[fault["question"]] = (*made.get(fault["question"], ()), *fault["mistakes"])
        files = submissions[Path(entry["file"]).stem]
        found.append(Sample(group="unseen", name=entry["file"], files=files, made=made))
    return found


def measure(assignment: Assignment, made: list[Sample], *, jobs: int) -> dict[str, Tally]:
    """Grade all samples, and count per group what was said of their faulty questions."""
    by_name = {f"{number}": sample for number, sample in enumerate(made)}
    tallies: dict[str, Tally] = {}

    def take(result: suite.RunResult) -> None:
        found = by_name[result.run.submission.name]
        if result.failure:
            raise SystemExit(f"{found.name}: {result.failure}")
        judge(found, result.records, tallies)

    runs = [
        suite.Run(
            submission=Submission(name=name, files=dict(found.files)),
            seed=SEED,
            questions=affected(assignment, found.made),
        )
        for name, found in by_name.items()
    ]
    suite.run(assignment, runs, jobs=jobs, on_result=take, isolated=False)
    return tallies


def affected(assignment: Assignment, faulty: Mapping[str, Any]) -> frozenset[str]:
    """Return the faulty questions and those that build on them; all if none is."""
    return frozenset(
        question.id
        for question in assignment.questions
        if not faulty or question.id in faulty or assignment.uses(question.id) & faulty.keys()
    )


def judge(found: Sample, records: tuple[TestRecord, ...], tallies: dict[str, Tally]) -> None:
    """Count what was said of one sample."""
    said: dict[str, list[TestRecord]] = {}
    for record in records:
        if record.diagnosis is not None and record.diagnosis.mistakes:
            said.setdefault(record.question, []).append(record)
    failed = {r.question for r in records if r.status in (Status.FAILED, Status.ERRORED)}
    everything = {name for names in found.made.values() for name in names}
    for question in sorted(found.made.keys() | said.keys()):
        made = set(found.made.get(question, everything))
        if question in found.made and question not in failed:
            continue  # nothing to explain: a fault that no test sees, or two that cancel
        group = found.group
        if group == "unseen" and question in found.made and not made:
            group = "unknown"
        tally = tallies.setdefault(group, Tally())
        named = [set(record.diagnosis.mistakes) for record in said.get(question, ())]
        together = [r.diagnosis.together for r in said.get(question, ())]
        good = [
            names <= made if both else bool(names & made)
            for names, both in zip(named, together, strict=True)
        ]
        if question not in found.made and all(good):
            continue  # the blame for a question that is right itself
        if named and all(good):
            tally.right += 1
        elif named:
            tally.wrong += 1
        else:
            tally.nothing += 1
            tally.related += any(r.diagnosis is not None for r in records if r.question == question)
        if not named or not all(good):
            names = Counter(tuple(sorted(names)) for names in named)
            tally.examples.append(f"{group:8} {found.name}, {question}: {sorted(made)}; {names}")


def table(tallies: Mapping[str, Tally]) -> str:
    """Return the counts as a table."""
    lines = [
        f"{'group':8} {'questions':>9} {'right':>12} {'wrong':>12} {'nothing':>12}  "
        "of these with a relation"
    ]
    for group, tally in tallies.items():
        shares = [
            f"{count:4} ({count / tally.total:4.0%})"
            for count in (tally.right, tally.wrong, tally.nothing)
        ]
        cells = " ".join(f"{share:>12}" for share in shares)
        goal = ""
        if group in GOALS:
            right, wrong = GOALS[group]
            met = "met" if tally.meets(GOALS[group]) else "MISSED"
            goal = f"  goal: right >= {right:.0%}, wrong <= {wrong:.0%}: {met}"
        lines.append(f"{group:8} {tally.total:9} {cells}  {tally.related:4}{goal}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
