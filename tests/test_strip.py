"""The stripper: what becomes of a reference solution, and what it refuses."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from autograder.errors import AuthorError
from autograder.strip import read_source, regions, strip

pytestmark = pytest.mark.portable

OPTIM = Path("optim.py")
REPOSITORY = Path(__file__).parents[1]

REFERENCE = '''\
"""Two steps."""

import numpy as np

# BEGIN SOLUTION
import itertools


def _secret():
    return itertools.count()


# END SOLUTION


@np.vectorize
def step(theta, *, lr=0.1):
    """Make a step."""
    # BEGIN SOLUTION
    if lr > 0:

        def inner():
            return theta

        return inner() - lr
    return theta
    # END SOLUTION


class Tensor:
    """A value with a gradient."""

    data = 0

    def backward(self):
        """Fill the gradients."""
        # BEGIN SOLUTION
        self.data = 1
        # END SOLUTION

    # GIVEN
    def __repr__(self):
        return f"Tensor({self.data})"
'''

STUB = '''\
"""Two steps."""

import numpy as np


@np.vectorize
def step(theta, *, lr=0.1):
    """Make a step."""
    raise NotImplementedError("step: your code here")


class Tensor:
    """A value with a gradient."""

    data = 0

    def backward(self):
        """Fill the gradients."""
        raise NotImplementedError("Tensor.backward: your code here")

    # GIVEN
    def __repr__(self):
        return f"Tensor({self.data})"
'''


def function(body: str) -> str:
    """Return a module with one function; `body` follows its docstring."""
    indented = "".join(f"    {line}\n" if line else "\n" for line in body.split("\n"))
    return f'def f(x):\n    """Return x."""\n{indented}'


GOOD = function("# BEGIN SOLUTION\nreturn x\n# END SOLUTION")


def refused(source: str) -> str:
    """Return the message with which a source is refused."""
    with pytest.raises(AuthorError, match=re.escape("optim.py:")) as caught:
        strip(source, OPTIM)
    text = str(caught.value)
    assert all(word in text for word in ("expected", "found", "fix"))
    return text


def test_answers_become_one_raise_and_everything_else_stays():
    assert strip(REFERENCE, OPTIM) == STUB
    assert strip(REFERENCE, OPTIM) == strip(REFERENCE, OPTIM)


def test_every_region_is_told_with_its_function():
    found = [region.function for region in regions(REFERENCE, OPTIM)]
    assert found == ["", "step", "Tensor.backward"]


def test_a_stub_raises_with_the_name_of_its_function():
    scope: dict[str, object] = {}
    exec(strip(GOOD, OPTIM), scope)
    f = scope["f"]
    assert callable(f)
    with pytest.raises(NotImplementedError, match=r"^f: your code here$"):
        f(1)


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(tmp_path: Path):
    path = tmp_path / "optim.py"
    path.write_bytes(b"\xef\xbb\xbf" + REFERENCE.replace("\n", "\r\n").encode())
    assert strip(read_source(path), path) == STUB


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path):
    path = tmp_path / "optim.py"
    path.write_bytes(b"# \xe9\n")
    with pytest.raises(AuthorError, match="not UTF-8"):
        read_source(path)


@pytest.mark.parametrize(
    "marker",
    [
        "# begin solution",
        "# Begin Solution",
        "#BEGIN SOLUTION",
        "#  BEGIN SOLUTION",
        "# BEGIN  SOLUTION",
        "# BEGIN\tSOLUTION",
        "# BEGIN\u00a0SOLUTION",
        "#\u2009BEGIN SOLUTION",
        "# BEGIN\u200bSOLUTION",
        "# BEGIN SOLUTION ",
        "# BEGIN SOLUTION of f",
        "# BEGIN SOLUTIONS",
        "# BEGIN SOLUTON",
        "# BEGIN_SOLUTION",
        "# BEGIN-SOLUTION",
        "## BEGIN SOLUTION",
        "### BEGIN SOLUTION ###",
        "# \u0412EGIN SOLUTION",
        "# START SOLUTION",
        "# BEGIN ANSWER",
        "# SOLUTION",
        "# Solution:",
        "# BEGIN THE SOLUTION",
    ],
)
def test_what_looks_like_the_first_marker_is_refused_with_its_line(marker: str):
    source = GOOD.replace("# BEGIN SOLUTION", marker)
    text = refused(source)
    assert text.startswith("optim.py:3: comment looks like a solution marker and is none")
    assert ascii(marker.strip()) in text
    assert "write '# BEGIN SOLUTION'" in text or "reword" in text


@pytest.mark.parametrize(
    "marker",
    ["# end solution", "#END SOLUTION", "# END SOLUTIONS", "# END  SOLUTION", "# END OF SOLUTION"],
)
def test_what_looks_like_the_last_marker_is_refused_with_its_line(marker: str):
    text = refused(GOOD.replace("# END SOLUTION", marker))
    assert text.startswith("optim.py:5: comment looks like a solution marker and is none")
    assert "write '# END SOLUTION'" in text


@pytest.mark.parametrize(
    "comment", ["# the update of theta", "# begin at the last layer", "# GIVEN"]
)
def test_an_ordinary_comment_is_no_marker(comment: str):
    assert strip(GOOD.replace("return x", f"{comment}\n    return x"), OPTIM) == strip(GOOD, OPTIM)


@pytest.mark.parametrize(
    ("body", "line", "problem"),
    [
        ("# BEGIN SOLUTION\nreturn x", 3, "region is never ended"),
        ("return x\n# END SOLUTION", 4, "end of no region"),
        (
            "# BEGIN SOLUTION\n# BEGIN SOLUTION\nreturn x\n# END SOLUTION\n# END SOLUTION",
            4,
            "solution region inside a solution region",
        ),
        ("# BEGIN SOLUTION\n# END SOLUTION", 3, "region is empty"),
        ("# BEGIN SOLUTION\nreturn x  # END SOLUTION", 4, "shares its line with code"),
        ("y = 2\n# BEGIN SOLUTION\nreturn x\n# END SOLUTION", 3, "code outside of its solution"),
        ("# BEGIN SOLUTION\ny = 2\n# END SOLUTION\nreturn x", 6, "code outside of its solution"),
        (
            "# BEGIN SOLUTION\ny = 2\n# END SOLUTION\n# BEGIN SOLUTION\nreturn x\n# END SOLUTION",
            7,
            "or a second region",
        ),
        ("if x:\n    # BEGIN SOLUTION\n    return x\n    # END SOLUTION", 4, "not aligned"),
        ("# BEGIN SOLUTION\nif x:\n    x = 2\n    # END SOLUTION\n    x = 3", 3, "not aligned"),
        ("y = [\n    # BEGIN SOLUTION\n    x,\n    # END SOLUTION\n]", 4, "not aligned"),
        ("  # BEGIN SOLUTION\nreturn x\n# END SOLUTION", 3, "not indented as its region"),
        ("# BEGIN SOLUTION\nreturn x\n  # END SOLUTION", 5, "not indented as its region"),
        ('y = """\n# BEGIN SOLUTION\n"""\nreturn x', 3, "marker inside a string"),
        ("y = f'{x} # END SOLUTION'", 3, "marker inside a string"),
        ("return x", 1, "no solution region: its code would be published"),
        ("return (", 3, "not valid Python"),
    ],
)
def test_a_region_that_is_not_the_whole_answer_is_refused(body: str, line: int, problem: str):
    text = refused(function(body))
    assert problem in text.split("\n")[0]
    assert text.startswith(f"optim.py:{line}:")


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ('def f(x):\n    """Return x."""\n', "f has no solution region"),
        ("def f(x): return x\n", "f has no solution region"),
        ("if True:\n    def f(x):\n        return x\n", "f has no solution region"),
        (
            "class A:\n    def f(self):\n        return 1\n",
            r"A.f has no solution region",
        ),
        (
            "def f(x):\n    # BEGIN SOLUTION\n    return x\n    # END SOLUTION\n",
            "no docstring above its region",
        ),
        (
            'def f(x):\n    # BEGIN SOLUTION\n    """Doc."""\n    return x\n    # END SOLUTION\n',
            "no docstring above its region",
        ),
        (f"answer = lambda x: x\n{GOOD}", "lambda outside of a solution region"),
        ("#  GIVEN\ndef f(x):\n    return x\n", "f has no solution region"),
        ("# GIVEN\n\ndef f(x):\n    return x\n", "f has no solution region"),
        ("class A:\n    # BEGIN SOLUTION\n    b = 1\n    # END SOLUTION\n", "not be valid Python"),
    ],
)
def test_code_that_would_be_published_by_oversight_is_refused(source: str, problem: str):
    assert problem in refused(source)


def test_the_reference_of_every_assignment_can_be_stripped():
    for path in sorted(REPOSITORY.glob("solutions/*/*.py")):
        if path.name != "notebook.py":
            stub = strip(read_source(path), path)
            assert ast.parse(stub)
            assert "SOLUTION" not in stub
