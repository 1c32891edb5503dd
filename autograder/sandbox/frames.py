"""Frames: a payload with a kind and a sequence number, as bytes on a stream socket.

    magic "AGW1" | kind u8 | seq u32 | tree length u32 | body length u64 | tree | body

The header is checked before anything is allocated. A frame larger than `wire` allows is refused.
"""

from __future__ import annotations

import socket
import struct
from enum import IntEnum

from student_kit.wire import MAX_BODY, MAX_JSON, Payload, WireError

HEADER = struct.Struct(">4sBIIQ")
MAGIC = b"AGW1"


class Kind(IntEnum):
    """What a frame is for."""

    INIT = 1  # grader -> nest: the submitted files
    REQUEST = 2  # grader -> worker: call this function
    ASK = 3  # worker -> grader: call a function that the test passed in
    ANSWER = 4  # grader -> worker: what it returned
    REPLY = 5  # worker -> grader: done, or at first: the file is imported
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


def receive(sock: socket.socket) -> tuple[Kind, int, Payload]:
    """Wait for one frame; for the sandbox's own end, which has nothing else to do.

    Raises:
        EOFError: the grader is gone.
    """
    kind, seq, tree, body = parse_header(_read(sock, HEADER.size))
    return kind, seq, Payload(_read(sock, tree), _read(sock, body) if body else b"")


def _read(sock: socket.socket, count: int) -> bytes:
    data = sock.recv(min(count, 1 << 20))
    if len(data) == count:  # nearly always
        return data
    parts = [data]
    count -= len(data)
    while count and data:
        data = sock.recv(min(count, 1 << 20))
        parts.append(data)
        count -= len(data)
    if count:
        raise EOFError
    return b"".join(parts)
