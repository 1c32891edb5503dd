"""Pack an assignment and the engine into the zip that an instructor uploads.

    Assignment + engine -> [bundle] -> dist/<hw>-gradescope.zip | dist/<hw>-otter.zip

The zip holds the reference and the hidden tests: it goes to the platform and to nobody else. Two
bundles of the same sources differ in one file only, the secret from which the inputs of the hidden
tests are drawn; whoever gives the secret gets the same bytes again.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import zipfile
from dataclasses import dataclass
from pathlib import Path

import autograder
import student_kit
from autograder import otter_bundle, proof
from autograder.assignment import Assignment
from autograder.errors import AuthorError, GraderError, UsageError
from autograder.proof import tree

PLATFORMS = ("gradescope", "otter")
RUN_FILES = ("setup.sh", "run_autograder")  # at the root of the zip, executable
SECRET = "secret"  # the file's name
MANIFEST = "BUNDLE.json"

_ENGINE = Path(autograder.__file__).resolve().parent
_KIT = Path(student_kit.__file__).resolve().parent
_REQUIREMENTS = _ENGINE.parent / "requirements"
_TORCH_INDEX = "https://download.pytorch.org/whl/cpu"  # builds without CUDA
_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say
_EXECUTABLE, _READABLE, _PRIVATE = 0o755, 0o644, 0o600

_GRADESCOPE_STEPS = """\
Total Points to enter: {points:g}

1. Gradescope: Create Assignment > Programming Assignment, the points as above.
2. Configure Autograder: upload {name}, base image Ubuntu 22.04, Update.
3. When the image is built: Test Autograder with the reference and with the stub.

Try it here first: autograder emulate {path} SUBMISSION"""
_OTTER_STEPS = """\
Total points: {points:g}

Students hand in {files}, alone or in a zip.
One submission, into an empty folder: otter run -a {path} -o FOLDER SUBMISSION
Try it with the reference and with the stub."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One file of the zip."""

    content: bytes
    mode: int = _READABLE


def build(
    assignment: Assignment,
    platform: str,
    out_dir: Path,
    *,
    secret: str | None = None,
    allow_weak: bool = False,
    unproved: bool = False,
) -> Path:
    """Write the bundle of an assignment and return its path.

    Args:
        assignment: what to pack.
        platform: one of PLATFORMS.
        out_dir: made if it is not there.
        secret: 64 hex digits, for a reproducible bundle; drawn at random by default.
        allow_weak: whether to grade also where student code could read hidden tests.
        unproved: whether to pack also what `verify` has not proved as it is now.

    Raises:
        UsageError: unknown platform, a secret that is none, or no Otter where it is needed.
        AuthorError: the assignment has no current proof.
        GraderError: the engine's own pins are missing or not pins.
    """
    if platform not in PLATFORMS:
        raise UsageError(f"unknown platform {platform!r}\n  expected  {', '.join(PLATFORMS)}")
    secret = secrets.token_hex(32) if secret is None else secret
    if not re.fullmatch(r"[0-9a-f]{64}", secret):
        raise UsageError("the secret of a bundle is 64 hex digits, such as secrets.token_hex(32)")
    if not unproved:
        _refuse_unproved(assignment)
    entries = _entries(assignment, platform)
    entries[MANIFEST] = _Entry(content=_manifest(assignment, platform, entries, allow_weak))
    entries[SECRET] = _Entry(content=f"{secret}\n".encode(), mode=_PRIVATE)
    out_dir.mkdir(parents=True, exist_ok=True)
    path = out_dir / f"{assignment.id}-{platform}.zip"
    _write_zip(path, entries)
    return path


def next_steps(assignment: Assignment, path: Path) -> str:
    """Return what an instructor does with the bundle, for the terminal."""
    steps = _OTTER_STEPS if path.name.endswith("-otter.zip") else _GRADESCOPE_STEPS
    files = " or ".join(["the notebook", *(assignment.files if len(assignment.files) == 1 else ())])
    return "\n".join(
        (
            f"wrote {path} ({path.stat().st_size / 1024:.0f} KB)",
            steps.format(path=path, name=path.name, points=assignment.max_points, files=files),
            "The zip holds the reference and the hidden tests: keep it to yourself.",
        )
    )


def _refuse_unproved(assignment: Assignment) -> None:
    """Stop where nobody knows whether the tests are right; AuthorError names what has changed."""
    different = proof.differences(assignment)
    if different:
        more = f", and {len(different) - 3} more" if len(different) > 3 else ""
        raise AuthorError(
            proof.path_of(assignment),
            "the proof of the assignment's tests is not current",
            expected="a record that rests on the files as they are",
            found="; ".join(different[:3]) + more,
            fix=f"autograder verify {assignment.id}, or bundle with --unproved",
        )


def _entries(assignment: Assignment, platform: str) -> dict[str, _Entry]:
    """Return all files but the manifest and the secret, by name in the zip."""
    entries = _otter(assignment) if platform == "otter" else _gradescope(assignment)
    private = f"solutions/{assignment.id}"
    for name, path in (
        *tree(_ENGINE, "autograder", suffix=".py"),
        *tree(_KIT, "student_kit", suffix=".py"),
        *tree(assignment.public, f"assignments/{assignment.id}"),
        *((f"{private}/{file}", assignment.private / file) for file in assignment.files),
        *tree(assignment.private / "hidden_tests", f"{private}/hidden_tests"),
    ):
        entries[name] = _Entry(content=path.read_bytes())
    mistakes = assignment.private / "mistakes.toml"
    if mistakes.is_file():
        entries[f"{private}/mistakes.toml"] = _Entry(content=mistakes.read_bytes())
    return entries


def _gradescope(assignment: Assignment) -> dict[str, _Entry]:
    """Return what Gradescope starts: setup.sh and run_autograder."""
    templates = _ENGINE / "bundle_files" / "gradescope"
    setup = _render_setup(
        (templates / "setup.sh").read_text(encoding="utf-8"),
        python_pins(),
        torch_pin() if "torch" in assignment.libraries else "",
    )
    run = (templates / "run_autograder").read_text(encoding="utf-8")
    return {
        "setup.sh": _Entry(content=setup.encode(), mode=_EXECUTABLE),
        "run_autograder": _Entry(content=run.encode(), mode=_EXECUTABLE),
    }


def _otter(assignment: Assignment) -> dict[str, _Entry]:
    """Return what Otter's generator writes; its environment gets NumPy and pytest, too."""
    pins = python_pins()[otter_bundle.PYTHON_VERSION]
    # the rest of the closure is Otter's, with versions of its own
    requirements = [pin for pin in pins if pin.startswith(("numpy==", "pytest=="))]
    if "torch" in assignment.libraries:
        requirements += [f"--extra-index-url {_TORCH_INDEX}", torch_pin()]
    return {
        name: _Entry(content=content, mode=_EXECUTABLE if name in RUN_FILES else _READABLE)
        for name, content in otter_bundle.generate(assignment, requirements).items()
    }


def python_pins() -> dict[str, tuple[str, ...]]:
    """Return the pins per version of Python, oldest first: {"3.10": ("numpy==2.2.6", ...)}."""
    pins = {
        path.stem.removeprefix("bundle-"): _read_pins(path)
        for path in _REQUIREMENTS.glob("bundle-3.*.txt")
    }
    if not pins:
        raise GraderError(f"no pins for bundles: expected {_REQUIREMENTS / 'bundle-3.10.txt'}")
    return dict(sorted(pins.items(), key=lambda item: int(item[0].split(".")[1])))


def torch_pin() -> str:
    """Return the pin of PyTorch, for the assignments that need it."""
    return _read_pins(_REQUIREMENTS / "bundle-torch.txt")[0]


def _read_pins(path: Path) -> tuple[str, ...]:
    lines = (line.partition("#")[0].strip() for line in path.read_text("utf-8").splitlines())
    pins = tuple(line for line in lines if line)
    for pin in pins:
        # they are pasted into a shell script
        if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", pin):
            raise GraderError(f"{path}: not a pin\n  expected  name==version\n  found     {pin}")
    return pins


def _render_setup(template: str, pins: dict[str, tuple[str, ...]], torch: str) -> str:
    """Fill the template of setup.sh: one branch of its `case` per version of Python."""
    branches = (f"{version}) printf '%s\\n' {' '.join(pins[version])} ;;" for version in pins)
    versions = list(pins)
    for marker, text in (
        ("# @PINS@", "\n  ".join(branches)),
        ("@TORCH@", torch),
        ("@FIRST@", versions[0]),
        ("@LAST@", versions[-1]),
    ):
        if template.count(marker) != 1:
            raise GraderError(f"the template of setup.sh must hold {marker} exactly once")
        template = template.replace(marker, text)
    return template


def _manifest(
    assignment: Assignment, platform: str, entries: dict[str, _Entry], allow_weak: bool
) -> bytes:
    """Return BUNDLE.json: what is inside, so that two bundles can be told apart."""
    files = {
        name: hashlib.sha256(entry.content).hexdigest() for name, entry in sorted(entries.items())
    }
    lines = "".join(f"{digest}  {name}\n" for name, digest in files.items())
    pins = python_pins() if platform == "gradescope" else {}  # Otter has its environment.yml
    manifest = {
        "assignment": assignment.id,
        "title": assignment.title,
        "platform": platform,
        "total_points": assignment.max_points,
        "allow_weak": allow_weak,
        "autograder": autograder.__version__,
        "sha256": hashlib.sha256(lines.encode()).hexdigest(),
        "python": {version: list(each) for version, each in pins.items()},
        "files": files,
    }
    return (json.dumps(manifest, indent=2, ensure_ascii=False) + "\n").encode()


def _write_zip(path: Path, entries: dict[str, _Entry]) -> None:
    part = path.with_name(f".{path.name}.part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, entry in sorted(entries.items()):
            info = zipfile.ZipInfo(name, _TIME)
            info.create_system = 3  # Unix: what makes an unpacker look at the mode
            info.external_attr = (0o100000 | entry.mode) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, entry.content)
    part.replace(path)
