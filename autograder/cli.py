"""The command line: one verb per arrow of the dataflow.

Bodies are short: they say what happens, in order. Failures leave by exception and become one
message and an exit code here: 0 done (graded, whatever the grade), 1 nothing gradable, 2 usage or
an author's mistake, 3 the grader itself failed.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from autograder import __version__
from autograder import assignment as assignments
from autograder.assignment import Assignment
from autograder.errors import AutograderError, UsageError

if TYPE_CHECKING:
    from autograder.gradebook import Graded

ALLOW_WEAK = "grade also where student code could read the hidden tests (see doctor)"
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="autograder",
        description="Isolated, proved and diagnostic grading of NumPy homework.",
        epilog="example: autograder grade hw1_optimizers submissions/ --out results/ --jobs 2",
    )
    parser.add_argument("--version", action="version", version=f"autograder {__version__}")
    parser.add_argument(
        "--root",
        type=Path,
        default=Path(),
        help="the folder that holds assignments/ and solutions/ (default: here)",
    )
    commands = parser.add_subparsers(metavar="VERB", required=True)
    verbs = (
        *(add_new, add_verify, add_template, add_bundle, add_export),
        *(add_emulate, add_grade, add_doctor, add_demo),
    )
    for add in verbs:
        add(commands)
    args = parser.parse_args(argv)
    try:
        return int(args.run(args))
    except AutograderError as error:
        print(f"autograder: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("autograder: stopped", file=sys.stderr)
        return 130


def add_new(commands: Commands) -> None:
    """Declare `autograder new`."""
    verb = _verb(
        commands,
        "new",
        "start an assignment: two folders with a small example that is proved at once",
        "autograder new hw5_example",
    )
    verb.add_argument("assignment", help="the id of the new assignment")
    verb.set_defaults(run=run_new)


def run_new(args: argparse.Namespace) -> int:
    """Return 0 when both folders are written."""
    from autograder import new

    for path in new.create(args.root, args.assignment):
        print(f"wrote {path}")
    print(f"next: autograder verify {args.assignment}, then read the comments in these files")
    return 0


def add_verify(commands: Commands) -> None:
    """Declare `autograder verify`."""
    verb = _verb(
        commands,
        "verify",
        "prove an assignment's tests: six claims, with evidence and what is missing",
        "autograder verify hw1_optimizers --jobs 2",
    )
    verb.add_argument("assignment", nargs="?", help="an assignment's id; all if none is given")
    verb.add_argument("--jobs", type=int, default=1, help="processes at a time (default: 1)")
    verb.add_argument(
        "--check", action="store_true", help="run nothing; say whether proof.json is current"
    )
    verb.add_argument(
        "--anew", action="store_true", help="try everything again: no result is remembered or kept"
    )
    verb.set_defaults(run=run_verify)


def run_verify(args: argparse.Namespace) -> int:
    """Return 0 if every proof holds, or is current; else 1."""
    chosen, held, began = _chosen(args.root, args.assignment), [], time.monotonic()
    for assignment in chosen:
        if args.check:
            held.append(_check_proof(assignment))
        else:
            cache = None if args.anew else args.root / ".cache" / "verify"
            held.append(_prove(args.root, assignment, max(1, args.jobs), cache))
    if not args.check:
        minutes, seconds = divmod(round(time.monotonic() - began), 60)
        print(f"\n{sum(held)} of {len(held)} proved, in {minutes} min {seconds} s")
    return 0 if all(held) else 1


def _check_proof(assignment: Assignment) -> bool:
    from autograder import proof

    different = proof.differences(assignment)
    for line in different:
        print(f"{assignment.id}: {line}")
    print(f"the proof of {assignment.id} is {'not current' if different else 'current'}")
    if different:
        print(f"fix: autograder verify {assignment.id}")
    return not different


def _prove(root: Path, assignment: Assignment, jobs: int, cache: Path | None) -> bool:
    """Verify an assignment, print what was found, and write the record if all holds."""
    from rich.console import Console

    from autograder import proof, verify
    from autograder.report.killmatrix import write_kill_matrix
    from autograder.report.proofs import print_verification, verify_progress

    console = Console()
    before = proof.digests(assignment)
    with verify_progress(console, assignment.id) as advance:
        found = verify.verify(assignment, jobs=jobs, cache=cache, on_progress=advance)
    print_verification(found, console)
    page = root / "build" / "verify" / assignment.id / "kill_matrix.html"
    write_kill_matrix(page, found)
    print(f"\nkill matrix  {page}")
    if found.held:
        print(f"record       {proof.write(assignment, found.evidence, rests_on=before)}")
    return found.held


def _chosen(root: Path, assignment_id: str | None) -> list[Assignment]:
    """Return the assignment of this id, or all; UsageError if there is none."""
    ids = [assignment_id] if assignment_id else assignments.assignment_ids(root)
    if not ids:
        raise UsageError(f"no assignment in {root.resolve() / 'assignments'}")
    return [assignments.find(root, name) for name in ids]


def add_template(commands: Commands) -> None:
    """Declare `autograder template`."""
    verb = _verb(
        commands,
        "template",
        "write student_template/<hw>/ from an assignment and its solution",
        "autograder template hw1_optimizers",
    )
    verb.add_argument("assignment", nargs="?", help="an assignment's id; all if none is given")
    verb.add_argument(
        "--check", action="store_true", help="write nothing; fail if the template is not current"
    )
    verb.set_defaults(run=run_template)


def run_template(args: argparse.Namespace) -> int:
    """Return 0 if the templates are written, or are current."""
    from autograder import template

    stale = 0
    for assignment in _chosen(args.root, args.assignment):
        folder = args.root / "student_template" / assignment.id
        if not args.check:
            files = template.generate(assignment, folder)
            print(f"wrote {folder} ({len(files)} files)")
            continue
        different = template.differences(assignment, folder)
        for line in different:
            print(f"{folder}: {line}")
        stale += bool(different)
        print(f"{folder} is {'not current' if different else 'current'}")
    if stale:
        print("fix: autograder template")
    return 1 if stale else 0


def add_bundle(commands: Commands) -> None:
    """Declare `autograder bundle`."""
    verb = _verb(
        commands,
        "bundle",
        "write the zip that a platform runs",
        "autograder bundle hw1_optimizers --for otter",
    )
    verb.add_argument("assignment", help="an assignment's id")
    verb.add_argument(
        "--for",
        dest="platform",
        default="gradescope",
        metavar="PLATFORM",
        help="gradescope (default), or otter: for `otter run` 7, with the student's code isolated",
    )
    verb.add_argument("--out", type=Path, default=Path("dist"), help="folder (default: dist)")
    verb.add_argument("--allow-weak", action="store_true", help=ALLOW_WEAK)
    verb.add_argument(
        "--unproved", action="store_true", help="bundle also what `verify` has not proved"
    )
    verb.set_defaults(run=run_bundle)


def run_bundle(args: argparse.Namespace) -> int:
    """Return 0 when the bundle is written."""
    from autograder import bundle

    assignment = assignments.find(args.root, args.assignment)
    path = bundle.build(
        assignment,
        args.platform,
        args.out,
        allow_weak=args.allow_weak,
        unproved=args.unproved,
    )
    print(bundle.next_steps(assignment, path))
    return 0


def add_export(commands: Commands) -> None:
    """Declare `autograder export`."""
    verb = _verb(
        commands,
        "export",
        "write a homework in another autograder's format, for a course that wants to own it there",
        "autograder export hw1_optimizers --to otter-assign --assign",
    )
    verb.add_argument("assignment", help="an assignment's id")
    verb.add_argument(
        "--to",
        dest="form",
        choices=["otter-assign"],
        default="otter-assign",
        help="otter-assign: a master notebook for `otter assign` 7 (default)",
    )
    verb.add_argument("--out", type=Path, help="folder (default: dist/<hw>-otter-assign)")
    verb.add_argument(
        "--assign",
        action="store_true",
        help="run `otter assign` on it, too, which makes the student's folder and autograder.zip",
    )
    verb.set_defaults(run=run_export)


def run_export(args: argparse.Namespace) -> int:
    """Return 0 when the master notebook is written, and Otter has taken it if asked to."""
    from autograder import otter_assign

    assignment = assignments.find(args.root, args.assignment)
    out = args.out or Path("dist") / f"{assignment.id}-{args.form}"
    master = otter_assign.export(assignment, out)
    made = otter_assign.assign(assignment, master) if args.assign else None
    print(otter_assign.next_steps(assignment, master, made))
    return 0


def add_emulate(commands: Commands) -> None:
    """Declare `autograder emulate`."""
    verb = _verb(
        commands,
        "emulate",
        "run a bundle on a submission as the platform does, without Docker",
        "autograder emulate dist/hw1_optimizers-gradescope.zip ada.zip --metadata late",
    )
    verb.add_argument("bundle", type=Path, help="the zip that `autograder bundle` wrote")
    verb.add_argument("submission", type=Path, help="a folder, a .zip, a .py or a .ipynb")
    verb.add_argument("--metadata", default="full", help="kind of submission_metadata.json")
    verb.add_argument("--timeout", type=float, default=600.0, help="seconds (default: 600)")
    verb.add_argument("--fresh", action="store_true", help="run setup.sh even if it ran before")
    verb.set_defaults(run=run_emulate)


def run_emulate(args: argparse.Namespace) -> int:
    """Return 0 if the platform would accept the results, else 3."""
    from autograder import emulate

    emulation = emulate.emulate(
        args.bundle,
        args.submission,
        metadata=args.metadata,
        timeout=args.timeout,
        fresh=args.fresh,
    )
    for view in (*emulation.students, emulation.instructor):
        print(emulate.to_text(view))
        print()
    print(f"setup.sh {emulation.setup_seconds:.1f} s, run_autograder {emulation.seconds:.2f} s")
    for problem in emulation.problems:
        print(f"problem: {problem}")
    return 3 if emulation.problems else 0


def add_grade(commands: Commands) -> None:
    """Declare `autograder grade`."""
    verb = _verb(
        commands,
        "grade",
        "grade submissions: a folder, a .zip, a .py, a .ipynb, or a folder of many of these",
        "autograder grade hw1_optimizers submissions/ --out results/ --jobs 2",
    )
    verb.add_argument("assignment", help="an assignment's id")
    verb.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="what to grade")
    verb.add_argument("--out", type=Path, default=Path("results"), help="folder (default: results)")
    verb.add_argument(
        "--jobs",
        type=int,
        default=1,
        help="submissions at a time (default: 1); fastest is one for each processor",
    )
    verb.add_argument("--seed", type=_hex, help="hex, from instructor.txt: replay that grading")
    verb.add_argument("--allow-weak", action="store_true", help=ALLOW_WEAK)
    verb.set_defaults(run=run_grade)


def run_grade(args: argparse.Namespace) -> int:
    """Return 0 if everything is graded, 1 if nothing could be, 3 if the grader failed on some."""
    assignment = assignments.find(args.root, args.assignment)
    graded = _grade(
        assignment, args.paths, args.out, args.jobs, seed=args.seed, allow_weak=args.allow_weak
    )
    return _exit_code(graded)


def add_doctor(commands: Commands) -> None:
    """Declare `autograder doctor`."""
    verb = _verb(
        commands,
        "doctor",
        "say how well student code is confined here, and try ten attacks",
        "autograder doctor",
    )
    verb.set_defaults(run=run_doctor)


def run_doctor(args: argparse.Namespace) -> int:
    """Return 0 if the level is good or strong, else 1."""
    from autograder import doctor
    from autograder.sandbox.layers import Level

    ids = assignments.assignment_ids(args.root)
    hidden = [args.root / "solutions" / assignment_id for assignment_id in ids]
    diagnosis = doctor.examine(hidden=hidden)
    print(doctor.to_text(diagnosis))
    return 1 if diagnosis.level is Level.WEAK else 0


def add_demo(commands: Commands) -> None:
    """Declare `autograder demo`."""
    verb = _verb(
        commands,
        "demo",
        "the whole way: template, bundle, a made-up class, its grades and the report",
        "autograder demo hw1_optimizers --out demo",
    )
    verb.add_argument("assignment", help="an assignment's id")
    verb.add_argument("--out", type=Path, default=Path("demo"), help="folder (default: demo)")
    verb.add_argument("--jobs", type=int, default=2, help="submissions at a time (default: 2)")
    verb.add_argument("--students", type=int, default=44, help="size of the class (default: 44)")
    verb.set_defaults(run=run_demo)


def run_demo(args: argparse.Namespace) -> int:
    """Return 0 when the made-up class is graded."""
    from autograder import bundle, demo, template

    started = time.monotonic()
    assignment = assignments.find(args.root, args.assignment)
    folder = args.out / "template" / assignment.id
    print(f"template     {len(template.generate(assignment, folder))} files in {folder}")
    packed = bundle.build(assignment, "gradescope", args.out / "dist", unproved=True)
    print(f"bundle       {packed}")
    submissions = args.out / "submissions"
    shutil.rmtree(submissions, ignore_errors=True)
    names = demo.make_class(assignment, submissions, count=args.students, seed=0)
    print(f"class        {len(names)} submissions in {submissions}")
    # the class is made of our own samples: nobody is there to learn a secret
    graded = _grade(assignment, [submissions], args.out / "results", args.jobs, allow_weak=True)
    print(f"all in {time.monotonic() - started:.0f} s")
    return 3 if graded.failures else 0


def _grade(
    assignment: Assignment,
    paths: Sequence[Path],
    out: Path,
    jobs: int,
    *,
    seed: str | None = None,
    allow_weak: bool = False,
) -> Graded:
    """Grade with a progress bar, print the table, say where the results are."""
    from rich.console import Console

    from autograder import gradebook
    from autograder.report.progress import grading_progress
    from autograder.report.table import print_grade, print_table

    console = Console()
    with grading_progress(console) as (start, advance):
        graded = gradebook.grade(
            assignment,
            paths,
            out,
            jobs=jobs,
            seed=seed,
            allow_weak=allow_weak,
            on_start=start,
            on_progress=advance,
        )
    if len(graded.grades) == 1 and not graded.failures:
        print_grade(graded.grades[0], console)
    else:
        print_table(graded.grades, graded.failures, console)
    print(f"results      {out}{'/<submission>/results.json'}")
    print(f"grades       {graded.csv}")
    print(f"mistakes     {graded.mistakes}")
    print(f"report       {graded.report}")
    return graded


def _exit_code(graded: Graded) -> int:
    if graded.failures:
        return 3
    return 0 if len(graded.grades) > len(graded.empty) else 1


def _verb(commands: Commands, name: str, what: str, example: str) -> argparse.ArgumentParser:
    return commands.add_parser(
        name, help=what, description=f"{what[0].upper()}{what[1:]}.", epilog=f"example: {example}"
    )


def _hex(text: str) -> str:
    try:
        if len(bytes.fromhex(text)) >= 4:
            return text
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"{text!r} is not a seed: at least 8 hexadecimal digits")


if __name__ == "__main__":
    sys.exit(main())
