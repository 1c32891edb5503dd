"""Ask all oracles of an assignment about all its correct solutions, and remember the answers.

    Assignment -> [second_opinions: oracle, cache] -> OracleResult...

PyTorch is slow to import, and Hypothesis slow to draw; so solutions are judged in processes of
their own, and again only when something that an answer follows from has changed.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import multiprocessing
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from autograder import oracle, proof, samples
from autograder.assignment import Assignment
from autograder.influence import Influence
from autograder.oracle import OracleResult
from autograder.trials import Advance, write_atomically


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Opinion:
    """The oracle of one question on one correct solution."""

    sample: str
    files: samples.Files
    question: str
    examples: int


def wanted(assignment: Assignment, *, examples: int) -> list[Opinion]:
    """Return what there is to ask; where a variant does nothing differently, it is the reference.

    Args:
        assignment: whose solutions are judged.
        examples: how many inputs are drawn for the reference, from which the hidden tests take what
            they expect; for a variant it is a third of that.
    """
    influence = Influence(assignment)
    variants = samples.variant_files(assignment)
    asked = {name: influence.questioned(files) for name, files in variants.items()}
    right = {"reference": samples.reference_files(assignment), **variants}
    asked["reference"] = [question.id for question in assignment.questions]
    return [
        Opinion(
            sample=name,
            files=files,
            question=question,
            examples=examples if name == "reference" else -(-examples // 3),
        )
        for name, files in right.items()
        for question in asked[name]
    ]


def ask(
    assignment: Assignment,
    opinions: Sequence[Opinion],
    *,
    jobs: int,
    cache: Path | None,
    on_progress: Advance,
) -> list[OracleResult]:
    """Return the answers, in the order of the opinions."""
    rests_on = _rests_on(assignment)
    paths = {n: cache / _key(rests_on, opinion) for n, opinion in enumerate(opinions) if cache}
    found: dict[int, OracleResult] = {}
    for number, path in paths.items():
        remembered = _recall(path)
        if remembered is not None:
            found[number] = remembered
    missing = [n for n in range(len(opinions)) if n not in found]
    on_progress(len(found), len(opinions), "")
    if missing:
        # one process each has to import PyTorch, so each gets a fair share of all
        shares = [missing[first::jobs] for first in range(min(jobs, len(missing)))]
        with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
            asked = {
                pool.submit(_judge, assignment, [opinions[n] for n in share]): share
                for share in shares
            }
            for done in as_completed(asked):
                for number, result in zip(asked[done], done.result(), strict=True):
                    found[number] = result
                    if number in paths:
                        text = json.dumps(dataclasses.asdict(result))
                        write_atomically(paths[number], text)
                on_progress(len(found), len(opinions), "oracles")
    return [found[number] for number in range(len(opinions))]


def _judge(assignment: Assignment, opinions: Sequence[Opinion]) -> list[OracleResult]:
    """Ask the oracles. In a process of its own."""
    oracles = oracle.load(assignment)
    if (torch := sys.modules.get("torch")) is not None:
        torch.set_num_threads(1)  # or the processes wait for each other: 3 times as long
    results = []
    for opinion in opinions:
        chosen = oracles[opinion.question]
        module = oracle.load_modules(assignment, opinion.files)[chosen.file]
        results.append(oracle.run(chosen, module, sample=opinion.sample, examples=opinion.examples))
    return results


def _rests_on(assignment: Assignment) -> dict[str, str]:
    """Return the files that every opinion follows from, beside the solution itself."""
    public = f"assignments/{assignment.id}/"
    mine = ("student_kit/", "autograder/oracle.py", f"solutions/{assignment.id}/oracles/")
    return {
        name: digest
        for name, digest in proof.digests(assignment).items()
        if name.startswith(mine)
        or (name.startswith(public) and not name.startswith(f"{public}tests/"))
        if not name.endswith(".md")
    }


def _key(rests_on: Mapping[str, str], opinion: Opinion) -> str:
    """Name an opinion by all that it follows from."""
    facts = {
        "rests on": dict(rests_on),
        "files": {n: hashlib.sha256(data).hexdigest() for n, data in opinion.files.items()},
        "question": opinion.question,
        "examples": opinion.examples,
    }
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
    return f"{digest[:2]}/{digest[2:32]}.json"


def _recall(path: Path) -> OracleResult | None:
    try:
        return OracleResult(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
