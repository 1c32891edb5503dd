"""A progress bar for grading: how many of how many, how fast, how long still."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from autograder import batch

Start = Callable[[int], None]
Advance = Callable[[batch.Progress], None]


class _Rate(ProgressColumn):
    """Submissions per second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:.1f}/s" if task.speed else "", style="progress.data.speed")


@contextmanager
def grading_progress(console: Console) -> Iterator[tuple[Start, Advance]]:
    """Show a bar on a terminal, and a line now and then where there is none.

    Yields:
        start, to be called with the number of submissions, and advance, with each `Progress`.
    """
    bar = Progress(
        "grading",
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        "{task.description}",
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    task = bar.add_task("", total=None)

    def start(total: int) -> None:
        bar.update(task, total=total)

    def advance(progress: batch.Progress) -> None:
        bar.update(task, completed=progress.done, description=progress.result.submission[:30])
        if bar.disable and (progress.done % 10 == 0 or progress.done == progress.total):
            sys.stderr.write(f"graded {progress.done} of {progress.total}\n")

    with bar:
        yield start, advance
