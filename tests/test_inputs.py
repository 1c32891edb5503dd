"""Inputs of hidden tests are news: none of them was in a public test, so none can be looked up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder import assignment as assignments
from autograder import grading, samples, session
from autograder.assignment import Assignment
from student_kit.plugin import LocalTransport, Recorder
from student_kit.proxy import StudentModule
from student_kit.records import Status, TestRecord
from student_kit.wire import Payload, decode

ROOT = Path(__file__).resolve().parents[1]
IDS = assignments.assignment_ids(ROOT)
FEW = 2  # entries: two numbers may meet by chance, and hold no table of answers


class Eavesdropper(LocalTransport):
    """Keeps every array that crosses to the student's side: arguments, and answers to callbacks."""

    def __init__(self, sources: Mapping[str, bytes]) -> None:
        super().__init__(sources)
        self.heard: dict[tuple[str, tuple[int, ...], bytes], str] = {}  # array -> first question
        self._question = ""

    def begin(self, question: str) -> None:
        """Remember whose test this is."""
        self._question = question

    def exchange(self, request: Payload, answer: Callable[[Payload], Payload]) -> Payload:
        """Run the request, and listen."""

        def overheard(ask: Payload) -> Payload:
            reply = answer(ask)
            self._hear(reply)
            return reply

        self._hear(request)
        return super().exchange(request, overheard)

    def _hear(self, payload: Payload) -> None:
        for array in arrays(decode(payload, special=lambda node: None)):
            # a start at zero is what exercises begin with; no answer follows from it
            if array.size > FEW and array.any():
                key = (array.dtype.str, array.shape, array.tobytes())
                self.heard.setdefault(key, self._question)


def arrays(value: Any) -> Iterator[np.ndarray]:
    """Yield every array in a value, lists of numbers among them."""
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, dict):
        yield from (array for item in value.values() for array in arrays(item))
    elif isinstance(value, (list, tuple)):
        if value and all(isinstance(item, float) for item in value):
            yield np.array(value)
        yield from (array for item in value for array in arrays(item))


def heard_in(assignment: Assignment, tests: Sequence[Path]) -> dict[Any, str]:
    """Run these tests on the reference; return what was sent to it."""
    files = samples.reference_files(assignment)
    given = {name: path.read_bytes() for name, path in assignment.given.items()}
    transport = Eavesdropper({Path(name).stem: data for name, data in files.items()} | given)
    modules = {name: StudentModule(name, transport) for name in transport.sources}
    records: list[TestRecord] = []
    # the same seed for both kinds, as in grading: a hidden test with a public one's file and name
    # would draw what the public one shows
    recorder = Recorder(transport, modules, on_record=records.append, seed=b"one seed")
    options = [text for text in grading.pytest_arguments(assignment) if not text.endswith(".py")]
    with grading.installed_reference(assignment), session.forgotten_modules():
        pytest.main([*options, *map(str, tests)], plugins=[recorder])
    transport._dispatcher.close()
    assert {record.status for record in records} == {Status.PASSED}
    return transport.heard


def returned(assignment: Assignment) -> list[str]:
    """Return which inputs of public tests come back in hidden ones."""
    public = heard_in(assignment, assignment.public_tests())
    hidden = heard_in(assignment, assignment.hidden_tests())
    assert public
    assert hidden
    return [
        f"hidden test of {hidden[key]}: shape {key[1]} as in a public test of {public[key]}"
        for key in public.keys() & hidden.keys()
    ]


@pytest.mark.parametrize("assignment_id", IDS)
def test_no_array_of_a_public_test_comes_back_in_a_hidden_one(assignment_id: str) -> None:
    assert returned(assignments.find(ROOT, assignment_id)) == []


def test_an_array_that_comes_back_is_found(make_assignment: Callable[..., Assignment]) -> None:
    test = '''
import numpy as np
import toy
from reference import toy as reference
from student_kit.checks import assert_close


def test_add_again():
    """add adds what it added before."""
    assert_close(toy.add(np.arange(3.0), 1.0), reference.add(np.arange(3.0), 1.0))
'''
    toy = make_assignment({"solutions/hw0_toy/hidden_tests/test_add.py": test})
    assert returned(toy) == ["hidden test of add: shape (3,) as in a public test of add"]
