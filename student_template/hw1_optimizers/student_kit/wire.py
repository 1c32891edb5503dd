"""Values as bytes: how arguments and results cross between a test and the student's code.

    value -> [encode] -> Payload(json, body) -> [decode] -> value

No pickle, ever: a payload is a JSON tree plus one run of raw array bytes. Texts, lists, None and
most numbers are JSON's own, all else is a tagged node. What arrives is made of exact builtin types,
base `ndarray`s and NumPy scalars of allow-listed dtypes, whatever subclass was sent; a class of the
student's never reaches the test's process.

The decoder is the trusted side's only reader of untrusted bytes. Its work and memory are linear
in the bytes received: sizes are checked before anything is allocated, and depth, numbers and
nodes are bounded. It calls no method of a received object.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from student_kit import tensors

MAX_JSON = 4 << 20  # bytes of the tree
MAX_BODY = 64 << 20  # bytes of all arrays together
MAX_DEPTH = 32  # nesting of containers
MAX_NODES = 50_000  # values in the tree
MAX_INT_DIGITS = 400  # hexadecimal
MAX_OTHER_KEYS = 1_000  # of all dicts together: those that are not strings

DTYPES = frozenset(
    [
        "bool",
        *(f"{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64)),
        *("float16", "float32", "float64", "complex64", "complex128"),
    ]
)
PCG64_STATE_BITS = 128
MAX_DRAWS = 1 << 40  # from a Generator, in one call
_RECENT = 10_000  # draws
_MASK128 = (1 << 128) - 1
_PCG64_MULTIPLIER = 0x2360ED051FC65DA44385DF649FCCF645  # O'Neill (2014), as NumPy has it
_NATIVE = {name: np.dtype(name) for name in DTYPES}
_LITTLE = {name: dtype.newbyteorder("<") for name, dtype in _NATIVE.items()}
_NAMES = {d: name for name, dtype in _NATIVE.items() for d in (dtype, dtype.newbyteorder())}


class WireError(Exception):
    """A value cannot be sent, or bytes are not a value. The text is for a person."""


@dataclass(frozen=True, slots=True)
class Payload:
    """One encoded value."""

    tree: bytes  # JSON, ASCII
    body: bytes  # the raw bytes of the arrays, one after the other


# A special is a value that one side keeps: a callback, a student's function, a Generator.
# `pack` names it by a JSON-able node without the tag, or returns None if it does not know it.
PackSpecial = Callable[[Any], "dict[str, Any] | None"]
UnpackSpecial = Callable[[dict[str, Any]], Any]


def encode(value: Any, *, special: PackSpecial | None = None) -> Payload:
    """Return `value` as bytes; WireError names the part that cannot be sent."""
    encoder = _Encoder(special)
    tree = _TO_JSON.encode(encoder.node(value, 0)).encode()
    body = b"".join(encoder.segments)
    if len(tree) > MAX_JSON or len(body) > MAX_BODY:
        raise WireError(f"a value of {len(tree) + len(body)} bytes is too large to send")
    return Payload(tree, body)


def decode(payload: Payload, *, special: UnpackSpecial | None = None) -> Any:
    """Return the value of a payload; WireError if it is not exactly one well-formed value."""
    if len(payload.tree) > MAX_JSON or len(payload.body) > MAX_BODY:
        raise WireError("oversized payload")
    try:
        text = payload.tree.decode("ascii")
        tree, end = _FROM_JSON.raw_decode(text)
    except (ValueError, RecursionError) as error:
        raise WireError(f"malformed tree: {type(error).__name__}") from None
    if end != len(text):
        raise WireError("bytes left over after the tree")
    decoder = _Decoder(payload.body, special)
    value = decoder.value(tree, 0)
    if decoder.offset != len(payload.body):
        raise WireError("bytes left over after the last array")
    return value


class _Encoder:
    """One walk over one value. A class, not closures: a cycle would keep every array alive."""

    def __init__(self, special: PackSpecial | None) -> None:
        self.segments: list[bytes] = []
        self.size = 0
        self.nodes = 0
        self.special = special

    def node(self, value: Any, depth: int) -> Any:
        self.nodes += 1
        if depth > MAX_DEPTH or self.nodes > MAX_NODES:
            raise WireError(
                f"a value nested more than {MAX_DEPTH} deep or with more than {MAX_NODES} parts"
            )
        if value is None or value is True or value is False or type(value) is str:
            return value
        if type(value) is dict and all(type(key) is str for key in value):
            return {
                "t": "dict",
                "v": {key: self.node(item, depth + 1) for key, item in value.items()},
            }
        if isinstance(value, np.ndarray):
            return self._array(value)
        if isinstance(value, np.generic):
            return {**self._array(np.asarray(value)), "t": "scalar"}
        if isinstance(value, (bool, int, float, complex, str, bytes)):
            return self._scalar(value)
        if isinstance(value, (list, tuple)):
            items = [self.node(item, depth + 1) for item in value]
            return items if isinstance(value, list) else {"t": "tuple", "v": items}
        if isinstance(value, dict):
            pairs = [
                [self.node(key, depth + 1), self.node(item, depth + 1)]
                for key, item in value.items()
            ]
            return {"t": "pairs", "v": pairs}
        if tensors.is_tensor(value):
            return self._tensor(value)
        if self.special is not None and (node := self.special(value)) is not None:
            return {"t": "special", "v": node}
        raise WireError(f"a value of type {type(value).__name__}")

    def _scalar(self, value: Any) -> Any:
        if isinstance(value, int):
            value = int(value)
            if abs(value) < 1 << 53:
                return value
            text = format(value, "x")
            if len(text) > MAX_INT_DIGITS:
                raise WireError("an integer of more than 1600 bits")
            return {"t": "int", "v": text}
        if isinstance(value, float):
            value = float(value)
            return value if math.isfinite(value) else {"t": "float", "v": repr(value)}
        if isinstance(value, complex):
            return {"t": "complex", "v": [float(value.real).hex(), float(value.imag).hex()]}
        if isinstance(value, bytes):
            return {"t": "bytes", "n": self._segment(bytes(value))}
        return str.__str__(value)

    def _array(self, array: np.ndarray) -> dict[str, Any]:
        name = _NAMES.get(array.dtype)
        if name is None:
            kind = "an object" if array.dtype == object else f"a {array.dtype.name}"
            raise WireError(f"{kind} array (expected numbers)")
        plain = np.array(array, dtype=_LITTLE[name], order="C", subok=False)
        self._segment(plain.tobytes())
        return {"t": "array", "d": name, "s": list(plain.shape)}

    def _tensor(self, tensor: Any) -> dict[str, Any]:
        try:
            node = self._array(np.asarray(tensors.to_array(tensor)))
        except TypeError as error:
            raise WireError(str(error)) from None
        return {**node, "t": "tensor", "g": bool(tensor.requires_grad)}

    def _segment(self, data: bytes) -> int:
        self.size += len(data)
        if self.size > MAX_BODY:
            raise WireError(f"arrays of more than {MAX_BODY >> 20} MB")
        self.segments.append(data)
        return len(data)


class _Decoder:
    """One walk over one tree, taking array bytes from the front of the body."""

    def __init__(self, body: bytes, special: UnpackSpecial | None) -> None:
        self.body = body
        self.offset = 0
        self.nodes = 0
        self.other_keys = 0
        self.special = special

    def value(self, node: Any, depth: int) -> Any:
        self.nodes += 1
        if depth > MAX_DEPTH or self.nodes > MAX_NODES:
            raise WireError("tree too deep or too large")
        kind = type(node)  # the JSON decoder makes exact types
        if kind is str:
            return _without_surrogates(node)
        if kind is list:
            return [self.value(item, depth + 1) for item in node]
        if kind is not dict:
            return node
        tag = node.get("t")
        read = self._READERS.get(tag) if type(tag) is str else None
        if read is None:
            raise WireError("unknown tag")
        return read(self, node, depth)

    def _read_int(self, node: dict[str, Any], depth: int) -> int:
        text = node.get("v")
        if not isinstance(text, str) or len(text) > MAX_INT_DIGITS:
            raise WireError("malformed integer")
        try:
            return int(text, 16)
        except ValueError:
            raise WireError("malformed integer") from None

    def _read_float(self, node: dict[str, Any], depth: int) -> float:
        if node.get("v") not in ("nan", "inf", "-inf"):
            raise WireError("malformed float")
        return float(node["v"])

    def _read_complex(self, node: dict[str, Any], depth: int) -> complex:
        parts = node.get("v")
        if not isinstance(parts, list) or len(parts) != 2:
            raise WireError("malformed complex number")
        try:
            real, imag = (float.fromhex(part) for part in parts)
        except (TypeError, ValueError, OverflowError):
            raise WireError("malformed complex number") from None
        return complex(real, imag)

    def _read_bytes(self, node: dict[str, Any], depth: int) -> bytes:
        return bytes(self._take(node.get("n")))

    def _read_tuple(self, node: dict[str, Any], depth: int) -> tuple[Any, ...]:
        return tuple([self.value(item, depth + 1) for item in self._items(node)])

    def _read_dict(self, node: dict[str, Any], depth: int) -> dict[str, Any]:
        items = node.get("v")
        if type(items) is not dict:
            raise WireError("malformed dict")
        return {_without_surrogates(k): self.value(v, depth + 1) for k, v in items.items()}

    def _read_pairs(self, node: dict[str, Any], depth: int) -> dict[Any, Any]:
        result: dict[Any, Any] = {}
        for pair in self._items(node):
            if not isinstance(pair, list) or len(pair) != 2:
                raise WireError("malformed dict")
            key = self.value(pair[0], depth + 1)
            if type(key) is not str:
                # the hashes of numbers can be chosen to be equal, which makes a dict quadratic
                self.other_keys += 1
                if self.other_keys > MAX_OTHER_KEYS:
                    raise WireError(f"dicts with more than {MAX_OTHER_KEYS} keys that are no text")
            try:
                result[key] = self.value(pair[1], depth + 1)
            except TypeError:
                raise WireError("a dict key that cannot be hashed") from None
        return result

    def _read_array(self, node: dict[str, Any], depth: int) -> np.ndarray:
        name, shape = node.get("d"), node.get("s")
        if not (isinstance(name, str) and name in DTYPES and isinstance(shape, list)):
            raise WireError("malformed array")
        if not all(type(n) is int and 0 <= n <= MAX_BODY for n in shape):
            raise WireError("malformed shape")
        if len(shape) > MAX_DEPTH or math.prod(filter(None, shape)) > MAX_BODY:
            raise WireError("malformed shape")  # NumPy overflows on [2**40, 2**40, 0]
        dtype = _LITTLE[name]
        raw = self._take(math.prod(shape) * dtype.itemsize)
        if name == "bool" and raw.translate(None, b"\0\1"):
            raise WireError("a bool that is neither 0 nor 1")
        array = np.frombuffer(raw, dtype=dtype).reshape(shape)
        return array.astype(_NATIVE[name], order="C", copy=True)  # owned and writable

    def _read_scalar(self, node: dict[str, Any], depth: int) -> Any:
        array = self._read_array(node, depth)
        if array.shape != ():
            raise WireError("malformed scalar")
        return array[()]  # a NumPy scalar of the same dtype

    def _read_tensor(self, node: dict[str, Any], depth: int) -> Any:
        try:
            return tensors.from_array(
                self._read_array(node, depth), requires_grad=node.get("g") is True
            )
        except TypeError as error:
            raise WireError(str(error)) from None

    def _read_special(self, node: dict[str, Any], depth: int) -> Any:
        inner = node.get("v")
        if self.special is None or not isinstance(inner, dict):
            raise WireError("a special value where none is allowed")
        return self.special(inner)

    _READERS: ClassVar[dict[str, Callable[[_Decoder, dict[str, Any], int], Any]]] = {
        "int": _read_int,
        "float": _read_float,
        "complex": _read_complex,
        "bytes": _read_bytes,
        "tuple": _read_tuple,
        "dict": _read_dict,
        "pairs": _read_pairs,
        "array": _read_array,
        "scalar": _read_scalar,
        "tensor": _read_tensor,
        "special": _read_special,
    }

    def _items(self, node: dict[str, Any]) -> list[Any]:
        if not isinstance(node.get("v"), list):
            raise WireError("malformed container")
        items: list[Any] = node["v"]
        return items

    def _take(self, count: Any) -> bytes:
        if type(count) is not int or not 0 <= count <= len(self.body) - self.offset:
            raise WireError("an array claims more bytes than were sent")
        start, self.offset = self.offset, self.offset + count
        return self.body[start : self.offset]


def generator_state(rng: np.random.Generator) -> dict[str, Any]:
    """Return the state of a Generator as a value that can be sent; WireError unless PCG64."""
    state = rng.bit_generator.state
    if state["bit_generator"] != "PCG64":
        raise WireError(f"a Generator of {state['bit_generator']} (expected PCG64)")
    return {
        "state": state["state"]["state"],
        "inc": state["state"]["inc"],
        "has_uint32": state["has_uint32"],
        "uinteger": state["uinteger"],
    }


def advance_generator(rng: np.random.Generator, fields: Any) -> None:
    """Give `rng` a state that drawing from it leads to; WireError for any other.

    The state comes from whoever held the generator meanwhile, who may have made it up, so that
    what is drawn next is known.
    """
    before = generator_state(rng)
    after = np.random.Generator(np.random.PCG64(0))
    set_generator_state(after, fields)
    if fields["inc"] != before["inc"]:
        raise WireError("a Generator of another stream")
    steps = _pcg64_distance(before["state"], fields["state"], before["inc"])
    if steps > MAX_DRAWS:
        raise WireError("a Generator in a state that drawing from it does not lead to")
    if fields["has_uint32"]:
        # half of a 64-bit draw is kept for the next 32-bit one: it must be one of the latest
        recent = np.random.PCG64(0)
        set_generator_state(np.random.Generator(recent), {**before, "has_uint32": 0})
        recent.advance(max(0, steps - _RECENT))
        kept = {int(draw) >> 32 for draw in recent.random_raw(min(steps, _RECENT))}
        kept |= {before["uinteger"]} if before["has_uint32"] else set()
        if fields["uinteger"] not in kept:
            raise WireError("a Generator that keeps what it has not drawn")
    rng.bit_generator.state = after.bit_generator.state


def _pcg64_distance(start: int, end: int, inc: int) -> int:
    """Return how many steps of PCG64 lead from one state to another (Brown, 1994)."""
    multiplier, plus, bit, distance = _PCG64_MULTIPLIER, inc, 1, 0
    while start != end:
        if (start ^ end) & bit:
            start = (start * multiplier + plus) & _MASK128
            distance |= bit
        plus = (multiplier + 1) * plus & _MASK128
        multiplier = multiplier * multiplier & _MASK128
        bit = bit << 1 & _MASK128
        if not bit:
            return MAX_DRAWS + 1
    return distance


def set_generator_state(rng: np.random.Generator, fields: Any) -> None:
    """Give `rng` a state that was sent; WireError if it is not one."""
    bits = {"state": PCG64_STATE_BITS, "inc": PCG64_STATE_BITS, "has_uint32": 1, "uinteger": 32}
    if type(fields) is not dict or set(fields) != set(bits):
        raise WireError("malformed Generator state")
    for key, width in bits.items():
        if type(fields[key]) is not int or not 0 <= fields[key] < 1 << width:
            raise WireError("malformed Generator state")
    rng.bit_generator.state = {
        "bit_generator": "PCG64",
        "state": {"state": fields["state"], "inc": fields["inc"]},
        "has_uint32": fields["has_uint32"],
        "uinteger": fields["uinteger"],
    }


def _without_surrogates(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _parse_int(text: str) -> int:
    if len(text) > 20:
        raise ValueError("integer too long")
    return int(text)


def _parse_float(text: str) -> float:
    if len(text) > 40:
        raise ValueError("float too long")
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("float overflow")
    return value


def _refuse_constant(text: str) -> float:
    raise ValueError(f"bare {text}")


_TO_JSON = json.JSONEncoder(allow_nan=False, separators=(",", ":"))
_FROM_JSON = json.JSONDecoder(
    parse_int=_parse_int, parse_float=_parse_float, parse_constant=_refuse_constant
)
