"""A sample is tried on the questions that can tell it from the reference, and on no others."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from autograder import assignment as assignments
from autograder import mistakes, samples
from autograder.assignment import Assignment
from autograder.influence import Influence
from autograder.samples import reference_files, variant_files, with_function

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def hw2() -> Assignment:
    return assignments.find(ROOT, "hw2_backprop")


def changed(assignment: Assignment, file: str, function: str, text: str) -> list[str]:
    """Return what is touched when one function of the reference is written like this."""
    files = reference_files(assignment)
    files[file] = with_function(files[file].decode(), function, text).encode()
    return Influence(assignment).touched(files)


def test_the_reference_touches_nothing(hw2: Assignment) -> None:
    assert Influence(hw2).touched(reference_files(hw2)) == []


def test_a_function_that_nothing_else_calls_touches_its_own_question(hw2: Assignment) -> None:
    text = "def gradient_check(f, grad, x, *, rng, num_checks=None):\n    return 0.0"
    assert changed(hw2, "layers.py", "gradient_check", text) == ["gradient_check"]


def test_a_function_touches_what_calls_it_in_other_files_and_over_corners(hw2: Assignment) -> None:
    text = "def softmax_cross_entropy(logits, labels):\n    return 0.0, logits"
    found = changed(hw2, "layers.py", "softmax_cross_entropy", text)
    assert {"softmax_cross_entropy", "mlp_loss", "train_mlp"} <= set(found)
    assert "relu_forward" not in found


def test_what_a_file_does_beside_its_functions_touches_all_that_is_in_it(hw2: Assignment) -> None:
    files = reference_files(hw2)
    files["mlp.py"] += b"\nnp.seterr(all='raise')\n"
    own = {question.id for question in hw2.questions if question.file == "mlp.py"}
    assert own == set(Influence(hw2).touched(files))


def test_variants_touch_what_they_write_and_what_builds_on_it(hw2: Assignment) -> None:
    variants = variant_files(hw2)
    own = [question.id for question in hw2.questions if question.file == "mlp.py"]
    assert Influence(hw2).touched(variants["mlp_loops"]) == own
    found = Influence(hw2).touched(variants["layers_loops"])
    assert {"linear_forward", "mlp_loss", "train_mlp"} <= set(found)
    assert "accuracy" not in found  # calls no layer


def test_what_builds_on_a_function_is_touched_and_not_rewritten(hw2: Assignment) -> None:
    influence, variants = Influence(hw2), variant_files(hw2)
    assert influence.rewritten(reference_files(hw2)) == []
    assert "relu_forward" in influence.rewritten(variants["layers_loops"])
    assert "mlp_loss" not in influence.rewritten(variants["layers_loops"])
    assert set(influence.rewritten(variants["mlp_loops"])) <= {
        question.id for question in hw2.questions if question.file == "mlp.py"
    }


def test_a_class_is_rewritten_with_one_of_its_methods() -> None:
    hw3 = assignments.find(ROOT, "hw3_autograd")
    files = reference_files(hw3)
    old = files["engine.py"].decode()
    text = samples.function_source(old, "Tensor.relu") + "\n        # as before"
    files["engine.py"] = with_function(old, "Tensor.relu", text).encode()
    found = Influence(hw3).rewritten(files)
    assert {"backward", "tensor_matmul", "tensor_elementwise"} <= set(found)
    assert "unbroadcast" not in found


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import layers\n", "    return layers.relu_forward(x)\n"),
        ("from layers import relu_forward as act\n", "    return act(x)\n"),
        ("import layers\nTABLE = [layers.relu_forward]\n", "    return TABLE[0](x)\n"),
        ("import layers\n", "    return getattr(layers, 'relu_forward')(x)\n"),
        ("from layers import *\n", "    def inner():\n        return relu_forward(x)\n"),
    ],
)
def test_a_call_is_found_however_it_is_written(
    hw2: Assignment, tmp_path: Path, before: str, after: str
) -> None:
    shutil.copytree(hw2.private, tmp_path / "private")
    source = f"{before}\ndef predict(params, x):\n{after}"
    (tmp_path / "private" / "mlp.py").write_text(source, encoding="utf-8")
    written = replace(hw2, private=tmp_path / "private")
    text = "def relu_forward(x):\n    return x"
    found = changed(written, "layers.py", "relu_forward", text)
    assert "predict" in found
    assert "accuracy" not in found


def test_every_mistake_touches_its_question_and_those_that_it_costs_points(hw2: Assignment) -> None:
    influence = Influence(hw2)
    for mistake in mistakes.load(hw2).mistakes:
        found = influence.touched(mistakes.apply(hw2, mistake))
        assert {mistake.question, *mistake.also} <= set(found), mistake.id


def test_an_oracle_is_asked_about_what_its_question_reaches(hw2: Assignment) -> None:
    files = reference_files(hw2)
    text = "def relu_backward(grad_output, x):\n    return grad_output * (x > 0)"
    files["layers.py"] = with_function(files["layers.py"].decode(), "relu_backward", text).encode()
    found = Influence(hw2).questioned(files)
    assert {"relu_backward", "mlp_loss", "train_mlp"} <= set(found)
    assert "relu_forward" not in found
    assert "softmax" not in found


def test_an_oracle_that_calls_another_function_is_asked_about_that_too(
    hw2: Assignment, tmp_path: Path
) -> None:
    for folder in (hw2.public, hw2.private):
        shutil.copytree(folder, tmp_path / folder.parent.name / folder.name)
    copy = assignments.find(tmp_path, hw2.id)
    oracles = copy.private / "oracles" / "layers.py"
    oracles.write_text(
        oracles.read_text(encoding="utf-8").replace("def softmax(", "def softmax_of_old(")
        + "\n\ndef softmax(layers, draw):\n    yield layers.mse_loss\n",
        encoding="utf-8",
    )
    files = reference_files(copy)
    text = "def mse_loss(predictions, targets):\n    return 0.0"
    files["layers.py"] = with_function(files["layers.py"].decode(), "mse_loss", text).encode()
    assert Influence(copy).questioned(files) == ["softmax", "mse_loss"]
