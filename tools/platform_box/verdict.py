"""What is wrong with a run in the box, judged from what it left.

results.json + log + the harness's report -> [verdict] -> Outcome
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema

from autograder import emulate
from autograder.sandbox.layers import Layer
from platform_box.course import HIDDEN_INPUT, ROOT, Case

SCHEMA = ROOT / "tests/data/gradescope_results.schema.json"
ISOLATION = re.compile(r"^isolation: (strong|good|weak)\b", re.MULTILINE)
LAYERS = "|".join(layer.value for layer in Layer)
LAYER = re.compile(rf"^isolation: ((?:{LAYERS}): .*)$", re.MULTILINE)
_MB = 1 << 20
_TOLD = 8  # lines of what an attack got


@dataclass(frozen=True)
class Outcome:
    """One run of run_autograder."""

    case: Case
    score: float
    seconds: float
    peak_mb: float | None  # of the whole box, file cache included
    largest_mb: float  # the largest process
    level: str
    layers: tuple[str, ...]
    problems: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """Return the last column of the table."""
        if self.problems:
            return "FAILED"
        return "defended" if self.case.expect else "as expected"


def judge(case: Case, results: Path, report: dict[str, Any]) -> Outcome:
    """Return what became of a case.

    Args:
        case: what was graded.
        results: the folder that the platform reads.
        report: what the harness wrote.
    """
    stdout, log = results / "stdout", ""
    if stdout.is_file():
        log = stdout.read_bytes().decode("utf-8", errors="replace")
    kept, problems = emulate.harvest(
        results / "results.json", timed_out=report["exit_code"] is None
    )
    found = [*problems, *(["results/stdout is gone"] if not stdout.is_file() else [])]
    if report["exit_code"]:
        last = (log.strip() or "it printed nothing").splitlines()[-1]
        found.append(f"run_autograder ended with exit code {report['exit_code']}: {last[:300]}")
    found += schema_problems(kept)
    score = float(kept.get("score", -1))
    if score != case.score:
        found.append(f"score {score:g} instead of {case.score:g}")
    if report["killed"]:
        found.append(f"the box ran out of memory: {report['killed']} processes killed")
    if report["processes_left"]:
        found.append(f"processes left: {report['processes_left']}")
    if case.expect:
        found += attack_problems(case, json.dumps(kept, ensure_ascii=False), log, report)
    level = ISOLATION.search(log)
    peak = report["peak"]
    return Outcome(
        case=case,
        score=score,
        seconds=report["seconds"],
        peak_mb=None if peak is None else peak / _MB,
        largest_mb=report["largest_process_kb"] / 1024,
        level=level[1] if level else "?",
        layers=tuple(dict.fromkeys(LAYER.findall(log))),
        problems=tuple(found),
    )


def schema_problems(kept: dict[str, Any]) -> list[str]:
    """Return how a results.json departs from the platform's schema."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    errors = jsonschema.Draft202012Validator(schema).iter_errors(kept)
    return [f"results.json: {error.json_path}: {error.message[:200]}" for error in errors]


def attack_problems(case: Case, seen: str, log: str, report: dict[str, Any]) -> list[str]:
    """Return what an attack got, and whether it took place at all.

    Args:
        case: the attack.
        seen: results.json.
        log: what run_autograder printed, for instructors.
        report: what the harness wrote.
    """
    found = []
    if not re.search(case.expect, log + seen):
        found.append(f"no sign that the attack took place: expected /{case.expect}/")
    lines = f"{log}\n{seen}".replace("\\n", "\n").splitlines()
    got = dict.fromkeys(line.strip()[:150] for line in lines if ": GOT " in line)
    found += [f"it got something: {line}" for line in list(got)[:_TOLD]]
    where = {"results.json": seen, "the log": log}
    found += [
        f"the canary of the {place} is in {name}"
        for place, canary in case.canaries.items()
        for name, text in where.items()
        if canary in text
    ]
    if HIDDEN_INPUT.search(seen):
        found.append("a hidden input is in results.json")
    if report["files_left"]:
        found.append(f"files left: {', '.join(report['files_left'])}")
    if report["connections"]:
        found.append("somebody connected to the harness")
    return found
