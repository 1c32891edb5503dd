"""A submitted notebook is read as the files it stands for, or its student is told why not."""

from __future__ import annotations

import json
import zipfile

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
    text,
)
from hypothesis import given
from hypothesis import strategies as st

from autograder.intake import read_submission
from autograder.notebooks import worker
from student_kit import cells

pytestmark = pytest.mark.portable

# --- as it should be -----------------------------------------------------------------------------


def test_a_notebook_is_graded_without_a_word(tmp_path):
    submission = submit(tmp_path, {"hw0_tiny.ipynb": notebook(text("# Task"), GD, ADAM)})

    assert submission.notices == ()
    assert submission.name == "ada"
    assert run(submission)["gd_step"](3.0, 1.0, lr=0.5) == 2.5


def test_one_notebook_is_a_submission_by_itself(tmp_path):
    (tmp_path / "ada lovelace.ipynb").write_bytes(notebook(GD))

    submission = read_submission(tmp_path / "ada lovelace.ipynb", assignment())

    assert (submission.name, submission.notices) == ("ada lovelace", ())
    assert list(submission.files) == ["optim.py"]


def test_a_notebook_is_found_in_a_zip(tmp_path):
    with zipfile.ZipFile(tmp_path / "ada.zip", "w") as archive:
        archive.writestr("hw1/final.ipynb", notebook(GD))

    assert list(read_submission(tmp_path / "ada.zip", assignment()).files) == ["optim.py"]


def test_a_notebook_stands_for_each_of_several_files(tmp_path):
    source = notebook(RELU, "from layers import relu", MLP)

    submission = submit(tmp_path, {"hw2.ipynb": source}, layers="relu", mlp="mlp")

    assert submission.notices == ()
    assert submission.files["layers.py"] == submission.files["mlp.py"]


def test_what_stands_at_the_top_is_not_run(tmp_path):
    work = [
        "theta = 3.0\nfor step in range(3):\n    theta = gd_step(theta, 1.0, lr=0.1)\nprint(theta)",
        "import matplotlib.pyplot as plt\nplt.plot([1, 2]);\nplt.show()",
        "assert gd_step(1, 1, lr=1) == 0; print('fine'); raise SystemExit",
        "if __name__ == '__main__':\n    gd_step(1, 2, 3)",
        "with open('/tmp/x', 'w') as file:\n    file.write('x')",
    ]

    submission = submit(tmp_path, {"hw1.ipynb": notebook(GD, *work, ADAM)})

    source = submission.files["optim.py"].decode()
    assert submission.notices == ()
    for word in ("for ", "print", "plt", "SystemExit", "open", "assert"):
        assert word not in source
    assert {"gd_step", "adam_step"} <= run(submission).keys()


def test_constants_imports_helpers_and_classes_are_kept(tmp_path):
    source = notebook(
        "from __future__ import annotations\nimport numpy as np, math\nEPS = 1e-8",
        "WIDTH = 2 * HALF\nHALF = 3",
        "HALF = 3\nWIDTH = 2 * HALF\nROOT = np.sqrt(WIDTH)\nunused = np.ones(10**9)",
        "class State:\n    size = WIDTH\n\nhalf = lambda x: x / 2",
        "def helper(x: Later = EPS):\n    return half(x) + ROOT",
        "try:\n    from math import tau\nexcept ImportError:\n    tau = 6.28",
        "def gd_step(x, grad, lr):\n    unused = helper(x)\n    return unused + State.size + tau",
        "adam_step = gd_step",
    )

    submission = submit(tmp_path, {"hw1.ipynb": source})
    found = run(submission)

    assert submission.notices == ()
    assert found["adam_step"](2.0, 0, 0) == pytest.approx(1 + 6**0.5 + 6 + 6.283185)
    assert "unused" not in found, "a local variable's name keeps nothing at the top"


def test_the_later_definition_counts_as_in_the_notebook(tmp_path):
    again = "def gd_step(theta, grad, lr):\n    return 'second'"

    found = run(submit(tmp_path, {"hw1.ipynb": notebook(STUB, GD, again)}))

    assert found["gd_step"](1, 1, 1) == "second"


# --- what IPython adds to Python -----------------------------------------------------------------


def test_commands_of_the_notebook_are_taken_out_and_lines_stay(tmp_path):
    source = (
        "%matplotlib inline\n"
        "!pip install numpy \\\n   --quiet\n"
        "files = !ls\n"
        "gd_step?\n"
        "?gd_step\n"
        "def gd_step(theta, grad, lr):\n"
        "    %time x = 1\n"
        "    names = !echo it's\n"
        "    a = (theta\n"
        "         % 7)\n"
        "    return a, '''\n"
        "!not a command\n"
        "%nor this'''\n"
    )

    submission = submit(tmp_path, {"hw1.ipynb": notebook(source)})

    assert submission.notices == ()
    assert run(submission)["gd_step"](8, 0, 0) == (1, "\n!not a command\n%nor this")
    lines = submission.files["optim.py"].decode().split("\n")
    number = next(n for n, line in enumerate(lines, 1) if "return a" in line)
    assert cells.place("optim.py", submission.files["optim.py"], number) == "cell 1 line 12"


@pytest.mark.parametrize("magic", ["%%time", "%%timeit -n 3", "\n\n%%capture out", "%%prun"])
def test_a_cell_that_is_timed_is_kept(tmp_path, magic):
    assert "gd_step" in run(submit(tmp_path, {"hw1.ipynb": notebook(f"{magic}\n{GD}")}))


@pytest.mark.parametrize("magic", ["%%bash", "%%html", "%%javascript", "%%latex"])
def test_a_cell_for_another_program_is_left_out(tmp_path, magic):
    source = notebook(GD, f"{magic}\nif true; then <b>\n", ADAM)

    submission = submit(tmp_path, {"hw1.ipynb": source})

    assert submission.notices == ()
    assert {"gd_step", "adam_step"} <= run(submission).keys()


def test_a_function_in_a_cell_for_another_program_is_named(tmp_path):
    submission = submit(tmp_path, {"hw1.ipynb": notebook(GD, f"%%cython -a\n{ADAM}")})

    assert said(submission) == (
        "Cell 2 of 'hw1.ipynb' begins with %%cython -a, so it is not Python of this notebook, "
        "and adam_step in it was not graded."
    )


def test_a_cell_that_writes_a_file_is_that_file(tmp_path):
    source = notebook(
        f"%%writefile layers.py\nimport numpy\n{RELU}",
        "%%writefile -a ./layers.py\nEPS = 1\n",
        "%%writefile notes.txt\nnothing",
        MLP,
    )

    submission = submit(tmp_path, {"hw2.ipynb": source}, layers="relu", mlp="mlp")

    assert submission.notices == ()
    layers = submission.files["layers.py"]
    assert {"relu", "EPS", "numpy"} <= run(submission, "layers").keys()
    assert b"mlp" not in layers
    number = layers.split(b"\n").index(b"def relu(x):") + 1
    assert cells.place("layers.py", layers, number) == "cell 1 line 3"


def test_answers_in_cells_count_before_a_file_without_any_that_a_cell_writes(tmp_path):
    source = notebook("%%writefile optim.py\nEPS = 1", GD)

    assert "gd_step" in run(submit(tmp_path, {"hw1.ipynb": source}))


def test_what_colab_adds_is_left_out(tmp_path):
    first = (
        "#@title Setup { display-mode: 'form' }\nfrom google.colab import drive, files\n"
        "drive.mount('/content/drive')\n%cd /content/drive/MyDrive\nuploaded = files.upload()"
    )
    source = notebook(
        {"cell_type": "code", "source": [first], "metadata": {"id": "x", "colab": {"h": 1}}},
        {"cell_type": "code", "source": GD.splitlines(keepends=True), "execution_count": None},
        metadata={"colab": {"provenance": []}, "widgets": {"x": {}}, "accelerator": "GPU"},
        nbformat_minor=0,
    )

    submission = submit(tmp_path, {"Copy of hw1.ipynb": source})

    assert submission.notices == ()
    assert "gd_step" in run(submission)


# --- tolerant reading ----------------------------------------------------------------------------

OLD = {"cell_type": "code", "input": GD, "language": "python", "outputs": []}
ODD_AND_FINE = {
    "byte order mark": b"\xef\xbb\xbf" + notebook(GD),
    "UTF-16": notebook(GD).decode().encode("utf-16"),
    "no metadata": notebook({"cell_type": "code", "source": GD}, metadata=None),
    "version 3": notebook(cells=None, worksheets=[{"cells": [OLD]}], nbformat=3),
    "a version of the future": notebook(GD, nbformat=5, nbformat_minor=99),
    "no version": notebook(GD, nbformat=None, nbformat_minor=None),
    "equal ids": notebook(*({"cell_type": "code", "id": "a b", "source": GD} for _ in "12")),
    "odd cells": notebook({}, {"cell_type": "code"}, {"cell_type": "x", "source": 3}, GD),
    "Windows line ends": notebook(GD.replace("\n", "\r\n")),
    "an indented cell": notebook("    " + GD.replace("\n", "\n    ")),
    "awaited at the top": notebook(f"{GD}\nawait something()\nx = await it()"),
}


@pytest.mark.parametrize("name", ODD_AND_FINE)
def test_what_is_odd_and_harmless_is_read_without_a_word(tmp_path, name):
    submission = submit(tmp_path, {"hw1.ipynb": ODD_AND_FINE[name]})

    assert submission.notices == ()
    assert run(submission)["gd_step"](3, 1, 1) == 2


def test_bytes_that_are_no_text_cost_nothing_else(tmp_path):
    source = notebook(text("QQ"), GD).replace(b"QQ", b"\xe4\xf6")

    assert "gd_step" in run(submit(tmp_path, {"hw1.ipynb": source}))


# --- what is no notebook, each with its sentence -------------------------------------------------

HALF = len(notebook(GD)) // 2
CONFLICT = b'{\n "cells": [\n<<<<<<< HEAD\n  1\n=======\n  2\n>>>>>>> main\n ]\n}'
REFUSED = {
    "empty": (b"", "is empty: it was handed in while it was being saved, or before."),
    "blank": (b"\xef\xbb\xbf \n", "is empty: it was handed in while it was being saved"),
    "merge conflict": (CONFLICT, "holds the mark of a git merge conflict in line 3"),
    "web page": (b"\n<!DOCTYPE html><html>", "is a web page, not a notebook: what was saved is"),
    "login page": (b"<html><body>Sign in", "is a web page, not a notebook: what was saved is"),
    "truncated": (notebook(GD)[:HALF], "ends in the middle: it was not saved or not uploaded"),
    "damaged": (b'{"cells": [}', "is damaged, so it cannot be read as a notebook: Expecting value"),
    "PDF": (b"%PDF-1.7 ...", "is a PDF under another name, not a notebook."),
    "zip": (b"PK\x03\x04...", "is a zip file under another name, not a notebook."),
    "a list": (b"[1, 2]", "is no notebook: it has no cells."),
    "settings": (b'{"a": 1}', "is no notebook: it has no cells."),
    "text only": (notebook(text("# Hi"), "  "), "holds no code: 2 cells, and none of them is a"),
    "another homework": (notebook("def other():\n    pass"), "defines none of the functions asked"),
    "nested": (b'{"cells": ' + b"[" * 90_000, "is too large or too deeply nested to be read."),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_notebook_has_its_own_sentence(tmp_path, name):
    content, sentence = REFUSED[name]

    assert f"'hw1.ipynb' {sentence}" in refusal(tmp_path, content)


def test_python_named_as_a_notebook_is_graded_where_there_is_one_file(tmp_path):
    submission = submit(tmp_path, {"hw1.ipynb": GD.encode()})

    assert submission.files == {"optim.py": GD.encode()}
    assert said(submission) == (
        "'hw1.ipynb' is Python under the name of a notebook, and was graded as optim.py: name it "
        "so."
    )


def test_python_named_as_a_notebook_is_not_taken_for_one_of_two(tmp_path):
    assert (
        "'hw1.ipynb' is Python under the name of a notebook: name it layers.py or mlp.py, "
        "whichever it is"
    ) in refusal(tmp_path, RELU.encode(), layers="relu", mlp="mlp")


def test_a_notebook_named_as_python_is_graded_as_one(tmp_path):
    submission = submit(tmp_path, {"optim.py": notebook(GD)})

    assert said(submission) == "'optim.py' is a notebook, and was graded as one."
    assert "gd_step" in run(submission)


def test_a_hostile_notebook_costs_its_own_process_only(tmp_path):
    deep = "x = " + "(" * 50_000
    source = notebook(GD, deep, "x = " + "-" * 100_000 + "1", "\x00", "\ud800 = 1")

    submission = submit(tmp_path, {"hw1.ipynb": source})

    assert "gd_step" in run(submission)
    assert [notice.split(" of ")[0] for notice in submission.notices] == [
        f"Cell {number}" for number in (2, 3, 4, 5)
    ]


PIECES = st.sampled_from(
    [
        *"\n\t ();:%!?='\"\\#@\ud800\0",
        *("    ", "def gd_step(x):", "return x", "%%time", "!ls", "if x:", "class A:", "lambda:"),
        *("import numpy", "import torch", "'''", "await x", "yield", "x = 1"),
    ]
)
JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=3) | st.lists(PIECES, max_size=12).map("".join),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["cells", "worksheets", "source", "input", "cell_type", "metadata"]),
            inner | st.just("code"),
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(content=JSON, texts=st.lists(st.lists(PIECES, max_size=12).map("".join), max_size=4))
def test_whatever_stands_in_a_notebook_is_read_or_refused(content, texts):
    code = [{"cell_type": "code", "source": text} for text in texts]
    for whole in (content, {"cells": content}, {"cells": code}):
        options = {"kind": "notebook", "files": ["optim.py"], "wanted": ["gd_step"]}
        line = json.dumps(options | {"importable": ["numpy"]}).encode()

        facts = json.loads(worker.answer(line, json.dumps(whole).encode()))

        if "problem" not in facts:
            source = (cells.header(facts["starts"] or [(1, 1)]) + facts["body"]).encode()
            compile(cells.guarded(source), "optim.py", "exec", dont_inherit=True)


# --- a cell that is wrong ------------------------------------------------------------------------


def test_a_cell_that_is_not_python_costs_only_what_is_in_it(tmp_path):
    broken = "lr = 0.1\n\ndef adam_step(theta, grad, lr)\n    return theta"

    submission = submit(tmp_path, {"hw1.ipynb": notebook(text("one"), GD, broken)})

    assert "gd_step" in run(submission)
    assert said(submission).startswith(
        "Cell 3 of 'hw1.ipynb' has a syntax error in line 3, so nothing in this cell was graded "
        "(adam_step): expected ':'.\n    def adam_step(theta, grad, lr)\n"
    )


def test_a_cell_in_python_2_gets_the_hint_that_a_file_gets(tmp_path):
    submission = submit(tmp_path, {"hw1.ipynb": notebook(GD, "print 'x'")})

    assert "in Python 3, print is a function, print(...)." in said(submission)


def test_a_cell_that_fails_when_it_is_run_costs_only_what_is_in_it(tmp_path):
    late = "def adam_step(theta, grad, lr=RATE):\n    return theta"

    found = run(submit(tmp_path, {"hw1.ipynb": notebook(GD, late)}))

    assert "gd_step" in found
    assert repr(found[cells.FAILED]["adam_step"]) == repr(NameError("name 'RATE' is not defined"))


def test_what_the_notebook_computes_and_a_function_uses_is_named(tmp_path):
    source = notebook("params = [gd_step(1, 1, 1)]\nimport torch", GD, ADAM + " + params + torch.x")

    submission = submit(tmp_path, {"hw1.ipynb": source})

    assert submission.notices == (
        "adam_step uses params, which cell 1 of 'hw1.ipynb' computes. Of a notebook imports, "
        "definitions and constants are graded and nothing else runs, so params is not there: give "
        "it as an argument.",
        "Cell 1 of 'hw1.ipynb' imports torch, which is not there while grading, and adam_step "
        "uses it.",
    )
