"""How fast a submission is, measured against the reference: for a leaderboard, never for points.

    Assignment + Sandbox + both sources -> [leaderboard] -> times as fast as the reference

Both run in workers of the same sandbox, one after the other and in turns, and the clock is the
grader's own, around the call. Each turn has a nest of its own, so neither's code is alive while the
other is timed, and each call has inputs of its own, which nobody can have prepared for. The best
turn of each counts: what disturbs a measurement makes it longer.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from autograder.assignment import Assignment, Limits, Race
from autograder.sandbox.client import Sandbox
from autograder.sandbox.world import WorkerWorld
from student_kit.proxy import StudentModule

SECONDS = 1.0  # for all turns; the one that is running then is finished
TURNS = 8  # at most
CALLS = 8  # of a turn; the first one imports the file, and does not count
CALL_SECONDS = 1.0  # whoever is slower has no entry

Sources = Mapping[str, bytes]  # module name -> file


def speed(
    assignment: Assignment, sandbox: Sandbox, submission: Sources, reference: Sources
) -> float | None:
    """Return how many times as fast as the reference a submission is; None if it is not right.

    Args:
        assignment: one with a leaderboard.
        sandbox: where both run.
        submission: all that its workers may import, given code included.
        reference: the same of the reference.
    """
    race = assignment.leaderboard
    if race is None:
        return None
    module = Path(assignment.question(race.question).file).stem
    limits = replace(assignment.limits, call_seconds=CALL_SECONDS)
    rng = np.random.default_rng()
    ends = time.monotonic() + SECONDS
    best = theirs = math.inf
    for turn in range(TURNS):
        if turn and time.monotonic() > ends:
            break
        inputs = [[rng.normal(size=shape) for shape in race.shapes] for _ in range(CALLS)]
        try:
            seconds, found = _timed(race, module, limits, sandbox, submission, inputs)
            reference_seconds, expected = _timed(race, module, limits, sandbox, reference, inputs)
        except Exception:  # noqa: BLE001 - it may raise any; no entry is worth a grade
            return None
        if not all(map(_equal, found, expected)):  # as many as both have had time for
            return None
        best, theirs = min(best, seconds), min(theirs, reference_seconds)
    return theirs / best


def _timed(
    race: Race,
    module: str,
    limits: Limits,
    sandbox: Sandbox,
    sources: Sources,
    inputs: list[list[np.ndarray]],
) -> tuple[float, list[object]]:
    """Call a function with some inputs; return how long the shortest call took, and the results.

    With all of them, if there is time, and with two of them in any case.
    """
    world = WorkerWorld(limits, {race.question: module})
    world.open({race.question: sandbox}, sources, 0)
    try:
        world.begin(race.question)
        function = getattr(StudentModule(module, world), race.question)
        found, seconds = [], []
        for arrays in inputs:
            started = time.perf_counter()
            found.append(function(*arrays))
            seconds.append(time.perf_counter() - started)
            if len(seconds) > 1 and sum(seconds) > SECONDS / TURNS:
                break
        world.end()
    finally:
        world.close()
    return min(seconds[1:]), found


def _equal(found: object, expected: object) -> bool:
    """Whether two results are the same array, but for rounding."""
    return (
        isinstance(found, np.ndarray)
        and isinstance(expected, np.ndarray)
        and found.shape == expected.shape
        and np.allclose(found, expected, rtol=1e-6, atol=1e-9)
    )
