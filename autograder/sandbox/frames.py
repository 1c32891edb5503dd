"""Frames: a payload with a kind and a sequence number, as bytes on a stream socket.

    magic "AGW1" | kind u8 | seq u32 | tree length u32 | body length u64 | tree | body

The header is checked before anything is allocated. A frame larger than `wire` allows is refused.
"""

from __future__ import annotations

import struct
from enum import IntEnum

from student_kit.wire import MAX_BODY, MAX_JSON, Payload, WireError

HEADER = struct.Struct(">4sBIIQ")
MAGIC = b"AGW1"


class Kind(IntEnum):
    """What a frame is for."""

    INIT = 1  # grader -> worker: the submitted files
    REQUEST = 2  # grader -> worker: call this function
    ASK = 3  # worker -> grader: call a function that the test passed in
    ANSWER = 4  # grader -> worker: what it returned
    REPLY = 5  # worker -> grader: done
    HELLO = 6  # worker -> grader: confined, and no student code has run yet


def pack(kind: Kind, seq: int, payload: Payload) -> bytes:
    """Return the bytes of one frame."""
    header = HEADER.pack(MAGIC, kind, seq, len(payload.tree), len(payload.body))
    return b"".join((header, payload.tree, payload.body))


def parse_header(header: bytes) -> tuple[Kind, int, int, int]:
    """Return (kind, seq, tree length, body length); WireError if it is not a frame's header."""
    magic, kind, seq, tree, body = HEADER.unpack(header)
    if magic != MAGIC or kind not in Kind._value2member_map_:
        raise WireError("not a frame")
    if tree > MAX_JSON or body > MAX_BODY:
        raise WireError("oversized frame")
    return Kind(kind), seq, tree, body
