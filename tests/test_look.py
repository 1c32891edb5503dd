"""look.py of each assignment draws what the student's functions do, or says what it waits for."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HW1, HW2, HW3 = "hw1_optimizers", "hw2_backprop", "hw3_autograd"
HW4 = "hw4_convolutions"
FASTER = {
    HW1: "look.FRAMES, look.STILL = 2, 0",
    HW2: "look.NUM_EPOCHS = 1",
    HW3: "pass",
    HW4: (
        "look.IMAGE = look.IMAGE[:3]; import look_networks as p; "
        "p.DIGITS['num_epochs'] = p.NAMES['num_epochs'] = 1"
    ),
}
PICTURES = {
    HW1: {"losses.png", "race.gif"},
    HW2: {
        "confusion_matrix.png",
        "first_layer_weights.png",
        "loss_curve.png",
        "misread_digits.png",
    },
    HW3: {"computation_graphs.png", "learning_curves.png"},
    HW4: {"digit_filters.png", "name_filters.png", "sliding_window.gif"},
}
SIGNATURES = {".png": b"\x89PNG\r\n\x1a\n", ".gif": b"GIF89a"}


@pytest.fixture
def copy_of(tmp_path):
    """Return a function that copies a template, some of its files as the reference has them."""

    def copy(hw: str, *done: str) -> Path:
        folder = tmp_path / hw
        shutil.copytree(ROOT / "student_template" / hw, folder)
        for name in done:
            shutil.copy(ROOT / "solutions" / hw / name, folder)
        return folder

    return copy


def look(folder: Path, before: str) -> subprocess.CompletedProcess[str]:
    """Run look.py in a folder, after a line that makes it faster, or takes something away."""
    program = f"import sys; sys.path.insert(0, '.'); import look; {before}; sys.exit(look.main())"
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env={**os.environ, "DISPLAY": "", "MPLCONFIGDIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize(
    ("hw", "files"),
    [
        (HW1, ["optim.py"]),
        (HW2, ["layers.py", "mlp.py"]),
        (HW3, ["engine.py", "diagnosis.py"]),
        (HW4, ["conv.py", "text.py", "cnn.py"]),
    ],
    ids=[HW1, HW2, HW3, HW4],
)
def test_every_picture_is_drawn_of_the_reference(copy_of, hw, files):
    folder = copy_of(hw, *files)
    run = look(folder, FASTER[hw])
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""  # no warning, and no progress bar where there is no terminal
    found = {path.name: path.read_bytes() for path in (folder / "pictures").iterdir()}
    assert found.keys() == PICTURES[hw]
    for name, content in found.items():
        assert content.startswith(SIGNATURES[Path(name).suffix])
        assert len(content) > 10_000, name
        assert f"saved pictures/{name}" in run.stdout


@pytest.mark.parametrize(
    ("hw", "files"),
    [(HW1, []), (HW2, ["layers.py"]), (HW3, ["engine.py"]), (HW4, ["conv.py"])],
    ids=[HW1, HW2, HW3, HW4],
)
def test_a_function_that_is_not_started_is_named(copy_of, hw, files):
    run = look(copy_of(hw, *files), FASTER[hw])
    first = {HW1: "compare_optimizers", HW2: "init_mlp", HW3: "diagnose_losses", HW4: "train_cnn"}[
        hw
    ]
    assert run.returncode == 1
    assert f"Not yet: {first} is not started." in run.stdout
    assert run.stderr == ""


def test_an_optimizer_that_is_not_started_is_left_out(copy_of):
    folder = copy_of(HW1, "optim.py")
    stub = "def adam_step(*_, **__):\n    raise NotImplementedError('adam_step: your code here')\n"
    with (folder / "optim.py").open("a", encoding="utf-8") as file:
        file.write(stub)
    run = look(folder, FASTER[HW1])
    assert run.returncode == 0, run.stderr
    assert "Left out, because not started: adam_step." in run.stdout


def test_a_training_that_diverges_is_said_to(copy_of):
    folder = copy_of(HW2, "layers.py", "mlp.py")
    run = look(folder, "look.NUM_EPOCHS, look.LR = 1, 1e200")
    assert run.returncode == 1
    assert "The training diverged: the loss of step" in run.stdout
    run = look(folder, "look.NUM_EPOCHS, look.LR = 1, 100.0")
    assert run.returncode == 0
    assert "more than guessing costs" in run.stdout


def test_a_training_that_would_take_too_long_is_not_begun(copy_of):
    folder = copy_of(HW4, "conv.py", "text.py", "cnn.py")
    run = look(folder, f"{FASTER[HW4]}; p.PATIENCE = 0.01")
    assert run.returncode == 1
    assert "One batch takes" in run.stdout
    assert "saved pictures/sliding_window.gif" in run.stdout
    assert "training with" not in run.stdout


@pytest.mark.parametrize("hw", [HW1, HW2, HW3, HW4])
def test_without_matplotlib_the_command_that_installs_it_is_shown(copy_of, hw):
    run = look(copy_of(hw), "sys.modules['matplotlib'] = None")
    assert run.returncode == 1
    assert "The pictures need matplotlib." in run.stdout
    assert "-m pip install matplotlib" in run.stdout
    assert run.stderr == ""
