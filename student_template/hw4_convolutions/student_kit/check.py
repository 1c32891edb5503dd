"""`python check.py`: run the public checks and say what is wrong.

Exit codes: 0 everything asked for passed, 1 something did not, 2 the command line is wrong.
"""

# ruff: noqa: T201 - a command of the student's, it talks by printing

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Sequence
from pathlib import Path

from student_kit import environment, feedback, homework
from student_kit.feedback import QuestionResult
from student_kit.homework import Homework, HomeworkError
from student_kit.runs import Progress, count_checks, run_questions


def main(argv: Sequence[str], folder: str, homework_id: str) -> int:
    """Check the questions named in `argv`, or all.

    Args:
        argv: what was typed after `check.py`.
        folder: where the homework is.
        homework_id: its name, such as "hw1_optimizers".

    Returns:
        The exit code.
    """
    try:
        facts = homework.read(Path(folder), homework_id)
    except HomeworkError as error:
        print(error)
        return 1
    asked = _parser(facts).parse_args(argv).questions
    try:
        names = homework.question_names(facts, asked)
    except HomeworkError as error:
        print(error)
        return 2
    if problem := environment.missing_libraries(facts.libraries):
        print(problem)
        return 1
    try:
        homework.read_files(facts)
    except HomeworkError as error:
        print(f"Nothing can be checked yet.\n\n{error}")
        return 1
    try:
        found = run(facts, names)
    except KeyboardInterrupt:
        print("\nStopped.")
        return 1
    report(facts, found, all_of_them=bool(asked))
    return 0 if all(result.word in ("passed", "skipped") for result in found) else 1


def run(facts: Homework, names: Sequence[str]) -> list[QuestionResult]:
    """Run the public checks of these questions with a progress display."""
    records = run_questions(facts, names, Progress(len(names)))
    counts = {name: count_checks(facts, name) for name in names}
    return feedback.results(facts, names, records, counts)


def report(facts: Homework, found: Sequence[QuestionResult], *, all_of_them: bool) -> None:
    """Print the table, the failures, what to do next, and what did not run here."""
    print(f"{facts.title} ({facts.id})\n")
    print(feedback.table(found))
    failed = feedback.failures(found, all_of_them=all_of_them)
    if failed:
        print(f"\n{failed}")
    words = {result.word: result.question.id for result in reversed(found)}
    next_one = next((words[w] for w in ("failed", "timed out", "not started") if w in words), None)
    print()
    if next_one and len(found) > 1:
        print(f"To check one question alone:  python check.py {next_one}")
    print(feedback.closing(found))


def _parser(facts: Homework) -> argparse.ArgumentParser:
    names = [question.id for question in facts.questions]
    examples = [
        "examples:",
        "  python check.py                    all questions",
        f"  python check.py {names[-1]:<18} one question, with every failure",
        f"  python check.py {' '.join(names[:2])}",
        "",
        *textwrap.wrap(f"questions: {', '.join(names)}", feedback.WIDTH, subsequent_indent="  "),
    ]
    parser = argparse.ArgumentParser(
        prog="check.py",
        description=f"Run the public checks of {facts.id} on your code.",
        epilog="\n".join(examples),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "questions", nargs="*", metavar="QUESTION", help="what to check; without it, everything"
    )
    return parser
