"""Ten things that hostile student code tries, run as student code: does this machine stop them?

    Sandbox -> [attempts: world] -> Attempt, ten of them

The attacks stand in `attack`, a made-up submission; each runs in a worker of its own, like the
call of any test. What it reports is believed where it admits success; what can be seen from here
(a file that has changed, the length of the output) is looked at here.
"""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from autograder.assignment import Limits
from autograder.sandbox.client import Sandbox
from autograder.sandbox.world import WorkerWorld
from student_kit.proxy import StudentFault, StudentModule

LIMITS = Limits(
    call_seconds=3.0,
    test_seconds=4.0,
    question_seconds=4.0,
    run_seconds=60.0,
    memory_mb=128,
    output_kb=8,
)
_FLOOD = 20_000_000  # characters
_TEXT = 100  # characters of evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """How one attack went."""

    name: str  # "read the hidden tests"
    stopped: bool
    evidence: str  # what succeeded, or what stopped it


def run(sandbox: Sandbox, *, hidden: Sequence[Path] = ()) -> list[Attempt]:
    """Run all ten in a sandbox with `LIMITS`.

    Args:
        hidden: folders that student code must not read, beside one that is made up here.
    """
    world = WorkerWorld(LIMITS)
    source = Path(__file__).with_name("attack.py").read_bytes()
    world.open({"attack": sandbox}, {"attack": source}, 0)
    try:
        with tempfile.TemporaryDirectory(prefix="hidden-") as folder:
            return list(_attempts(world, Path(folder), hidden))
    finally:
        world.close()


def _attempts(world: WorkerWorld, folder: Path, hidden: Sequence[Path]) -> Iterator[Attempt]:
    secret = folder / "test_hidden.py"
    secret.write_text("canary", encoding="utf-8")
    folders = [str(path.resolve()) for path in (folder, *hidden)]
    yield _tried(world, "read the hidden tests", "read_hidden", folders)

    results = folder / "results.json"
    results.write_text("{}", encoding="utf-8")
    attempt = _tried(world, "write the results", "write_results", str(results))
    unchanged = results.is_file() and results.read_bytes() == b"{}"
    alone = sorted(path.name for path in folder.iterdir()) == [results.name, secret.name]
    yield attempt if unchanged and alone else replace(attempt, stopped=False)

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        yield _tried(world, "reach the network", "open_socket", port)
    yield _tried(world, "start a process", "start_process")
    yield _tried(world, "look into the grader", "spy_on_grader", [os.getpid()])
    yield _tried(world, "signal the grader", "signal_grader", [os.getpid()])
    megabytes = 3 * LIMITS.memory_mb
    yield _tried(world, "take all memory", "take_memory", megabytes)

    fault, printed = _run(world, "flood_output", _FLOOD)
    short = len(printed) <= (LIMITS.output_kb << 10) + _TEXT
    kept = f"{len(printed)} of {_FLOOD} characters kept"
    yield Attempt(name="flood the output", stopped=short, evidence=_said(fault) or kept)

    for name, function in (("end as if all were well", "exit_well"), ("forge", "forge_frames")):
        fault, _ = _run(world, function)
        refused = isinstance(fault, StudentFault)
        evidence = fault.summary if isinstance(fault, StudentFault) else "a value was accepted"
        title = {"forge": "forge a reply"}.get(name, name)
        yield Attempt(name=title, stopped=refused, evidence=evidence[:_TEXT])


def _tried(world: WorkerWorld, name: str, function: str, *args: Any) -> Attempt:
    """Return how an attack went that says itself what succeeded."""
    result, _ = _run(world, function, *args)
    if isinstance(result, StudentFault):
        return Attempt(name=name, stopped=True, evidence=result.summary[:_TEXT])
    try:
        done, stopped = result
        succeeded = ", ".join(map(str, done))
        first = str(next(iter(stopped), "nothing was tried"))
    except (TypeError, ValueError):
        return Attempt(name=name, stopped=False, evidence="the attack returned no list")
    return Attempt(name=name, stopped=not done, evidence=(succeeded or first)[:_TEXT])


def _run(world: WorkerWorld, function: str, *args: Any) -> tuple[Any, str]:
    """Call one function of the attack in a worker of its own; return (result or fault, output)."""
    attack: Callable[..., Any] = getattr(StudentModule("attack", world), function)
    printed = ""
    try:
        world.begin(function)
        try:
            result = attack(*args)
        finally:
            printed = world.end()
    except StudentFault as fault:
        result = fault
    return result, printed


def _said(result: Any) -> str:
    return result.summary[:_TEXT] if isinstance(result, StudentFault) else ""
