"""Which file is graded of notebooks and .py files that are handed in together."""

from __future__ import annotations

import pytest
from handed_in_notebooks import (
    ADAM,
    GD,
    MLP,
    RELU,
    STUB,
    assignment,
    notebook,
    refusal,
    run,
    said,
    submit,
)

from autograder.errors import SubmissionError
from autograder.intake import discover
from student_kit import cells

pytestmark = pytest.mark.portable


def test_a_notebook_as_handed_out_beside_an_answered_file_is_not_mentioned(tmp_path):
    submission = submit(tmp_path, {"optim.py": GD.encode(), "hw0_tiny.ipynb": notebook(STUB)})

    assert (submission.files, submission.notices) == ({"optim.py": GD.encode()}, ())


def test_an_answered_notebook_counts_before_a_file_as_handed_out(tmp_path):
    submission = submit(tmp_path, {"optim.py": STUB.encode(), "hw0_tiny.ipynb": notebook(GD)})

    assert cells.is_program(submission.files["optim.py"])
    assert said(submission) == (
        "optim.py holds no answers, so those in the notebook 'hw0_tiny.ipynb' were graded."
    )


def test_of_both_with_answers_the_file_that_was_asked_for_counts(tmp_path):
    submission = submit(tmp_path, {"optim.py": ADAM.encode(), "hw1.ipynb": notebook(GD)})

    assert submission.files == {"optim.py": ADAM.encode()}
    assert said(submission) == (
        "Both optim.py and the notebook 'hw1.ipynb' hold answers: optim.py was graded, the "
        "notebook not. Hand in one of them."
    )


def test_a_file_that_the_notebook_wrote_is_not_mentioned(tmp_path):
    source = notebook(f"%%writefile optim.py\n{GD}\n", "import optim")

    submission = submit(tmp_path, {"optim.py": f"{GD}\n".encode(), "hw1.ipynb": source})

    assert submission.files == {"optim.py": f"{GD}\n".encode()}
    assert submission.notices == ()


def test_each_file_is_taken_from_where_its_answers_are(tmp_path):
    stub = MLP.replace("return relu(x)", 'raise NotImplementedError("x")').encode()
    source = notebook("from layers import relu", MLP)

    submission = submit(
        tmp_path,
        {"layers.py": RELU.encode(), "mlp.py": stub, "hw2.ipynb": source},
        layers="relu",
        mlp="mlp",
    )

    assert submission.files["layers.py"] == RELU.encode()
    assert cells.is_program(submission.files["mlp.py"])


def test_a_file_of_which_the_notebook_has_nothing_is_missing(tmp_path):
    submission = submit(tmp_path, {"hw2.ipynb": notebook(RELU)}, layers="relu", mlp="mlp")

    assert list(submission.files) == ["layers.py"]
    assert said(submission) == (
        "mlp.py is missing, so its questions get no points: the notebook 'hw2.ipynb' has none of "
        "its functions."
    )


def test_of_two_notebooks_with_answers_none_is_graded(tmp_path):
    with pytest.raises(SubmissionError, match="Hand in one") as caught:
        submit(tmp_path, {"a.ipynb": notebook(GD), "b.ipynb": notebook(ADAM)})

    assert "No notebook was graded: there are 2 that could count, 'a.ipynb', 'b.ipynb'." in str(
        caught.value
    )


def test_of_two_notebooks_the_one_with_answers_counts(tmp_path):
    files = {"hw0_tiny.ipynb": notebook(STUB), "mine.ipynb": notebook(GD), "data.ipynb": b"{}"}

    submission = submit(tmp_path, files)

    assert "raise" not in submission.files["optim.py"].decode()
    assert said(submission) == "Only optim.py is graded; ignored: 'data.ipynb'."


def test_of_two_with_answers_the_one_with_the_templates_name_counts(tmp_path):
    files = {"hw0_tiny.ipynb": notebook(GD), "hw0_tiny-Copy1.ipynb": notebook(ADAM)}

    submission = submit(tmp_path, files)

    assert "gd_step" in run(submission)
    assert said(submission) == "Only optim.py is graded; ignored: 'hw0_tiny-Copy1.ipynb'."


def test_a_checkpoint_is_no_notebook(tmp_path):
    files = {"hw1.ipynb": notebook(GD), ".ipynb_checkpoints/hw1-checkpoint.ipynb": notebook(ADAM)}

    submission = submit(tmp_path, files)

    assert ("gd_step" in run(submission), submission.notices) == (True, ())


def test_a_renamed_file_counts_beside_a_notebook_as_handed_out(tmp_path):
    submission = submit(tmp_path, {"my_optim.py": GD.encode(), "hw0_tiny.ipynb": notebook(STUB)})

    assert submission.files == {"optim.py": GD.encode()}
    assert "'my_optim.py' was graded as optim.py: please name it optim.py." in said(submission)


def test_a_helper_file_is_not_taken_for_the_answers_beside_a_notebook(tmp_path):
    submission = submit(tmp_path, {"plots.py": b"x = 1\n", "hw1.ipynb": notebook(GD)})

    assert "gd_step" in run(submission)
    assert said(submission) == "Only optim.py is graded; ignored: 'plots.py'."


def test_a_notebook_with_too_much_code_is_not_graded(tmp_path):
    assert "The code of the notebook is too large: 68 KB, and a file may have 64 KB." in refusal(
        tmp_path, notebook(GD, "TEXT = '" + "x" * 70_000 + "'")
    )


def test_pictures_in_a_notebook_do_not_count(tmp_path):
    picture = {"output_type": "display_data", "data": {"image/png": "A" * 3_000_000}}
    source = notebook({"cell_type": "code", "source": GD, "outputs": [picture]})

    assert "gd_step" in run(submit(tmp_path, {"hw1.ipynb": source}))


def test_a_folder_of_notebooks_is_a_class_and_a_folder_with_one_a_submission(tmp_path):
    for path in ("class/ada.ipynb", "class/bob.ipynb", "one/hw.ipynb", "one/plot.png"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(notebook(GD))

    found = discover([tmp_path / "class", tmp_path / "one"], assignment())

    assert [path.name for path in found] == ["ada.ipynb", "bob.ipynb", "one"]
