"""Measure grading, as whole processes, and print a table: `make bench`.

Medians of several runs, after one run that is not counted. Nothing here is a test: a machine that
is busy with something else gives other numbers, so what is compared runs alternately.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tools"), str(Path(__file__).resolve().parent)]

import convolutions  # noqa: E402
import diagnosis  # noqa: E402
import environment  # noqa: E402 - tools/, a folder of scripts
import layers  # noqa: E402
import otter_port  # noqa: E402

from autograder import assignment as assignments  # noqa: E402
from autograder import bundle, demo, emulate, samples  # noqa: E402
from autograder.assignment import Assignment  # noqa: E402

OTTER = ROOT / ".venv-otter"
# of run_autograder, seconds; of a class, submissions per second
GOALS = {"hw1_optimizers": (1.0, 3.0), "hw2_backprop": (1.5, 2.0), "hw3_autograd": (6.0, 0.5)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table."""

    item: str
    value: str
    goal: str = ""
    met: bool | None = None
    note: str = ""


def main() -> int:
    """Measure what the command line names, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("assignment", nargs="?", default="hw1_optimizers")
    parser.add_argument("--runs", type=int, default=7, help="per measurement (default: 7)")
    parser.add_argument("--count", type=int, default=100, help="size of the class (default: 100)")
    parser.add_argument("--only", default="abcdefg", help="which parts, such as ac (default: all)")
    args = parser.parse_args()
    assignment = assignments.find(ROOT, args.assignment)

    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="autograder-bench-") as name:
        folder = Path(name)
        reference = None
        if "a" in args.only or "d" in args.only:
            say("(a) run_autograder")
            reference, part = run_autograder(assignment, folder, args.runs)
            rows += part
        if "b" in args.only:
            say(f"(b) a class of {args.count}")
            rows += whole_class(assignment, folder, args.count)
        if "c" in args.only:
            say("(c) isolated and in-process")
            rows += isolation(assignment, args.runs)
        if "d" in args.only:
            say("(d) otter run")
            rows += otter(assignment, folder, args.runs, reference)
        if "e" in args.only:
            say("(e) a worker with each layer left out")
            rows += each_layer(args.runs)
    if "f" in args.only:
        say("(f) diagnosis")
        rows += accuracy(assignment)
    if "g" in args.only:
        say("(g) convolutions of homework 4")
        rows += beside_pytorch()
    print_table(rows)
    return 0


def run_autograder(assignment: Assignment, folder: Path, runs: int) -> tuple[float, list[Row]]:
    """Time the bundle's run_autograder on the reference and on the stub."""
    path = bundle.build(assignment, "gradescope", folder / "dist", unproved=True)
    goal, _ = GOALS.get(assignment.id, GOALS["hw1_optimizers"])
    rows, medians = [], {}
    with emulate.prepared(path) as base:
        for kind, files in (
            ("reference", samples.reference_files(assignment)),
            ("stub", samples.stub_files(assignment)),
        ):
            submission = folder / kind
            submission.mkdir()
            for file, content in files.items():
                (submission / file).write_bytes(content)
            emulate.lay_out(base.folder, submission)
            seconds = timed(lambda: run_in(base), runs)
            results = json.loads((base.folder / "results/results.json").read_text("utf-8"))
            progress = json.loads((base.folder / "results/progress.json").read_text("utf-8"))
            medians[kind] = statistics.median(seconds)
            tests = len(progress["tests"])
            rows.append(
                Row(
                    item=f"(a) run_autograder, {kind}",
                    value=f"{medians[kind]:.2f} s",
                    goal=f"<= {goal} s",
                    met=medians[kind] <= goal,
                    note=f"{tests} tests, {results['score']:g} points, {spread(seconds)}",
                )
            )
    return medians["reference"], rows


def run_in(base: emulate.Base) -> None:
    """Start run_autograder as the platform does."""
    subprocess.run(
        ["./run_autograder"],
        cwd=base.folder,
        env={"PATH": os.defpath, "AUTOGRADER_VENV": str(base.venv)},
        stdout=subprocess.DEVNULL,
        check=True,
    )


def whole_class(assignment: Assignment, folder: Path, count: int) -> list[Row]:
    """Time `autograder grade --jobs 2` on a class, with and without the odd submissions."""
    demo.make_class(assignment, folder / "class", count=count)
    labels = json.loads((folder / "class" / demo.LABELS).read_text("utf-8"))["submissions"]
    loops = sum("loop" in label["kind"] for label in labels.values())
    program = "import sys; from autograder.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", program, "--root", str(ROOT), "grade", assignment.id]
    command += [str(folder / "class"), "--out", str(folder / "results"), "--jobs", "2"]
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    graded = len(list((folder / "results").glob("*/results.json")))
    rate = graded / seconds
    _, goal = GOALS.get(assignment.id, GOALS["hw1_optimizers"])
    return [
        Row(
            item=f"(b) grade a class of {count}, --jobs 2",
            value=f"{rate:.1f} per s",
            goal=f">= {goal:g} per s",
            met=rate >= goal,
            note=f"{seconds:.1f} s, {graded} graded, {loops} endless loops, exit {done.returncode}",
        )
    ]


def isolation(assignment: Assignment, runs: int) -> list[Row]:
    """Time the same suite on the reference, isolated and in-process, alternately."""
    script = str(ROOT / "benchmarks/suite_once.py")
    seconds: dict[str, list[float]] = {"isolated": [], "in-process": []}
    said = {}
    for number in range(runs + 1):
        for way, times in seconds.items():
            command = [sys.executable, script, assignment.id, way]
            started = time.perf_counter()
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            if number:
                times.append(time.perf_counter() - started)
            said[way] = done.stdout.strip().splitlines()[-1]
    medians = {way: statistics.median(times) for way, times in seconds.items()}
    ratio = medians["isolated"] / medians["in-process"]
    return [
        Row(
            item=f"(c) whole suite, {way}",
            value=f"{medians[way]:.2f} s",
            note=f"{said[way]}, {spread(seconds[way])}",
        )
        for way in seconds
    ] + [
        Row(
            item="(c) isolated over in-process",
            value=f"{ratio:.2f}",
            goal="<= 1.5",
            met=ratio <= 1.5,
        )
    ]


def otter(assignment: Assignment, folder: Path, runs: int, reference: float | None) -> list[Row]:
    """Time `otter run` on the same checks and the same reference."""
    if not environment.make_otter(OTTER):
        note = f"skipped: no Python {environment.OTTER_PYTHON} here"
        return [Row(item="(d) otter run, reference", value="-", note=note)]
    command = OTTER.resolve() / "bin/otter"
    path, cases = otter_port.port(assignment, ROOT, command, folder / "otter")
    # the reference as a student would hand it in: Otter takes one .py file
    submission = folder / "otter" / assignment.files[0]
    submission.write_bytes(samples.reference_files(assignment)[assignment.files[0]])

    def run() -> None:
        subprocess.run(
            [command, "run", "-a", path, "-o", ".", "--no-logo", submission],
            cwd=folder / "otter",
            check=True,
            capture_output=True,
            env={**os.environ, "PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}"},
        )

    seconds = timed(run, min(runs, 5))
    median = statistics.median(seconds)
    results = json.loads((folder / "otter/results.json").read_text("utf-8"))
    points = sum(test.get("score", 0) for test in results["tests"])
    if abs(points - assignment.max_points) > 0.01:  # a run that broke early would look fast
        raise SystemExit(f"otter gave the reference {points:g} points: nothing to compare with")
    rows = [
        Row(
            item="(d) otter run, reference",
            value=f"{median:.2f} s",
            note=f"{cases} tests, {points:g} points, {spread(seconds)}",
        )
    ]
    if reference is not None:
        rows.append(
            Row(
                item="(d) otter run over run_autograder",
                value=f"{median / reference:.1f}",
                goal=">= 5",
                met=median / reference >= 5,
            )
        )
    return rows


def each_layer(rounds: int) -> list[Row]:
    """Time how long a confined worker takes to be ready, and what each layer takes of it."""
    everything, *others = layers.measure(rounds)
    rows = [
        Row(
            item="(e) worker ready, all layers",
            value=f"{everything.worker:.1f} ms",
            goal="<= 15 ms",
            met=everything.worker <= 15,
            note=f"95 % within {everything.worst:.1f} ms; its nest, once: {everything.nest:.1f} ms",
        )
    ]
    for ready in others:
        names = ", ".join(layer.value for layer in ready.without)
        saved = everything.worker - ready.worker
        note = f"{saved:+.1f} ms; nest {ready.nest:.1f} ms"
        rows.append(Row(item=f"(e) without {names}", value=f"{ready.worker:.1f} ms", note=note))
    return rows


def accuracy(assignment: Assignment) -> list[Row]:
    """Count how often a diagnosis is right: see benchmarks/diagnosis.py."""
    samples = diagnosis.collect(assignment, list(diagnosis.GROUPS), 60)
    rows = []
    for group, tally in diagnosis.measure(assignment, samples, jobs=2).items():
        right, wrong = diagnosis.GOALS.get(group, (0.0, 0.0))
        rows.append(
            Row(
                item=f"(f) diagnosis, {group}",
                value=f"{tally.right / tally.total:.0%} right, {tally.wrong / tally.total:.0%} not",
                goal=f">= {right:.0%}, <= {wrong:.0%}",
                met=tally.meets((right, wrong)),
                note=f"{tally.total} faulty questions",
            )
        )
    return rows


def beside_pytorch() -> list[Row]:
    """Time the reference's convolutions beside PyTorch's: see benchmarks/convolutions.py."""
    return [
        Row(
            item=f"(g) {row.function} over PyTorch, {row.dtype}",
            value=f"{row.ratio:.2f}",
            goal="" if row.goal is None else f"<= {row.goal:g}",
            met=None if row.goal is None else row.ratio <= row.goal,
            note=f"{row.ours:.1f} ms, PyTorch {row.theirs:.1f} ms, one thread each, best runs",
        )
        for row in convolutions.table()
    ]


def timed(run: Callable[[], None], runs: int) -> list[float]:
    """Return the seconds of each run, after one that is not counted."""
    run()
    seconds = []
    for _ in range(runs):
        started = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - started)
    return seconds


def spread(seconds: Sequence[float]) -> str:
    """Return the range of some runs."""
    return f"{min(seconds):.2f} to {max(seconds):.2f} s in {len(seconds)} runs"


def print_table(rows: Sequence[Row]) -> None:
    """Print the rows as a table."""
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    machine = f"Python {platform.python_version()}, {os.cpu_count()} cores{load}"
    print(f"\n{machine}; whole processes, medians\n")
    widths = [max(len(text) for text in column) for column in zip(*map(_cells, rows), strict=True)]
    for row in rows:
        cells = (text.ljust(width) for text, width in zip(_cells(row), widths, strict=True))
        print("  ".join(cells).rstrip())


def _cells(row: Row) -> tuple[str, ...]:
    verdict = {None: "", True: "met", False: "MISSED"}[row.met]
    return row.item, row.value, row.goal, verdict, row.note


def say(text: str) -> None:
    """Say what is going on."""
    print(f"bench: {text} ...", flush=True)


if __name__ == "__main__":
    sys.exit(main())
