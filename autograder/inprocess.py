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
from functools import lru_cache
from types import CodeType, FrameType

import numpy as np

from autograder.assignment import Limits
from autograder.errors import GraderError
from student_kit.dispatch import Dispatcher, compile_sources
from student_kit.proxy import StudentFault
from student_kit.wire import Payload

ONCE_LATE = 0.25  # seconds for a call of a sample that has not come to an end before


class InProcessWorld:
    """The `World` and `Transport` of our own samples."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.sources: Mapping[str, bytes] = {}
        self._compiled: dict[str, CodeType] = {}
        self._seed = 0
        self._dispatcher: Dispatcher | None = None
        self._late = False
        self._patience = limits.call_seconds

    def compile(self, sources: Mapping[str, bytes]) -> None:
        """Compile a sample before the fork: most of its files are those of other samples too."""
        found = {name: _code(name, source) for name, source in sources.items()}
        self._compiled = {name: code for name, code in found.items() if code is not None}

    def open(self, sources: Mapping[str, bytes], seed: int) -> None:
        """Begin one sample; what it prints is dropped. In a process forked for a few of them."""
        self.sources, self._seed = sources, seed
        self.compile(sources)
        self._patience = self.limits.call_seconds
        signal.signal(signal.SIGALRM, self._stop)
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)  # NumPy warns of what mutants compute
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
        signal.setitimer(signal.ITIMER_REAL, self._patience)
        try:
            reply = self._dispatcher.exchange(request, answer)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        if self._late:
            waited, self._patience = self._patience, min(self._patience, ONCE_LATE)
            raise StudentFault("timeout", f"not done within {waited:g} s")
        return reply

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._late = True
        raise KeyboardInterrupt  # which samples do not catch; the dispatcher does


@lru_cache(maxsize=64)
def _code(name: str, source: bytes) -> CodeType | None:
    return compile_sources({name: source}).get(name)
