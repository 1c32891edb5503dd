"""The trusted decoder and the proxies meet every hostile payload with one kind of error.

A `WireError`, or a `StudentFault` one floor up, costs the submission its test. Any other exception
counts as the grader's own failure, and the submission would go ungraded.
"""

from __future__ import annotations

import builtins
import contextlib
import json
import signal
import time
import tracemalloc

import numpy as np
import pytest

from autograder.sandbox.frames import HEADER, MAGIC, parse_header
from autograder.sandbox.world import WorkerWorld, _Place
from student_kit import proxy, wire
from student_kit.calls import recorded_calls
from student_kit.plugin import _classify
from student_kit.proxy import StudentFault, StudentModule
from student_kit.records import Status
from student_kit.wire import Payload, WireError, decode, encode

SOURCES = {"toy": b"def add(a, b):\n    return a + b\n"}
PRIME = 2**61 - 1  # hash(n * PRIME) is 0 for each n
TAGS = (
    *("int", "float", "complex", "str", "bytes", "list", "tuple", "dict", "pairs", "array"),
    *("scalar", "tensor", "special", "no_such"),
)
ODD_FIELDS = (None, True, -1, 1 << 62, 1.5, "", "x" * 9, [], [[]], {}, {"t": "str", "v": "x"})


class Canned:
    """A transport that answers every request by the same bytes."""

    sources = SOURCES

    def __init__(self, payload):
        self.payload = payload

    def exchange(self, request, answer):
        """Return the same bytes whatever is asked."""
        return self.payload


def call(tree: bytes, body: bytes = b""):
    """Call toy.add(1) and have the worker reply with this."""
    return StudentModule("toy", Canned(Payload(tree, body))).add(1)


def trees():
    """Yield a tree for every tag with every odd value in every field."""
    for tag in TAGS:
        for field in ("v", "d", "s", "n"):
            for odd in ODD_FIELDS:
                yield {"t": tag, field: odd}
                yield {"t": tag, "d": "float64", "s": [0], "n": 0, field: odd}
                yield {"t": tag, "d": "float64", "s": [odd, 0]}


# A hole when this was written: a dtype that is a list was a TypeError.
def test_odd_fields_are_wire_errors_and_nothing_else():
    for tree in trees():
        try:
            decode(Payload(json.dumps(tree).encode(), b""))
        except WireError:
            continue
        except Exception as error:  # noqa: BLE001 - whatever it is
            pytest.fail(f"{tree}: {error!r}")


def test_odd_replies_are_the_submissions_fault_and_nothing_else():
    replies = [
        encode({key: "RAW"}).tree.replace(b'"RAW"', json.dumps(tree).encode())
        for key in ("value", "names", "changed", "warnings", "rngs", "error")
        for tree in trees()
    ]
    values = (None, 1, [], {}, {None: None}, {"error": 1}, {"error": {}}, {"rngs": [1]})
    replies += [encode(value).tree for value in values]
    for reply in replies:
        try:
            call(reply)
        except StudentFault:
            continue
        except Exception as error:  # noqa: BLE001 - whatever it is
            pytest.fail(f"{reply}: {error!r}")


# A hole when this was written: a ValueError of NumPy.
@pytest.mark.parametrize(
    "shape",
    [
        [wire.MAX_BODY] * 3 + [0],  # more than NumPy can count
        [0] * (wire.MAX_DEPTH + 1),
        [0] * 64,
        [1 << 62, 0],
        [0, -1],
    ],
)
def test_impossible_shapes_of_nothing_are_wire_errors(shape):
    tree = json.dumps({"t": "array", "d": "float64", "s": shape}).encode()
    with pytest.raises(WireError):
        decode(Payload(tree, b""))


# A hole when this was written: minutes of the grader, past every deadline.
@pytest.mark.parametrize("count", [4_000, 12_000])
def test_keys_that_collide_are_read_in_linear_time(count):
    pairs = ",".join(f'[{{"t":"int","v":"{n * PRIME:x}"}},0]' for n in range(1, count))
    started = time.perf_counter()
    with contextlib.suppress(WireError):  # refusing is as good
        decode(Payload(f'{{"t":"pairs","v":[{pairs}]}}'.encode(), b""))
    # 12,000 that are compared with each other take 3 s; linear is 0.05 s
    assert time.perf_counter() - started < 1.0


# A hole when this was written: the same.
def test_what_stands_in_for_names_is_looked_up_in_linear_time():
    fields = {"value": None, "names": ["xy"] * 2_000, "changed": ["xy"] * 2_000}
    source = {"toy": b"x" * (512 << 10)}
    transport = Canned(encode(fields))
    transport.sources = source
    started = time.perf_counter()
    with contextlib.suppress(StudentFault):
        StudentModule("toy", transport).add(1)
    assert time.perf_counter() - started < 1.0


# A hole when this was written: the list was shown for hidden tests.
def test_changed_arguments_are_arguments_each_once():
    """A list of names that a forged reply writes could spell out the hidden inputs."""
    fields = {"value": None, "names": ["a", "b"], "changed": ["a", "b", "a", "a", "b"] * 9}
    with recorded_calls() as calls:
        try:
            call(encode(fields).tree)
        except StudentFault:
            return
    assert len(calls[0].changed) <= len(calls[0].args)


# A hole when this was written: ExceptionGroup.
@pytest.mark.parametrize("name", dir(builtins))
def test_every_builtin_exception_arrives_as_the_submissions_fault(name):
    error = {
        "kind": "exception",
        "type": name,
        "builtin": name,
        "message": "m",
        "frames": [["toy", 2]],
    }
    with pytest.raises(StudentFault) as caught:
        call(encode({"error": error}).tree)
    status, summary, _ = _classify(caught.value, ["add"], __file__, [])
    assert status is Status.ERRORED
    assert "toy.py line 2" in summary


# A hole when this was written: 1.3 GB of the grader.
@pytest.mark.parametrize(
    ("args", "kwargs"),
    [
        (np.zeros(1 << 20, np.uint8), {}),
        (bytes(1 << 20), {}),
        ("x" * (1 << 19), {}),
        ([], np.zeros((4, 2))),
        ([], {1: 2}),
        ({}, []),
        (3, None),
    ],
    ids=["array", "bytes", "text", "array of keywords", "numbered keywords", "dict", "number"],
)
def test_odd_questions_of_a_worker_stay_small(args, kwargs):
    """Each item of a sequence would become an object: an array of 64 MB, 4 GB of them."""
    lent = proxy._Call((lambda *a, **k: len(a),), {})
    lent.encode({"module": "toy", "function": "add"})
    question = encode({"id": 0, "args": args, "kwargs": kwargs})
    tracemalloc.start()
    try:
        lent.answer(question)
    except StudentFault:
        pass
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 4 * (len(question.tree) + len(question.body)) + (1 << 20)


# A hole when this was written: points for zeros.
@pytest.mark.parametrize("change", ["zero", "other stream", "chosen"])
def test_a_lent_generator_comes_back_advanced_and_nothing_else(change):
    """Later inputs are drawn from it: who may choose its state chooses the inputs."""
    rng = np.random.default_rng(5)
    state = wire.generator_state(rng)
    forged = {
        "zero": {**state, "state": 0, "inc": 0},
        "other stream": {**state, "inc": state["inc"] ^ 2},
        "chosen": {**state, "state": 1},
    }[change]
    expected = np.random.default_rng(5).standard_normal(4)
    module = StudentModule("toy", Canned(encode({"value": None, "rngs": [forged]})))
    with contextlib.suppress(StudentFault):
        module.add(rng)
    assert (rng.standard_normal(4) == expected).all()


@pytest.mark.parametrize(
    "header",
    [
        HEADER.pack(b"AGW2", 5, 1, 0, 0),
        HEADER.pack(MAGIC, 99, 1, 0, 0),
        HEADER.pack(MAGIC, 0, 1, 0, 0),
        HEADER.pack(MAGIC, 5, 1, wire.MAX_JSON + 1, 0),
        HEADER.pack(MAGIC, 5, 1, 0, wire.MAX_BODY + 1),
        HEADER.pack(MAGIC, 5, 1, 2**32 - 1, 2**64 - 1),
    ],
)
def test_a_header_is_refused_before_anything_is_taken_for_it(header):
    with pytest.raises(WireError):
        parse_header(header)


def test_the_largest_header_that_is_allowed_is_read():
    header = HEADER.pack(MAGIC, 5, 1, wire.MAX_JSON, wire.MAX_BODY)
    assert parse_header(header)[2:] == (wire.MAX_JSON, wire.MAX_BODY)


# A hole when this was written: real-time signals.
def test_death_by_any_signal_has_words(toy):
    """Half of the real-time signals have no name in Python."""

    class Told:
        def end_of(self, worker, **options):
            return number

    for number in sorted(set(range(1, signal.NSIG)) - {signal.SIGKILL, signal.SIGSTOP}):
        world = WorkerWorld(toy.limits)
        world._place, world._worker = _Place(Told()), object()
        assert world._crash().kind in ("crash", "timeout"), number
