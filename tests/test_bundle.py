"""The bundle: right files at the right places, reproducible, and nothing of a workplace in it."""

import ast
import hashlib
import json
import os
import re
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from autograder import assignment as assignments
from autograder import bundle
from autograder.errors import GraderError, UsageError

pytestmark = pytest.mark.portable

ROOT = Path(__file__).resolve().parent.parent
SECRET = "0123456789abcdef" * 4
HW = "hw0_tiny"


@pytest.fixture
def tiny(tmp_path):
    """A small assignment on disk, with all that must not get into a bundle beside it."""
    tests = 'def test_it():\n    """double(x) is twice x."""\n'
    for name, text in {
        f"assignments/{HW}/assignment.toml": (
            'title = "Tiny"\nfiles = ["tiny.py"]\nlibraries = ["numpy"]\n'
            "[questions.double]\npoints = 100\n"
        ),
        f"assignments/{HW}/handout.md": "# Tiny\n",
        f"assignments/{HW}/tests/test_double.py": tests,
        f"assignments/{HW}/tests/__pycache__/test_double.pyc": "junk",
        f"assignments/{HW}/.DS_Store": "junk",
        f"solutions/{HW}/tiny.py": "def double(x):\n    return 2 * x\n",
        f"solutions/{HW}/notebook.py": "# the source of a notebook\n",
        f"solutions/{HW}/mistakes.toml": "",
        f"solutions/{HW}/variants/tiny_sum.py": "def double(x):\n    return x + x\n",
        f"solutions/{HW}/wrong/w01_sum.py": "def double(x):\n    return x + 1\n",
        f"solutions/{HW}/wrong/labels.toml": "",
        f"solutions/{HW}/hidden_tests/test_double.py": tests,
        f"solutions/{HW}/hidden_tests/__pycache__/x.pyc": "junk",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return assignments.find(tmp_path, HW)


@pytest.fixture
def packed(tiny, tmp_path):
    """The path of its bundle."""
    return bundle.build(tiny, "gradescope", tmp_path / "dist", secret=SECRET, unproved=True)


def contents(path):
    with zipfile.ZipFile(path) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def unpacked(path, folder):
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
    return folder


def test_scripts_are_at_the_root_executable_and_have_unix_line_ends(packed):
    assert packed.name == f"{HW}-gradescope.zip"
    with zipfile.ZipFile(packed) as archive:
        for name in ("setup.sh", "run_autograder"):
            info = archive.getinfo(name)
            assert stat.S_IMODE(info.external_attr >> 16) == 0o755
            assert stat.S_ISREG(info.external_attr >> 16)
            assert info.create_system == 3
            content = archive.read(name)
            assert content.startswith(b"#!/usr/bin/env bash\n")
            assert b"\r" not in content


def test_bundle_holds_what_grading_needs_and_nothing_else(packed):
    names = set(contents(packed))

    own = {name for name in names if name.startswith(("assignments/", "solutions/"))}
    assert own == {
        f"assignments/{HW}/assignment.toml",
        f"assignments/{HW}/handout.md",
        f"assignments/{HW}/tests/test_double.py",
        f"solutions/{HW}/tiny.py",
        f"solutions/{HW}/mistakes.toml",
        f"solutions/{HW}/hidden_tests/test_double.py",
    }
    assert {"autograder/platforms/run.py", "student_kit/checks.py", "secret"} <= names
    engine = names - own - {"BUNDLE.json", "secret", "setup.sh", "run_autograder"}
    assert all(re.fullmatch(r"(autograder|student_kit)/[\w/]+\.py", name) for name in engine)


def test_bundle_of_the_same_sources_and_secret_is_the_same_to_the_byte(tiny, packed, tmp_path):
    again = bundle.build(tiny, "gradescope", tmp_path / "again", secret=SECRET, unproved=True)

    assert again.read_bytes() == packed.read_bytes()


def test_each_bundle_draws_a_secret_of_its_own(tiny, tmp_path):
    first, second = (
        contents(bundle.build(tiny, "gradescope", tmp_path / name, unproved=True))
        for name in ("a", "b")
    )

    assert re.fullmatch(rb"[0-9a-f]{64}\n", first["secret"])
    assert {name for name in first if first[name] != second[name]} == {"secret"}


def test_secret_is_private_and_its_digest_is_nowhere(packed):
    with zipfile.ZipFile(packed) as archive:
        assert stat.S_IMODE(archive.getinfo("secret").external_attr >> 16) == 0o600
    manifest = contents(packed)["BUNDLE.json"].decode()
    assert "secret" not in json.loads(manifest)["files"]
    assert SECRET not in manifest


def test_manifest_tells_what_is_inside(packed):
    files = contents(packed)

    manifest = json.loads(files["BUNDLE.json"])

    assert manifest["assignment"] == HW
    assert manifest["total_points"] == 100
    assert manifest["files"] == {
        name: hashlib.sha256(content).hexdigest()
        for name, content in sorted(files.items())
        if name not in ("BUNDLE.json", "secret")
    }
    assert "numpy==2.2.6" in manifest["python"]["3.10"]


def test_next_steps_name_the_total_points(tiny, packed):
    assert "Total Points to enter: 100\n" in bundle.next_steps(tiny, packed)


def test_unknown_platform_is_refused(tiny, tmp_path):
    with pytest.raises(UsageError, match="unknown platform 'moodle'"):
        bundle.build(tiny, "moodle", tmp_path)


def test_secret_that_is_none_is_refused(tiny, tmp_path):
    with pytest.raises(UsageError, match="64 hex digits"):
        bundle.build(tiny, "gradescope", tmp_path, secret="hunter2")


@pytest.mark.parametrize("version", ["3.10", "3.11", "3.12", "3.13"])
def test_setup_carries_the_pins_of_every_python(packed, version):
    """The script works before the zip is unpacked, so it can read no file of it."""
    setup = contents(packed)["setup.sh"].decode()

    (branch,) = re.findall(rf"^  {re.escape(version)}\) (.*) ;;$", setup, flags=re.MULTILINE)
    pins = [
        line
        for line in (ROOT / f"requirements/bundle-{version}.txt").read_text().splitlines()
        if not line.startswith("#")
    ]
    assert branch == f"printf '%s\\n' {' '.join(pins)}"
    assert "@" not in re.sub(r"\$@|\[@\]", "", setup)


def test_setup_installs_torch_only_for_an_assignment_that_names_it(tiny, packed, tmp_path):
    toml = tiny.public / "assignment.toml"
    toml.write_text(toml.read_text().replace('["numpy"]', '["numpy", "torch"]'))
    with_torch = bundle.build(
        assignments.load(tiny.public, tiny.private), "gradescope", tmp_path / "torch", unproved=True
    )

    assert 'torch=""' in contents(packed)["setup.sh"].decode()
    assert 'torch="torch==' in contents(with_torch)["setup.sh"].decode()


def test_pin_that_could_be_a_command_is_refused(tmp_path, monkeypatch):
    (tmp_path / "bundle-3.10.txt").write_text("numpy==2; rm -rf /\n")
    monkeypatch.setattr(bundle, "_REQUIREMENTS", tmp_path)

    with pytest.raises(GraderError, match="not a pin"):
        bundle.python_pins()


def test_scripts_are_valid_bash(packed, tmp_path):
    folder = unpacked(packed, tmp_path / "source")

    for script in ("setup.sh", "run_autograder"):
        done = subprocess.run(
            ["bash", "-n", folder / script], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")


def test_setup_refuses_a_folder_that_somebody_else_uses(packed, tmp_path):
    folder = unpacked(packed, tmp_path / "source")
    venv = tmp_path / "not a venv"
    venv.mkdir()
    (venv / "thesis.txt").write_text("years of work")

    done = subprocess.run(
        ["bash", folder / "setup.sh"],
        env={"PATH": os.environ["PATH"], "AUTOGRADER_VENV": str(venv)}
        | {"AUTOGRADER_PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "is in use by something else" in done.stderr
    assert (venv / "thesis.txt").read_text() == "years of work"


def test_setup_says_which_python_it_wants(packed, tmp_path):
    """On an image that is too old, the message names the versions and the way out."""
    folder = unpacked(packed, tmp_path / "source")
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "python3").write_text("#!/bin/sh\necho 3.8\n")
    (tools / "python3").chmod(0o755)
    script = folder / "setup.sh"
    # the machine's own interpreters are out of reach
    script.write_text(script.read_text().replace("/usr/bin/python3", "/nowhere/python3"))
    for tool in ("dirname", "bash"):
        (tools / tool).symlink_to(f"/usr/bin/{tool}")

    done = subprocess.run(
        ["/usr/bin/bash", script],
        env={"PATH": str(tools), "AUTOGRADER_VENV": str(tmp_path / "venv")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "no Python from 3.10 to 3.13 here, python3 is 3.8" in done.stderr
    assert "Ubuntu 22.04" in done.stderr


def test_run_without_its_environment_says_so_and_is_not_graded(packed, tmp_path):
    base = tmp_path / "autograder"
    source = unpacked(packed, base / "source")
    script = base / "run_autograder"
    script.write_bytes((source / "run_autograder").read_bytes())

    done = subprocess.run(
        ["bash", script],
        env={"PATH": os.environ["PATH"], "AUTOGRADER_VENV": str(tmp_path / "nowhere")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 3
    assert "setup.sh has failed" in done.stderr
    assert not (base / "results/results.json").exists()


def test_no_file_of_the_engine_in_the_bundle_names_the_place_it_was_made_at(packed, tmp_path):
    for name, content in contents(packed).items():
        assert str(ROOT).encode() not in content, name
        assert str(tmp_path).encode() not in content, name


def test_every_module_in_the_bundle_is_python_3_10(packed):
    for name, content in contents(packed).items():
        if name.endswith(".py"):
            ast.parse(content, filename=name, feature_version=(3, 10))
