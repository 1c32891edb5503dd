"""The repository keeps its own rules: what ships is clean, current and complete."""

from __future__ import annotations

import os
import re
import subprocess
from fnmatch import fnmatch
from pathlib import Path

import pytest

from autograder import assignment as assignments
from autograder import mistakes

ROOT = Path(__file__).resolve().parent.parent
BINARY = {".gz", ".npy", ".npz", ".png", ".zip"}
PLACEHOLDER = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "X" * 3]) + r")\b")
HOME = re.compile(
    r"(?<![\w.])(/home/[a-z]|/Users/[A-Za-z]|/root/|[A-Z]:\\Users)|" + re.escape(f"{ROOT}/")
)
REGISTRY = re.compile("|".join(["py" + "pi.org", "python" + "hosted", "npm" + "js.org"]))


def shipped() -> list[Path]:
    """Return the files that git keeps, or would keep: all that .gitignore does not name."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode == 0:
        paths = [ROOT / name for name in listed.stdout.split("\0") if name]
        return [path for path in paths if path.is_file()]
    # an unpacked archive has no git: each line of .gitignore is the name of a folder
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").replace("/\n", "\n").split()
    return [
        path
        for path in ROOT.rglob("*")
        if path.is_file()
        and not any(
            fnmatch(part, name) for part in path.relative_to(ROOT).parts for name in ignored
        )
    ]


TEXTS = {
    str(path.relative_to(ROOT)): path.read_bytes()
    for path in shipped()
    if path.suffix not in BINARY
}


def test_every_text_file_is_utf8_with_lf_and_a_final_newline() -> None:
    odd = []
    for name, content in TEXTS.items():
        try:
            content.decode("utf-8")
        except UnicodeDecodeError:
            odd.append(f"{name}: not UTF-8")
        if b"\r" in content:
            odd.append(f"{name}: CR")
        if content and not content.endswith(b"\n"):
            odd.append(f"{name}: no newline at the end")
    assert odd == []


def test_no_python_file_holds_a_tab() -> None:
    assert [name for name in TEXTS if name.endswith(".py") and b"\t" in TEXTS[name]] == []


def test_every_script_is_executable_and_names_its_interpreter() -> None:
    scripts = [name for name in TEXTS if name.endswith((".sh", "/run", "/run_autograder"))]
    assert ".ci/run" in scripts
    assert [name for name in scripts if not TEXTS[name].startswith(b"#!")] == []
    # what lies in bundle_files is filled in first; the bundle gives it its run bit
    runnable = [name for name in scripts if "bundle_files/" not in name]
    assert [name for name in runnable if not os.access(ROOT / name, os.X_OK)] == []


@pytest.mark.parametrize(
    ("pattern", "exempt"),
    [
        pytest.param(PLACEHOLDER, (), id="something left undone"),
        pytest.param(HOME, ("tests/",), id="somebody's home folder"),  # tests make such paths up
        pytest.param(REGISTRY, (), id="the host of a package registry"),
    ],
)
def test_no_file_names(pattern: re.Pattern[str], exempt: tuple[str, ...]) -> None:
    found = [
        f"{name}:{number}: {line.strip()}"
        for name, content in TEXTS.items()
        if not name.startswith(exempt)
        for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), start=1)
        if pattern.search(line)
    ]
    assert found == []


def test_ci_runs_make_test_and_nothing_else() -> None:
    assert TEXTS[".ci/run"].decode().splitlines()[1:] == ["exec make test"]


def test_every_make_target_that_a_document_names_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", TEXTS["Makefile"].decode(), flags=re.MULTILINE))
    documents = [name for name in TEXTS if name == "README.md" or name.startswith("docs/")]
    assert "README.md" in documents
    named = {
        (name, target)
        for name in documents
        # commands stand between backquotes or alone on a line, perhaps behind a prompt
        for target in re.findall(r"(?:^|`)(?:\$ )?make ([a-z-]+)", TEXTS[name].decode(), re.M)
    }
    assert sorted((name, target) for name, target in named if target not in targets) == []
    assert ("README.md", "demo") in named


def test_every_python_has_its_pins() -> None:
    for version in ("3.10", "3.11", "3.12", "3.13"):
        for kind in ("dev", "bundle"):
            lines = TEXTS[f"requirements/{kind}-{version}.txt"].decode().splitlines()
            pins = [line for line in lines if not line.startswith("#")]
            names = {pin.split("==")[0] for pin in pins}
            assert {"numpy", "pytest"} <= names
            assert [pin for pin in pins if not re.fullmatch(r"[a-z0-9-]+==[\w.]+", pin)] == []
    assert "torch==2.13.0" in TEXTS["requirements/dev-3.11.txt"].decode().splitlines()


def test_development_and_bundles_agree_on_their_pins() -> None:
    """What we test with is what the platform gets."""
    for version in ("3.10", "3.11", "3.12", "3.13"):
        dev, bundle = (
            set(TEXTS[f"requirements/{kind}-{version}.txt"].decode().splitlines())
            for kind in ("dev", "bundle")
        )
        assert sorted(pin for pin in bundle - dev if "==" in pin) == []


def test_every_assignment_has_its_twin() -> None:
    public, private, generated = (
        {path.name for path in (ROOT / folder).iterdir() if path.is_dir() and path.name[0] != "_"}
        for folder in ("assignments", "solutions", "student_template")
    )
    assert public == private == generated
    assert public


def test_the_readme_counts_the_homework_as_it_is() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(hw\w+)` \| .* \| (\d+) \| (\d+) \|$", readme, re.MULTILINE)
    found = []
    for name in assignments.assignment_ids(ROOT):
        assignment = assignments.find(ROOT, name)
        made = mistakes.read(assignment).mistakes
        found.append((name, str(len(assignment.questions)), str(len(made))))
    assert rows == found
