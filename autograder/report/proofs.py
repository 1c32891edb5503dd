"""Print what `verify` found, and how far it is: a table of claims, then what is missing."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from autograder.trials import Advance
from autograder.verify import Proof, Verification

MOST_SENTENCES = 40  # for each proof; the rest is counted
ERRORS = "largest error of "


@contextmanager
def verify_progress(console: Console, assignment_id: str) -> Iterator[Advance]:
    """Show a bar with the time left on a terminal, and a line now and then where there is none."""
    bar = Progress(
        f"verify {assignment_id}",
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        "{task.description}",
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    task = bar.add_task("", total=None)
    told = time.monotonic()

    def advance(done: int, total: int, sample: str) -> None:
        nonlocal told
        bar.update(task, completed=done, total=total, description=sample[:40])
        if bar.disable and time.monotonic() - told > 20:
            told = time.monotonic()
            sys.stderr.write(f"verify {assignment_id}: {done} of {total}\n")

    with bar:
        yield advance


def print_verification(verification: Verification, console: Console) -> None:
    """Print the table of one assignment, and a sentence for everything that is missing."""
    table = Table(box=None, pad_edge=False, header_style="bold", title_justify="left")
    table.add_column("")
    table.add_column("proof", no_wrap=True)
    table.add_column("claim", overflow="fold", ratio=3)
    table.add_column("evidence", overflow="fold", ratio=2)
    for proof in verification.proofs:
        sign, style = ("holds", "green") if proof.held else ("FAILS", "red")
        table.add_row(Text(sign, style=style), proof.name, proof.claim, Text(evidence_text(proof)))
    console.print(Text(verification.assignment.id, style="bold"))
    console.print(table, markup=False, highlight=False)
    for proof in verification.proofs:
        if proof.missing:
            console.print(Text(f"\n{proof.name}: {len(proof.missing)} missing", style="bold"))
        for sentence in proof.missing[:MOST_SENTENCES]:
            console.print(Text(f"* {sentence}"))
        if len(proof.missing) > MOST_SENTENCES:
            console.print(Text(f"* and {len(proof.missing) - MOST_SENTENCES} more"))


def evidence_text(proof: Proof) -> str:
    """Return the numbers of a proof in a line; of errors only the largest."""
    errors = {name: fact for name, fact in proof.evidence.items() if name.startswith(ERRORS)}
    parts = [f"{fact} {name}" for name, fact in proof.evidence.items() if name not in errors]
    if errors:
        name = max(errors, key=lambda name: float(str(errors[name]).removeprefix("below ")))
        parts.append(f"largest error {errors[name]} ({name.removeprefix(ERRORS)})")
    return ", ".join(parts)
