"""Run a bundle as Gradescope runs it, without Docker, and show what each person then sees.

    dist/<hw>-gradescope.zip + a submission -> [emulate] -> Emulation

Theory of operation. A private base folder stands for /autograder: the zip is unpacked into
`source/`, run_autograder is copied to the base, the submission into `submission/`. The bundle's
own setup.sh runs, with its environment in a cache that all runs of the same setup.sh share. Then
run_autograder runs as a process group of its own, in the base folder, with an environment made
from nothing, and what it leaves is treated as the platform's harness (version 0.15) treats it:

* what it prints goes to results/stdout;
* at the timeout the group is killed and results.json is overwritten with a score of 0;
* without a results.json, or with one that is not JSON, the score is 0;
* NUL characters are dropped, and each output longer than 100,000 characters loses its middle.

The bundle is ours and is trusted; the submission is not, and is only ever copied here. Needs no
root; Unix only. It never installs anything outside its cache.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path, PurePosixPath
from typing import Any

from autograder.errors import GraderError, SubmissionError, UsageError
from autograder.platforms.metadata import EXAMPLES

MAX_OUTPUT = 100_000  # characters of one output, and of stdout
CUT = "\n... (output cut here by the platform) ...\n"
TIMEOUT = 600.0  # seconds; the platform's default
SETUP_TIMEOUT = 900.0  # seconds
FAILED_TO_EXECUTE = (
    "The autograder failed to execute correctly. Please ensure that your submission is valid. "
    "Contact your course staff for help in debugging this issue."
)
# what the platform's containers have; nothing of the caller's environment but these gets in
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_FOR_PIP = ("HOME", "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY")
_FOR_PIP_PREFIXES = ("PIP_", "SSL_CERT_", "REQUESTS_CA_")
_MAX_FILES, _MAX_BYTES = 10_000, 500_000_000  # of a submission


class Stage(str, Enum):
    """When a student looks; each later stage shows more."""

    BEFORE_DUE = "before the due date"
    AFTER_DUE = "after the due date"
    PUBLISHED = "after grades are published"


_FROM = {
    "visible": Stage.BEFORE_DUE,
    "after_due_date": Stage.AFTER_DUE,
    "after_published": Stage.PUBLISHED,
}
_ORDER = list(Stage)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One test as the platform's page shows it."""

    title: str  # "3) adam_step (8/10)"
    passed: bool
    output: str
    visibility: str


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What one person sees of one submission."""

    person: str  # "a student before the due date"
    total: str  # "93 / 100"; empty where the platform shows none
    output: str  # the text above all tests
    entries: tuple[Entry, ...]
    stdout: str = ""
    leaderboard: tuple[str, ...] = ()  # this submission's line: "times as fast: 1.02"


@dataclass(frozen=True, slots=True, kw_only=True)
class Emulation:
    """How a run ended, and what is then seen."""

    results: dict[str, Any]  # as the platform keeps it
    exit_code: int | None  # of run_autograder; None if it was killed
    seconds: float  # of run_autograder, the whole process
    setup_seconds: float  # near 0 when the environment was there already
    setup_log: str
    stdout: str
    problems: tuple[str, ...]  # what the platform would hold against us; empty in a good run
    students: tuple[View, ...]  # one per stage
    instructor: View


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """A base folder that is ready to grade: several runs may follow each other in it."""

    folder: Path
    venv: Path
    setup_seconds: float
    setup_log: str


def emulate(
    bundle: Path,
    submission: Path,
    *,
    metadata: str = "full",
    timeout: float = TIMEOUT,
    python: Path | None = None,
    fresh: bool = False,
    cache: Path | None = None,
) -> Emulation:
    """Run a bundle on one submission and return what everybody sees.

    Args:
        bundle: the zip of `autograder bundle`.
        submission: a folder, a .zip (unpacked, as the platform does), or one file.
        metadata: which submission_metadata.json the run finds, a key of EXAMPLES.
        timeout: seconds until the platform kills the run.
        python: the interpreter that setup.sh builds on; the machine's python3 by default.
        fresh: build the environment anew.
        cache: where environments are kept between runs; the user's cache folder by default.

    Raises:
        UsageError: no such bundle or submission, or unknown metadata.
        SubmissionError: the submission's zip cannot be unpacked.
        GraderError: setup.sh failed; the message ends with its output.
    """
    if metadata not in EXAMPLES:
        raise UsageError(f"unknown metadata {metadata!r}\n  expected  {', '.join(EXAMPLES)}")
    with prepared(bundle, python=python, fresh=fresh, cache=cache) as base:
        lay_out(base.folder, submission, metadata=metadata)
        return run(base, timeout=timeout)


@contextmanager
def prepared(
    bundle: Path,
    *,
    python: Path | None = None,
    fresh: bool = False,
    cache: Path | None = None,
) -> Iterator[Base]:
    """Yield a base folder in which the bundle is unpacked and set up, and remove it afterwards."""
    if not zipfile.is_zipfile(bundle):
        raise UsageError(f"{bundle} is not a zip; make one with: autograder bundle ASSIGNMENT")
    with tempfile.TemporaryDirectory(prefix="autograder-emulate-") as name:
        folder = Path(name).resolve()
        source = folder / "source"
        with zipfile.ZipFile(bundle) as archive:
            archive.extractall(source)  # ours, so trusted
        if (source / "run_otter.py").is_file():  # its setup.sh installs packages on the machine
            raise UsageError(
                f"{bundle} is for Otter; try it with: otter run -a {bundle} SUBMISSION"
            )
        for script in ("setup.sh", "run_autograder"):
            if not (source / script).is_file():
                raise UsageError(f"{bundle} has no {script} at its root: not a Gradescope bundle")
        shutil.copyfile(source / "run_autograder", folder / "run_autograder")
        (folder / "run_autograder").chmod(0o755)
        started = time.perf_counter()
        venv, log = _set_up(source / "setup.sh", python, cache or _cache_folder(), fresh=fresh)
        seconds = time.perf_counter() - started
        yield Base(folder=folder, venv=venv, setup_seconds=seconds, setup_log=log)


def lay_out(base: Path, submission: Path, *, metadata: str = "full") -> None:
    """Put a submission and its metadata into a base folder, in place of the ones before."""
    for folder in (base / "submission", base / "results"):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
    target = base / "submission"
    if submission.is_dir():
        shutil.copytree(submission, target, symlinks=True, dirs_exist_ok=True)
    elif zipfile.is_zipfile(submission):
        _unpack(submission, target)
    elif submission.is_file():
        shutil.copyfile(submission, target / submission.name)
    else:
        raise UsageError(f"no submission at {submission}: expected a folder, a .zip or a file")
    path = base / "submission_metadata.json"
    path.unlink(missing_ok=True)
    content = EXAMPLES[metadata]
    if content is not None:
        path.write_text(json.dumps(content) if content else "", encoding="utf-8")


def run(base: Base, *, timeout: float = TIMEOUT) -> Emulation:
    """Run run_autograder on what is laid out, then apply the rules of the platform's harness."""
    results = base.folder / "results"
    started = time.perf_counter()
    exit_code = _run_killable(
        ["./run_autograder"],
        cwd=base.folder,
        env={"PATH": _PATH, "HOME": str(base.folder), "AUTOGRADER_VENV": str(base.venv)},
        stdout=results / "stdout",
        timeout=timeout,
    )
    seconds = time.perf_counter() - started
    raw = (results / "stdout").read_bytes().decode("utf-8", errors="replace")
    path = results / "results.json"
    kept, problems = harvest(path, timed_out=exit_code is None, timeout=timeout)
    path.write_text(json.dumps(kept, indent=2), encoding="utf-8")
    if exit_code not in (0, None):
        problems = (f"run_autograder ended with exit code {exit_code}", *problems)
    stdout = cut_middle(raw.replace("\0", ""))
    return Emulation(
        results=kept,
        exit_code=exit_code,
        seconds=seconds,
        setup_seconds=base.setup_seconds,
        setup_log=base.setup_log,
        stdout=stdout,
        problems=problems,
        students=tuple(student_view(kept, stage, stdout=stdout) for stage in Stage),
        instructor=instructor_view(kept, stdout=stdout),
    )


def harvest(
    path: Path, *, timed_out: bool = False, timeout: float = TIMEOUT
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return what the platform keeps of a results.json, and what is wrong with the file."""
    if timed_out:
        text = f"Your submission timed out. It took longer than {timeout:g} seconds to run."
        return {"score": 0.0, "output": text}, (f"killed after {timeout:g} s",)
    failed = {"score": 0.0, "output": FAILED_TO_EXECUTE}
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
        content = json.loads(text.replace("\0", ""), parse_constant=_refuse_constant)
    except FileNotFoundError:
        return failed, ("no results.json: the platform shows that the autograder failed",)
    except (OSError, ValueError, RecursionError) as error:
        return failed, (f"results.json is not JSON: {error}",)
    if not isinstance(content, dict):
        return failed, (f"results.json holds a {type(content).__name__}, not an object",)
    kept = _trimmed(content)
    tests = kept.get("tests", [])
    if "score" not in kept and not any("score" in test for test in tests):
        return failed, ("results.json has no score, neither on top nor in a test",)
    return kept, ()


def student_view(results: dict[str, Any], stage: Stage, *, stdout: str = "") -> View:
    """Return what the student sees at one stage. One test kept back hides the total, too."""
    entries = [_entry(results, test, number) for number, test in _numbered(results)]
    seen = tuple(entry for entry in entries if _is_visible(entry.visibility, stage))
    shows_stdout = _is_visible(results.get("stdout_visibility", "hidden"), stage)
    return View(
        person=f"a student {stage.value}",
        total=_total(results) if len(seen) == len(entries) else "",
        output=str(results.get("output", "")),
        entries=seen,
        stdout=stdout if shows_stdout else "",
        leaderboard=_leaderboard(results),
    )


def instructor_view(results: dict[str, Any], *, stdout: str = "") -> View:
    """Return what an instructor sees: everything, at every time."""
    return View(
        person="an instructor at any time",
        total=_total(results),
        output=str(results.get("output", "")),
        entries=tuple(_entry(results, test, number) for number, test in _numbered(results)),
        stdout=stdout,
        leaderboard=_leaderboard(results),
    )


def report(emulation: Emulation) -> str:
    """Return what everybody sees, as plain text; a view that repeats an earlier one says so."""
    blocks = [f"problem: {problem}" for problem in emulation.problems]
    before: View | None = None
    for view in emulation.students:
        same = before is not None and replace(view, person=before.person) == before
        blocks.append(f"{_title(view)}\n\nthe same as before" if same else to_text(view))
        before = view
    last = emulation.instructor
    if before is not None and before.entries == last.entries:
        same_text = "the same as the student in the end, and the log:"
        blocks.append(f"{_title(last)}\n\n{same_text}\n\n{last.stdout.rstrip()}")
    else:
        blocks.append(to_text(last))
    times = (emulation.seconds, emulation.setup_seconds)
    blocks.append("run_autograder took {:.2f} s, setup.sh {:.2f} s".format(*times))
    return "\n\n".join(blocks)


def to_text(view: View) -> str:
    """Return what one person sees as plain text."""
    lines = [_title(view), "", f"Autograder score: {view.total or 'not shown yet'}"]
    lines += [f"Leaderboard: {line}" for line in view.leaderboard]
    if view.output:
        lines += ["", view.output.rstrip("\n")]
    for entry in view.entries:
        shown = "" if entry.visibility == "visible" else f"   [{entry.visibility}]"
        lines += ["", f"{'PASSED' if entry.passed else 'FAILED'}  {entry.title}{shown}"]
        lines += [f"    {line}".rstrip() for line in entry.output.splitlines()]
    if view.stdout:
        lines += ["", "--- standard output ---", view.stdout.rstrip("\n")]
    return "\n".join(lines)


def _title(view: View) -> str:
    return f"=== What {view.person} sees ".ljust(78, "=")


def cut_middle(text: str, limit: int = MAX_OUTPUT) -> str:
    """Return `text`, without its middle if it is longer than `limit` characters."""
    if len(text) <= limit:
        return text
    half = (limit - len(CUT)) // 2
    return text[:half] + CUT + text[-half:]


def _set_up(script: Path, python: Path | None, cache: Path, *, fresh: bool) -> tuple[Path, str]:
    """Run setup.sh with an environment in the cache; return the environment and the log."""
    python = python or _default_python()
    key = hashlib.sha256(script.read_bytes() + b"\0" + str(python).encode()).hexdigest()[:16]
    cache.mkdir(parents=True, exist_ok=True)
    venv = cache / f"venv-{key}"
    env = {
        name: value
        for name, value in os.environ.items()
        if name in _FOR_PIP or name.startswith(_FOR_PIP_PREFIXES)
    }
    env |= {"PATH": _PATH, "AUTOGRADER_VENV": str(venv), "AUTOGRADER_PYTHON": str(python)}
    log = script.parent.parent / "setup.log"
    with _locked(cache / f"venv-{key}.lock"):
        if fresh and venv.exists():
            shutil.rmtree(venv)
        # another folder than the script's: the platform promises no working directory
        exit_code = _run_killable(
            ["bash", str(script)], cwd=Path("/"), env=env, stdout=log, timeout=SETUP_TIMEOUT
        )
    text = log.read_bytes().decode("utf-8", errors="replace")
    if exit_code != 0:
        how = f"exit code {exit_code}" if exit_code is not None else f"{SETUP_TIMEOUT:g} s passed"
        raise GraderError(f"setup.sh failed ({how}):\n{text[-4000:]}")
    return venv, text


def _default_python() -> Path:
    """Return the machine's python3, as on the platform, or the one that runs us."""
    system = Path("/usr/bin/python3")
    ours = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}"
    check = "import ensurepip, sys, venv; sys.exit(not (3, 10) <= sys.version_info < (3, 14))"
    if system.exists():
        done = subprocess.run([system, "-I", "-c", check], capture_output=True, check=False)
        if done.returncode == 0:
            return system
    return ours if ours.exists() else Path(sys.executable)


def _cache_folder() -> Path:
    """Return where environments are kept: readable by the user that student code runs as."""
    if os.geteuid() == 0:
        return Path("/var/cache/autograder")  # root's home is closed to others
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "autograder"


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a lock, so that two runs do not build the same environment."""
    import fcntl  # Unix only, like all of this; the module itself imports everywhere

    with path.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _run_killable(
    command: list[str], *, cwd: Path, env: dict[str, str], stdout: Path, timeout: float
) -> int | None:
    """Run a command in a group of its own; return its exit code, None if it had to be killed."""
    with stdout.open("wb") as stream:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        ended = _ends_within(process.pid, timeout)
        # also after an end in peace: nothing that was left behind may outlive the run. The leader
        # is not reaped yet, so the number of its group cannot be somebody else's
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        exit_code = process.wait()
        return exit_code if ended else None


def _ends_within(pid: int, timeout: float) -> bool:
    """Wait for a child without reaping it; False if it still runs at the timeout."""
    deadline = time.perf_counter() + timeout
    while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None:
        if time.perf_counter() > deadline:
            return False
        time.sleep(0.01)
    return True


def _unpack(path: Path, target: Path) -> None:
    """Unpack a student's zip, which may hold anything; only plain files below `target` appear."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            size = sum(member.file_size for member in members)
            if len(members) > _MAX_FILES or size > _MAX_BYTES:
                raise SubmissionError(f"{path.name} is too large: {len(members)} files, {size} B")
            for member in members:
                parts = PurePosixPath(member.filename).parts
                is_link = (member.external_attr >> 16) & 0o170000 == 0o120000
                if member.is_dir() or is_link or ".." in parts or member.filename[:1] == "/":
                    continue
                archive.extract(member, target)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as error:
        raise SubmissionError(f"{path.name} cannot be unpacked: {error}") from None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _trimmed(value: Any) -> Any:
    """Drop NUL characters, and the middle of each long output."""
    if isinstance(value, dict):
        return {
            key: cut_middle(item.replace("\0", ""))
            if key == "output" and isinstance(item, str)
            else _trimmed(item)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_trimmed(item) for item in value]
    return value.replace("\0", "") if isinstance(value, str) else value


def _numbered(results: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    tests = results.get("tests", [])
    return [(str(test.get("number", i)), test) for i, test in enumerate(tests, start=1)]


def _entry(results: dict[str, Any], test: dict[str, Any], number: str) -> Entry:
    score, max_score = test.get("score"), test.get("max_score")
    points = f" ({score:g}/{max_score:g})" if score is not None and max_score is not None else ""
    passed = (score or 0) >= (max_score or 0)
    if "status" in test:
        passed = test["status"] == "passed"
    return Entry(
        title=f"{number}) {test.get('name', 'test')}{points}",
        passed=passed,
        output=str(test.get("output", "")),
        visibility=test.get("visibility", results.get("visibility", "visible")),
    )


def _leaderboard(results: dict[str, Any]) -> tuple[str, ...]:
    entries = results.get("leaderboard")
    return tuple(
        f"{entry.get('name', '(no name)')}: {entry.get('value', '(no value)')}"
        for entry in (entries if isinstance(entries, list) else [])
        if isinstance(entry, dict)
    )


def _is_visible(visibility: str, stage: Stage) -> bool:
    first = _FROM.get(visibility)  # None for "hidden": never
    return first is not None and _ORDER.index(stage) >= _ORDER.index(first)


def _total(results: dict[str, Any]) -> str:
    """Return "score / sum of max_score", as the page shows it."""
    tests = results.get("tests", [])
    score = results.get("score", sum(test.get("score", 0) for test in tests))
    possible = sum(test.get("max_score", 0) for test in tests)
    return f"{score:g} / {possible:g}" if possible else f"{score:g}"
