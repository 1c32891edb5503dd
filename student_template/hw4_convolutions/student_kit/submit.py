"""`python submit.py`: look the files over, run the public checks, and pack what is handed in.

    the student's files -> [submit] -> <hw>-submission.zip (the files, MANIFEST.json)

The same files give the same bytes. The manifest says what was packed and how the public checks
went; it names no person and no machine, and earns no points.

Exit codes: 0 the zip is written, whatever the checks said; 1 a file is missing, cannot be read as
Python, or the zip cannot be written; 2 the command line is wrong.
"""

# ruff: noqa: T201 - a command of the student's, it talks by printing

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import json
import platform
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from student_kit import check, homework
from student_kit.feedback import QuestionResult
from student_kit.homework import Homework, HomeworkError

MANIFEST = "MANIFEST.json"
_DATE = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can hold: the same bytes every time


def main(argv: Sequence[str], folder: str, homework_id: str) -> int:
    """Check the files and write the zip.

    Args:
        argv: what was typed after `submit.py`.
        folder: where the homework is.
        homework_id: its name, such as "hw1_optimizers".

    Returns:
        The exit code.
    """
    options = _parser(homework_id).parse_args(argv)
    try:
        facts = homework.read(Path(folder), homework_id)
        files = homework.read_files(facts)
        found: list[QuestionResult] = []
        if options.run_checks:
            found = check.run(facts, homework.question_names(facts, []))
            check.report(facts, found, all_of_them=False)
            print()
            if homework.read_files(facts) != files:
                raise HomeworkError("A file was changed while the checks ran: type it again.")
        path = write_zip(facts, files, found)
    except HomeworkError as error:
        print(f"Nothing was written.\n\n{error}")
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Nothing was written.")
        return 1
    _say_what_next(facts, found, path)
    return 0


def write_zip(facts: Homework, files: Mapping[str, bytes], found: Sequence[QuestionResult]) -> Path:
    """Write the submission in one step and return its path; HomeworkError if that fails."""
    path = facts.folder / f"{facts.id}-submission.zip"
    partial = path.with_suffix(".partial")
    text = json.dumps(manifest(facts, files, found), indent=2) + "\n"
    try:
        with zipfile.ZipFile(partial, "w") as archive:
            for name, content in [*files.items(), (MANIFEST, text.encode("utf-8"))]:
                entry = zipfile.ZipInfo(name, date_time=_DATE)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.create_system = 3  # Unix, also on Windows
                entry.external_attr = 0o100644 << 16
                archive.writestr(entry, content)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise HomeworkError(
            f"{path.name} cannot be written: {error.strerror or error}.\n"
            "Close the program that has it open, or look whether the disk is full.\n"
            f"  folder: {facts.folder}"
        ) from None
    return path


def manifest(
    facts: Homework, files: Mapping[str, bytes], found: Sequence[QuestionResult]
) -> dict[str, object]:
    """Return what MANIFEST.json says."""
    return {
        "assignment": facts.id,
        "files": {
            name: {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
            for name, content in files.items()
        },
        "public_checks": {
            result.question.id: {
                "result": result.word,
                "passed": result.num_passed,
                "checks": result.num_checks,
            }
            for result in found
        },
        "python": platform.python_version(),
        "numpy": _numpy_version(),
    }


def _say_what_next(facts: Homework, found: Sequence[QuestionResult], path: Path) -> None:
    for name in facts.files:
        others = homework.look_alikes(facts, name)
        if others:
            print(f"Note: {name} was packed, and not {', '.join(others)}.")
    unfinished = [result for result in found if result.word not in ("passed", "skipped")]
    if unfinished:
        names = ", ".join(f"{result.question.id} ({result.word})" for result in unfinished)
        print(f"Note: you can hand in now and again later. Unfinished: {names}.")
    notebook = facts.folder / f"{facts.id}.ipynb"
    if notebook.is_file() and found and all(result.word == "not started" for result in found):
        print(f"Note: if you have worked in {notebook.name}, hand in that notebook, and not this.")
    print(f"Written: {path}")
    print(f"  holds {', '.join(facts.files)} and {MANIFEST}")
    print(f"Next: upload {path.name} where your course collects {facts.id}, as it is,")
    print("and wait there until you see its feedback.")


def _numpy_version() -> str | None:
    try:
        return importlib.metadata.version("numpy")
    except importlib.metadata.PackageNotFoundError:
        return None


def _parser(homework_id: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="submit.py",
        description=f"Run the public checks and write {homework_id}-submission.zip.",
        epilog="example:\n  python submit.py",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--no-check",
        dest="run_checks",
        action="store_false",
        help="pack the files without running the checks; the files must still be valid Python",
    )
    return parser
