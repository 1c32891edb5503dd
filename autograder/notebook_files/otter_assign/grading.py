"""The hidden checks of ASSIGNMENT_ID on what a notebook has defined, for Otter's test files.

    question, test, the notebook's globals -> [pytest, here in the kernel] -> AssertionError or not

Lies with the hidden tests, the reference and a seed in the folder ASSIGNMENT_ID_grading, which
Otter puts into autograder.zip and nowhere else. It must never be given to students.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from student_kit import homework
from student_kit.notebook import LiveWorld, namespaces
from student_kit.plugin import Recorder, given_modules
from student_kit.proxy import StudentModule
from student_kit.records import Status, TestRecord

HERE = Path(__file__).resolve().parent
HOMEWORK = "ASSIGNMENT_ID"
OPTIONS = ["-c", os.devnull, f"--rootdir={HERE}", "--noconftest", "--import-mode=importlib"]
OPTIONS += ["--capture=sys", "--assert=plain", "-p", "no:cacheprovider", "-p", "no:terminal"]
OPTIONS += ["-p", "no:faulthandler", "-p", "no:unraisableexception"]  # this collects garbage
_found: dict[str, dict[str, TestRecord]] = {}  # question -> its tests that nobody asked for yet


def assert_passed(question: str, test: str, namespace: dict[str, Any]) -> None:
    """Pass if a hidden check holds; AssertionError says what does not.

    The first test that is asked for runs all of its question; whoever asks a second time has the
    question run anew.
    """
    if test not in _found.get(question, {}):
        _found[question] = {record.test: record for record in _run(question, namespace)}
        if test not in _found[question]:
            raise RuntimeError(f"the hidden checks of {question} cannot be run here: {test}")
    record = _found[question].pop(test)
    if record.status is Status.BROKEN:
        raise RuntimeError(f"this check itself is broken: {record.summary}\n{record.log}")
    if record.status is not Status.PASSED:  # the log holds what was called: not for students
        raise AssertionError(f"{record.title} {record.summary}")


def _run(question: str, namespace: dict[str, Any]) -> list[TestRecord]:
    """Run the hidden tests of a question and return their records."""
    facts = homework.read(HERE.parent / HOMEWORK, HOMEWORK)
    own = namespaces(facts, namespace)
    given = given_modules(facts.folder)
    world = LiveWorld(facts, namespace)
    records: list[TestRecord] = []
    recorder = _Recorder(
        world,
        {name: StudentModule(name, world) for name in (*own, *given)},
        on_record=records.append,
        seed=(HERE / "seed").read_bytes(),
        is_hidden=lambda path: True,
    )
    recorder.own = own
    before = set(sys.modules)
    path = HERE / "hidden_tests" / f"test_{question}.py"
    try:
        with _reference([*given, *own]):
            pytest.main([*OPTIONS, str(path)], plugins=[recorder])
    finally:
        for name in set(sys.modules) - before:
            if name.rpartition(".")[2].startswith("test_"):
                del sys.modules[name]  # it holds proxies of this run
    return records


class _Recorder(Recorder):
    """Puts back, when tests are collected, what the notebook's own code is to find."""

    own: dict[str, ModuleType]

    def pytest_collection_finish(self) -> None:
        """Take the proxies away."""
        super().pytest_collection_finish()
        sys.modules.update(self.own)


@contextlib.contextmanager
def _reference(names: list[str]) -> Iterator[None]:
    """Make `from reference import optim` work in hidden tests, inside the block.

    Its files are loaded under their own names, so that they find each other, and then moved aside:
    these names are those of the notebook.
    """
    package = ModuleType("reference")
    before = {name: sys.modules.pop(name) for name in names if name in sys.modules}
    sys.path.insert(0, str(HERE / "reference"))
    try:
        for name in names:
            setattr(package, name, importlib.import_module(name))
    finally:
        sys.path.remove(str(HERE / "reference"))
        for name in names:
            sys.modules.pop(name, None)
        sys.modules.update(before)
    sys.modules["reference"] = package
    try:
        yield
    finally:
        del sys.modules["reference"]
