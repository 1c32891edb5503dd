"""Where our own samples live while a suite runs: in the grader's process, which is fast.

Mistakes and mutants of the reference are code that we wrote; hundreds of them are graded to prove
a suite. They need no sandbox. They do need what a verdict can depend on: values cross by the same
encoding, each test meets freshly loaded modules, and an endless loop ends.

Never for what somebody handed in.
"""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable, Mapping
from types import FrameType

import numpy as np

from autograder.assignment import Limits
from autograder.errors import GraderError
from student_kit.dispatch import Dispatcher, compile_sources
from student_kit.proxy import StudentFault
from student_kit.wire import Payload


class InProcessWorld:
    """The `World` and `Transport` of our own samples."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.sources: Mapping[str, bytes] = {}
        self._compiled: dict[str, bytes] = {}
        self._seed = 0
        self._dispatcher: Dispatcher | None = None
        self._late = False

    def open(self, sources: Mapping[str, bytes], seed: int) -> None:
        """Begin one sample; what it prints is dropped. In a process forked for it."""
        self.sources, self._seed = sources, seed
        self._compiled = compile_sources(sources)
        signal.signal(signal.SIGALRM, self._stop)
        null = os.open(os.devnull, os.O_WRONLY)
        for stream in (1, 2):
            os.dup2(null, stream)
        os.close(null)

    @property
    def uncompiled(self) -> list[str]:
        """The modules of the sample that do not compile."""
        return [name for name in self.sources if name not in self._compiled]

    def close(self) -> None:
        """End one sample."""

    def begin(self, question: str) -> None:
        """Make ready to load the modules anew."""
        random.seed(self._seed)
        np.random.seed(self._seed % 2**32)  # noqa: NPY002 - as in a worker
        self._dispatcher = Dispatcher(self.sources, self._compiled)

    def end(self) -> str:
        """Forget the modules."""
        if self._dispatcher is not None:
            self._dispatcher.close()
        return ""

    def exchange(self, request: Payload, answer: Callable[[Payload], Payload]) -> Payload:
        """Run the request, and stop it at the deadline of a call."""
        if self._dispatcher is None:
            raise GraderError("a test called a sample outside of begin and end")
        self._late = False
        signal.setitimer(signal.ITIMER_REAL, self.limits.call_seconds)
        try:
            reply = self._dispatcher.exchange(request, answer)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        if self._late:
            raise StudentFault("timeout", f"not done within {self.limits.call_seconds:g} s")
        return reply

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._late = True
        raise KeyboardInterrupt  # which samples do not catch; the dispatcher does
