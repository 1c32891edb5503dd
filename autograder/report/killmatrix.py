"""Write one self-contained page that says which hidden test catches which wrong code.

    Verification -> [killmatrix] -> kill_matrix.html

The page reads without JavaScript and needs nothing from outside. It shows hidden tests' names and
pieces of the reference: it is for the author, and lies under build/, which is not committed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2

from autograder.verify import Verification, WrongCode

TEMPLATES = Path(__file__).parent / "templates"


def write_kill_matrix(path: Path, verification: Verification) -> None:
    """Write the page of one assignment; its folder is made if it is not there."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["percent"] = lambda share: f"{share:.0%}"
    page = environment.get_template("kill_matrix.html.j2").render(
        title=verification.assignment.title,
        assignment_id=verification.assignment.id,
        proofs=verification.proofs,
        questions=[_question(verification, name) for name in verification.tests],
        style=(TEMPLATES / "kill_matrix.css").read_text(encoding="utf-8"),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(page, encoding="utf-8")
    part.replace(path)


def _question(verification: Verification, question: str) -> dict[str, Any]:
    """Return what the page shows of one question; wrong code that keeps most comes first."""
    wrong = [code for code in verification.wrong if code.question == question]
    tests = verification.tests[question]
    idle = verification.idle_tests(question)
    return {
        "id": question,
        "tests": [
            {
                "name": test,
                "kills": sum(test in code.killers for code in wrong),
                "alone": sum(code.killers == {test} for code in wrong),
                "idle": test in idle,
            }
            for test in tests
        ],
        "rows": [
            {
                "kind": code.kind,
                "id": code.id.removeprefix(f"{question}: "),
                "kept": code.kept,
                "excused": code.excused,
                "marks": [test in code.killers for test in tests],
                "verdict": _verdict(code),
            }
            for code in sorted(wrong, key=lambda c: (bool(c.excused), -c.kept, c.kind, c.id))
        ],
        "mistakes": sum(code.kind == "mistake" for code in wrong),
        "mutants": sum(code.kind == "mutant" for code in wrong),
        "most_kept": max((code.kept for code in wrong if not code.excused), default=0.0),
    }


def _verdict(code: WrongCode) -> str:
    if code.killers:
        return f"killed by {len(code.killers)}"
    return "equivalent" if code.excused else "ALIVE"
