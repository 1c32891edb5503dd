"""Run the real bundle in a container like the platform's, and print how that went.

    make test-platform
    PYTHONPATH=tools .venv/bin/python -m platform_box --suite trixie

Theory of operation. Each suite of Debian that brings a Python with pins gets a root file system,
made once. Above it, in layers that are thrown away: the homework's bundle is unpacked as the
platform does and its setup.sh runs; the toy's setup.sh runs before anything is unpacked, as some
local runners do. Above these, each submission gets a fresh container. The first process there is
harness.py, which starts run_autograder; what it leaves is judged here.

Needs root, on Debian. Changes nothing but .cache/platform/ and, if they are missing, installs the
packages debootstrap and runc. The exit code is 0 if every run went as expected, 1 if one did not,
2 if there can be no box here.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import sys
import time
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder import bundle, emulate
from platform_box import course, harness, oci, rootfs, runtimes, verdict
from platform_box.runtimes import Runtime

CACHE = course.ROOT / ".cache/platform"
INSIDE = Path("autograder")  # in a root
REPORT = "/autograder/box.json"
BASE_ENVIRONMENT = {"PATH": runtimes.PATH, "HOSTNAME": "box", "HOME": "/root"}
SETUP_TIMEOUT, RUN_TIMEOUT = 900, 600  # seconds
NO_BOX = 2


@dataclass(frozen=True)
class Image:
    """A suite's root file system with an environment above it, ready to grade."""

    layers: tuple[Path, ...]  # first one on top
    seconds: float
    peak_mb: float | None
    log: str


def main(argv: Sequence[str] | None = None) -> int:
    """Build the boxes, run all cases in each, and print the table."""
    parser = argparse.ArgumentParser(prog="platform_box", description=__doc__.splitlines()[0])
    parser.add_argument("--suite", action="append", help="a Debian suite; all that fit by default")
    parser.add_argument("--runtime", help="runc, or chroot; the best that works by default")
    parser.add_argument("--in-namespace", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args(argv)
    if reason := missing():
        print(f"platform box: {reason}", file=sys.stderr)
        return NO_BOX
    if not args.in_namespace:
        # mounts of a namespace of our own are gone when we are
        command = [sys.executable, "-m", "platform_box", "--in-namespace", *sys.argv[1:]]
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", *command])
    return test(args.suite or [], args.runtime)


def missing() -> str:
    """Return why there can be no box here, or "" if there can be one."""
    if sys.platform != "linux":
        return "needs Linux"
    if os.geteuid() != 0:
        return "needs root, for mounts and containers: sudo make test-platform"
    if shutil.which("apt-get") is None:
        return "needs Debian: what it enters is made with its tools, from its packages"
    if os.uname().machine not in oci.ARCHITECTURES:
        return f"does not know the architecture {os.uname().machine}"
    return ""


def test(suites: Sequence[str], runtime_name: str | None) -> int:
    """Run everything; return the exit code."""
    started = time.monotonic()
    CACHE.mkdir(parents=True, exist_ok=True)
    installed = rootfs.install_tools()
    say(f"installed from Debian: {', '.join(installed) or 'nothing, all was there'}")
    path, version = rootfs.seccomp_profile(CACHE)
    profile = json.loads(path.read_text(encoding="utf-8"))
    say(f"seccomp profile of Docker {version}, from Debian's package of its sources")
    archive = rootfs.mirror()
    fitting = choose_suites(suites, archive)
    outcomes: list[verdict.Outcome] = []
    with work_folder() as work:
        for suite, python in fitting.items():
            root, was_there = rootfs.make(suite, archive, CACHE)
            say(f"{suite}: root file system {'from the cache' if was_there else 'made'}")
            runtime = choose_runtime(profile, runtime_name, root, work)
            if runtime is None:
                return NO_BOX
            outcomes += test_suite(suite, python, root, runtime, work / suite)
    failed = [outcome for outcome in outcomes if outcome.problems]
    print(
        f"\n{len(outcomes) - len(failed)} of {len(outcomes)} runs as they should be, "
        f"in {time.monotonic() - started:.0f} s"
    )
    return 1 if failed or not outcomes else 0


@contextlib.contextmanager
def work_folder() -> Iterator[Path]:
    """Yield an empty folder for layers, and remove it afterwards."""
    work = CACHE / f"work-{os.getpid()}"
    work.mkdir()
    try:
        yield work
    finally:
        shutil.rmtree(work)


def choose_suites(wanted: Sequence[str], archive: str) -> dict[str, str]:
    """Return suite -> version of Python, of those that can be tested, and say which cannot."""
    pinned = bundle.python_pins()
    fitting = {}
    for suite in wanted or rootfs.SUITES:
        version = rootfs.python_of(suite, archive)
        what = f"brings Python {version}" if version else "is not in this machine's archive"
        if version in pinned:
            fitting[suite] = version
        else:
            what += ", for which the bundle has no pins: left out" if version else ": left out"
        say(f"{suite} {what}")
    return fitting


def choose_runtime(
    profile: Mapping[str, Any], name: str | None, root: Path, work: Path
) -> Runtime | None:
    """Return the best runtime that works here, and say in what it differs from Docker."""
    wanted = [one for one in runtimes.candidates(profile) if name in (None, one.name)]
    runtime, reasons = runtimes.choose(wanted, root, work)
    for reason in reasons:
        say(f"does not work here: {reason}")
    if runtime is None:
        say("no way to enter a container works here")
        return None
    version = rootfs.run("runc", "--version").splitlines()[0] if runtime.with_runc else "unshare"
    say(f"entered by {runtime.name} ({version}), {len(oci.CAPABILITIES)} capabilities")
    if runtime.limits:
        groups = 2 if runtimes.UNIFIED else 1
        say(
            f"{oci.MEMORY_BYTES >> 20} MB and {oci.CPU_SHARE:g} of a CPU, by control groups "
            f"(version {groups}), in set-up and in grading"
        )
    for difference in (*runtimes.ALWAYS, *runtime.differs):
        say(f"unlike the platform: {difference}")
    return runtime


def test_suite(
    suite: str, python: str, root: Path, runtime: Runtime, work: Path
) -> list[verdict.Outcome]:
    """Set up both bundles on one suite, run all cases, and print the suite's table."""
    site_packages = f"/opt/autograder/venv/lib/python{python}/site-packages"
    homework = course.homework_cases(work / "dist")
    toy = course.toy_cases(work / "toy", site_packages=site_packages)
    images = {
        homework[0].bundle: build(runtime, root, homework[0].bundle, work / "homework"),
        toy[0].bundle: build(runtime, root, toy[0].bundle, work / "toy-image", unpacked=False),
    }
    title = f"== Debian {suite}, Python {python}, {runtime.name}"
    print(
        f"\n{title}, half a CPU, {oci.MEMORY_BYTES >> 20} MB =="
        if runtime.limits
        else f"\n{title} =="
    )
    orders = ("unpack, then setup.sh", "setup.sh, then unpack")
    for image, order in zip(images.values(), orders, strict=True):
        memory = f", peak {image.peak_mb:.0f} MB" if image.peak_mb is not None else ""
        print(f"set-up ({order}): {image.seconds:.1f} s{memory}; {image.log.splitlines()[-1]}")
    cases = (*homework, *toy)
    outcomes = table(cases, images, runtime, work)
    # which kernel the platform's hosts run is not documented: it may have no Landlock
    if (older := runtime.without_landlock()) is not None:
        print(f"\n{title}, on a host without Landlock ==")
        outcomes += table(cases, images, older, work)
    return outcomes


def table(
    cases: Sequence[course.Case], images: Mapping[Path, Image], runtime: Runtime, work: Path
) -> list[verdict.Outcome]:
    """Run all cases and print a line for each, its problems, and the layers in force."""
    print(f"{'case':34}{'score':>6}{'run s':>7}{'peak MB':>9}{'largest':>9}  isolation verdict")
    outcomes = []
    for case in cases:
        outcome = grade(runtime, images[case.bundle], case, work)
        outcomes.append(outcome)
        print(row(outcome), flush=True)
        for problem in outcome.problems:
            print(f"    {problem}")
    for layer in outcomes[0].layers:
        print(f"in force for the reference: {layer}")
    return outcomes


def row(outcome: verdict.Outcome) -> str:
    """Return a line of the table."""
    peak = "?" if outcome.peak_mb is None else f"{outcome.peak_mb:.0f}"
    return (
        f"{outcome.case.name:34}{outcome.score:>6g}{outcome.seconds:>7.1f}{peak:>9}"
        f"{outcome.largest_mb:>9.0f}  {outcome.level:10}{outcome.verdict}"
    )


def build(
    runtime: Runtime, root: Path, zipped: Path, upper: Path, *, unpacked: bool = True
) -> Image:
    """Lay a bundle out and run its setup.sh, as when the platform builds an image.

    Args:
        runtime: how to enter.
        root: the root file system.
        zipped: the bundle.
        upper: the layer to make.
        unpacked: the bundle is there when setup.sh runs; else setup.sh is there alone.
    """
    environment = rootfs.network_environment()
    with runtimes.overlay([root], upper) as merged:
        base = merged / INSIDE
        source = base / "source"
        source.mkdir(parents=True)
        unpack(zipped, source, only=None if unpacked else "setup.sh")
        shutil.copyfile(harness.__file__, base / "harness.py")
        command = ["bash", "/autograder/source/setup.sh"]
        report = enter(
            runtime,
            merged,
            command,
            work=upper.parent,
            env={**BASE_ENVIRONMENT, **environment},
            binds=rootfs.binds(environment),
            network=True,
            timeout=SETUP_TIMEOUT,
        )
        log = (base / "box.log").read_bytes().decode("utf-8", errors="replace")
        check_container(runtime, report)
        if report["exit_code"] != 0:
            sys.exit(f"platform box: setup.sh failed ({report['exit_code']}):\n{log[-4000:]}")
        if not unpacked:
            unpack(zipped, source)
        shutil.copyfile(source / "run_autograder", base / "run_autograder")
        (base / "run_autograder").chmod(0o755)
        for name in ("box.json", "box.log"):
            (base / name).unlink()
    peak = None if report["peak"] is None else report["peak"] / (1 << 20)
    return Image(layers=(upper, root), seconds=report["seconds"], peak_mb=peak, log=log)


def check_container(runtime: Runtime, report: Mapping[str, Any]) -> None:
    """End if the container is not what was asked for: then its runs would prove nothing."""
    seccomp = 2 if runtime.profile is not None else 0  # as the kernel counts: filtered
    limit = oci.MEMORY_BYTES if runtime.limits else report["limit"]
    asked = (oci.CAPABILITY_MASK, limit)
    if (report["capabilities"], report["limit"]) != asked or report["seccomp"] < seccomp:
        sys.exit(f"platform box: {runtime.name} made another container than asked for: {report}")


def unpack(zipped: Path, target: Path, *, only: str | None = None) -> None:
    """Unpack our own bundle, or one file of it."""
    with zipfile.ZipFile(zipped) as archive:
        archive.extractall(target, [only] if only else None)


def grade(runtime: Runtime, image: Image, case: course.Case, work: Path) -> verdict.Outcome:
    """Run run_autograder on one submission in a fresh container."""
    upper = work / "run"
    submitted = work / "submitted"
    submitted.mkdir(parents=True)
    for name, content in case.files.items():
        (submitted / name).write_bytes(content)
    try:
        with runtimes.overlay(image.layers, upper) as merged:
            base = merged / INSIDE
            emulate.lay_out(base, submitted)
            canary = case.canaries.get("environment", "")
            report = enter(
                runtime,
                merged,
                ["./run_autograder"],
                work=work,
                env={**BASE_ENVIRONMENT, **({"AUTOGRADER_TOKEN": canary} if canary else {})},
                timeout=RUN_TIMEOUT,
            )
            return verdict.judge(case, base / "results", report)
    finally:
        shutil.rmtree(submitted)
        shutil.rmtree(upper, ignore_errors=True)


def enter(
    runtime: Runtime, root: Path, command: Sequence[str], *, timeout: float, **options: Any
) -> dict[str, Any]:
    """Run the harness with a command in a container; return its report."""
    inside = ["/usr/bin/python3", "-I", "/autograder/harness.py", REPORT, str(timeout)]
    done = runtime.enter(
        root, [*inside, course.TOKEN, "--", *command], timeout=timeout + 60, **options
    )
    path = root / REPORT[1:]
    if done.returncode != 0 or not path.is_file():
        sys.exit(f"platform box: the harness failed ({done.returncode}):\n{done.stdout[-4000:]}")
    report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return report


def say(text: str) -> None:
    """Say what is going on, at once, even into a pipe."""
    print(f"platform box: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
