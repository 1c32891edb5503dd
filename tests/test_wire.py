"""The codec: values cross unchanged, and bytes that are no value cost nothing."""

import json
import math
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from student_kit import wire
from student_kit.wire import Payload, WireError, decode, encode

pytestmark = pytest.mark.portable

ARRAYS = st.sampled_from(sorted(wire.DTYPES)).flatmap(
    lambda name: st.lists(st.integers(0, 3), max_size=3).map(
        lambda shape: np.arange(math.prod(shape)).reshape(shape).astype(name)
    )
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
VALUES = st.recursive(
    SCALARS | ARRAYS | st.complex_numbers(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text() | st.integers(), inner, max_size=3)
    ),
    max_leaves=8,
)


def same(a: object, b: object) -> bool:
    """Whether two values have the same types and bits, NaN included."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, (float, complex)):
        return repr(a) == repr(b)
    return a == b


@given(VALUES)
def test_a_value_arrives_as_it_was_sent(value):
    assert same(decode(encode(value)), value)


def test_arrays_arrive_as_owned_writable_base_arrays_in_native_order():
    class Liar(np.ndarray):
        def __eq__(self, other):
            return True

    sent = np.arange(6.0).reshape(2, 3).T.view(Liar).astype(">f8")
    arrived = decode(encode(sent))
    assert type(arrived) is np.ndarray
    assert arrived.flags.owndata
    assert arrived.flags.writeable
    assert arrived.dtype == np.dtype("=f8")
    np.testing.assert_array_equal(arrived, np.arange(6.0).reshape(2, 3).T, strict=True)


def test_subclasses_of_builtins_arrive_as_the_builtins():
    class Number(float):
        def __eq__(self, other):
            return True

    class Items(list):
        pass

    arrived = decode(encode(Items([Number(2.5)])))
    assert type(arrived) is list
    assert type(arrived[0]) is float
    assert arrived == [2.5]


@pytest.mark.parametrize(
    ("value", "named"),
    [
        (np.array([object()]), "an object array"),
        (np.array(["text"]), "a str"),
        (object(), "object"),
        ((n for n in range(3)), "generator"),
        (lambda: None, "function"),
        (10**500, "more than 1600 bits"),
    ],
)
def test_what_cannot_be_sent_is_named(value, named):
    with pytest.raises(WireError, match=named):
        encode(value)


def test_a_list_that_holds_itself_is_refused():
    loop = []
    loop.append(loop)
    with pytest.raises(WireError, match="nested more than"):
        encode(loop)


def test_nesting_is_allowed_to_the_limit_and_not_one_further():
    def nested(depth):
        value = []
        for _ in range(depth):
            value = [value]
        return value

    assert decode(encode(nested(wire.MAX_DEPTH))) == nested(wire.MAX_DEPTH)
    with pytest.raises(WireError, match="nested"):
        encode(nested(wire.MAX_DEPTH + 1))
    tree = b"[" * (wire.MAX_DEPTH + 1) + b"null" + b"]" * (wire.MAX_DEPTH + 1)
    with pytest.raises(WireError, match="too deep"):
        decode(Payload(tree, b""))


def test_nodes_are_counted_to_the_limit_and_not_one_further():
    assert len(decode(encode([None] * (wire.MAX_NODES - 1)))) == wire.MAX_NODES - 1
    with pytest.raises(WireError, match="parts"):
        encode([None] * wire.MAX_NODES)
    tree = json.dumps([None] * wire.MAX_NODES).encode()
    with pytest.raises(WireError, match="too large"):
        decode(Payload(tree, b""))


@pytest.mark.parametrize(
    ("tree", "body"),
    [
        (b"", b""),
        (b"[" * 200_000, b""),
        (b"[] ", b""),
        (b"NaN", b""),
        (b"1e999", b""),
        (b"123456789012345678901", b""),
        (b'{"t":"no_such"}', b""),
        (b'{"t":"__class__"}', b""),
        (b'{"t":["list"]}', b""),
        (b'{"t":"int","v":"zz"}', b""),
        (b'{"t":"int","v":"' + b"f" * (wire.MAX_INT_DIGITS + 1) + b'"}', b""),
        (b'{"t":"float","v":"1.0"}', b""),
        (b'{"t":"complex","v":["1"]}', b""),
        (b'{"t":"str","v":"text"}', b""),
        (b'"caf\xc3\xa9"', b""),
        (b'{"t":"bytes","n":-1}', b""),
        (b'{"t":"bytes","n":2}', b"x"),
        (b'{"t":"list","v":[]}', b""),
        (b'{"t":"tuple","v":{}}', b""),
        (b'{"t":"dict","v":[["a",1]]}', b""),
        (b'{"t":"pairs","v":[[1]]}', b""),
        (b'{"t":"pairs","v":[[[],1]]}', b""),
        (b'{"t":"array","d":"object","s":[1]}', b"12345678"),
        (b'{"t":"array","d":"float64","s":[2]}', b"12345678"),
        (b'{"t":"array","d":"float64","s":[1]}', b"123456789"),
        (b'{"t":"array","d":"float64","s":[-1]}', b""),
        (b'{"t":"array","d":"float64","s":[4611686018427387904,0,2]}', b""),
        (b'{"t":"array","d":"float64","s":[1.0]}', b"12345678"),
        (b'{"t":"array","d":"bool","s":[1]}', b"\2"),
        (b'{"t":"scalar","d":"float64","s":[1]}', b"12345678"),
        (b'{"t":"special","v":{"k":"callback","id":0,"name":"f"}}', b""),
        (b"null", b"left over"),
    ],
)
def test_malformed_bytes_are_refused_in_no_time(tree, body):
    started = time.perf_counter()
    with pytest.raises(WireError):
        decode(Payload(tree, body))
    assert time.perf_counter() - started < 2.0  # a bomb would take minutes or all memory


def test_oversized_payloads_are_refused_before_they_are_parsed():
    with pytest.raises(WireError, match="oversized"):
        decode(Payload(b" " * (wire.MAX_JSON + 1), b""))
    with pytest.raises(WireError, match="oversized"):
        decode(Payload(b"null", bytes(wire.MAX_BODY + 1)))


def test_lone_surrogates_do_not_arrive():
    assert decode(Payload(b'"a\\ud800b"', b"")) == "a?b"
    assert decode(Payload(b'{"t":"dict","v":{"a\\ud800b":1}}', b"")) == {"a?b": 1}


def test_dicts_keep_their_order_and_the_types_of_their_keys():
    value = {"b": 1, "a": {"t": "dict", "v": None}, "": [{}]}
    assert list(decode(encode(value)).items()) == list(value.items())
    mixed = {1: "one", "1": "text", (2, 3): {"a": 1}, None: 0.5}
    assert decode(encode(mixed)) == mixed
    assert [*map(type, decode(encode({2: 0, "2": 0, False: 0})))] == [int, str, bool]


def test_a_generator_state_travels_and_is_checked():
    rng, other = np.random.default_rng(3), np.random.default_rng(4)
    wire.set_generator_state(other, decode(encode(wire.generator_state(rng))))
    assert rng.standard_normal() == other.standard_normal()
    for broken in (None, {}, {"state": 1}, {**wire.generator_state(rng), "state": 1 << 128}):
        with pytest.raises(WireError, match="malformed Generator"):
            wire.set_generator_state(other, broken)
    with pytest.raises(WireError, match="MT19937"):
        wire.generator_state(np.random.Generator(np.random.MT19937()))
