"""docs/feedback.md shows what the programs say. `python tests/test_feedback_page.py` writes it."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from autograder import assignment as assignments  # noqa: E402
from autograder import mistakes, scoring, suite, template  # noqa: E402
from autograder.assignment import Assignment  # noqa: E402
from autograder.intake import Submission  # noqa: E402
from autograder.report.feedback import question_feedback  # noqa: E402
from student_kit import feedback, homework  # noqa: E402
from student_kit.feedback import QuestionResult  # noqa: E402
from student_kit.records import TestRecord  # noqa: E402

PAGE = ROOT / "docs" / "feedback.md"
INTRO = """\
# What a student sees when something is wrong

Ten typical failures of homework 1, each as `python check.py` shows its first failed check at home,
and as the grader shows the first failed hidden check. The line *likely* is the diagnosis:

* **A known mistake.** The calls of the failed question are made again with each mistake of the
  catalogue (`solutions/<hw>/mistakes.toml`). The one that replies exactly as the student's code
  did, in all checks of the question, is named with its hint. If two or three do, all of them
  are named; if more do, none is. Two mistakes in one function are recognised together.
* **A relation.** Where no mistake fits, the wrong array may still be the right one times two,
  transposed, in reverse order, or short of a row. This is said only if it holds for every entry.
* **Nothing.** Where neither is sure, nothing is said.

At home the catalogue is not there. The template carries `tests/hints.json`, whose entries are
sealed: the key of each is made from the result that its mistake gives. Pairs are only recognised
in grading. A diagnosis never changes points, and says nothing of hidden inputs.

This page is written by `tests/test_feedback_page.py`, and compared with what the programs say.
"""


@dataclass(frozen=True, slots=True)
class Case:
    """One failure: mistakes of the catalogue, or a change that it does not have."""

    title: str
    question: str
    mistakes: tuple[str, ...] = ()
    change: tuple[str, str] = ("", "")


CASES = (
    Case("The sum instead of the mean", "mse_grad", ("mse-sum-instead-of-mean",)),
    Case("An argument is overwritten", "gd_step", ("gd-writes-into-theta",)),
    Case("The same array in every row", "gradient_descent", ("all-rows-are-the-last-point",)),
    Case("A sample without its batch axis", "sgd_epoch", ("sgd-drops-the-batch-axis",)),
    Case("Two mistakes that look alike", "minibatch_indices", ("drops-the-short-batch",)),
    Case("The mistake is in another question", "minibatch_sgd"),
    Case("PyTorch's momentum", "momentum_step", ("momentum-without-one-minus-beta",)),
    Case(
        "Two mistakes in one function",
        "adagrad_step",
        ("adagrad-one-sum-for-all", "adagrad-without-root"),
    ),
    Case("No bias correction", "adam_step", ("adam-without-bias-correction",)),
    Case(
        "Not in the catalogue: a row is missing",
        "run_optimizer",
        change=(
            "return np.stack(trajectory)  # (num_steps + 1, D)\n    # END SOLUTION\n\n\ndef steps",
            "return np.stack(trajectory[: num_steps or None])\n    # END SOLUTION\n\n\ndef steps",
        ),
    ),
)


def page() -> str:
    """Return the whole page."""
    assignment = assignments.find(ROOT, "hw1_optimizers")
    content = submission(assignment)
    local = at_home(assignment, content)
    grade = graded(assignment, content)
    parts = [INTRO]
    for number, case in enumerate(CASES, start=1):
        question = next(q for q in grade.questions if q.id == case.question)
        parts.append(
            f"## {number}. {case.title} (`{case.question}`)\n\n"
            f"At home:\n\n```\n{local[case.question]}\n```\n\n"
            f"In grading:\n\n```\n{first_hidden(question)}\n```\n"
        )
    return "\n".join(parts)


def submission(assignment: Assignment) -> bytes:
    """Return a submission that has all the faults."""
    catalogue = mistakes.load(assignment)
    made = [catalogue.mistake(name) for case in CASES for name in case.mistakes]
    (content,) = mistakes.apply(assignment, *made).values()
    source = content.decode()
    for find, replace in (case.change for case in CASES if case.change[0]):
        assert source.count(find) == 1, find
        source = source.replace(find, replace)
    return source.encode()


def at_home(assignment: Assignment, content: bytes) -> dict[str, str]:
    """Return the first failure of each question, as `check.py` prints it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        template.generate(assignment, folder)
        (folder / assignment.files[0]).write_bytes(content)
        facts = homework.read(folder, assignment.id)
        # in one process for all questions: each of its own would take longer and say the same
        program = (
            "import json, os, sys; sys.path.insert(0, '.')\n"
            "from pathlib import Path; from student_kit.plugin import run_local\n"
            "records = [r for q in sys.argv[1:] for r in run_local(Path.cwd(), [q])]\n"
            "Path('records').write_text(json.dumps([record.to_json() for record in records]))\n"
        )
        questions = [case.question for case in CASES]
        subprocess.run(
            [sys.executable, "-c", program, *questions], cwd=folder, capture_output=True, check=True
        )
        fields = json.loads((folder / "records").read_text())
    records = [TestRecord.from_json(record) for record in fields]
    found = {}
    for question in facts.questions:
        own = tuple(record for record in records if record.question == question.id)
        if own:
            result = QuestionResult(question=question, records=own, num_checks=len(own))
            text = feedback.failures([result], all_of_them=False)
            head, _, rest = text.partition("\n* ")
            found[question.id] = f"{head}\n* {rest.partition(chr(10) + '* ')[0]}"
    return found


def graded(assignment: Assignment, content: bytes) -> scoring.Grade:
    """Return the grade."""
    results: list[suite.RunResult] = []
    handed_in = Submission(name="ada", files={assignment.files[0]: content})
    run = suite.Run(submission=handed_in, seed=b"feedback page")
    suite.run(assignment, [run], jobs=1, on_result=results.append, isolated=False)
    return scoring.score(assignment, "ada", results[0].records)


def first_hidden(question: scoring.QuestionGrade) -> str:
    """Return the first block about a hidden check that failed."""
    hidden = [test for test in question.tests if test.hidden]
    only = scoring.QuestionGrade(
        **{
            **{name: getattr(question, name) for name in question.__slots__},
            "tests": tuple(hidden),
        }
    )
    blocks = question_feedback(only).split("\n\n")
    return next(block for block in blocks if "FAILED" in block)


def test_the_page_shows_what_the_programs_say() -> None:
    """Run this file to write the page anew."""
    assert PAGE.read_text(encoding="utf-8") == page()


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
