"""The loop inside a worker: read a frame, run the student's function, write a frame.

Loaded by the zygote before it forks, so that a confined worker imports nothing of ours. Whatever
student code does to this loop, it can only change what comes back as a value; the verdict is
reached elsewhere.
"""

from __future__ import annotations

import contextlib
import os
import random
import socket
import sys
from typing import Any

import numpy as np

from autograder.sandbox.frames import HEADER, Kind, pack, parse_header
from student_kit.dispatch import Dispatcher, compile_sources
from student_kit.wire import Payload, decode, encode


def serve(sock: socket.socket) -> None:
    """Answer requests until the grader closes the socket."""
    sock.sendall(pack(Kind.HELLO, 0, encode(None)))
    kind, seq, payload = _receive(sock)
    init = decode(payload)
    # forks share the state of the global generators; a fixed one keeps grading reproducible
    random.seed(init["seed"])
    np.random.seed(init["seed"] % 2**32)  # noqa: NPY002 - for submissions that use it
    if init["compile"]:  # this worker is for nothing else, and runs no student code
        compiled = compile_sources(init["sources"])
        sock.sendall(pack(Kind.REPLY, seq, encode(compiled)))
        return
    dispatcher = Dispatcher(init["sources"], init["compiled"])
    dispatcher.load()
    sock.sendall(pack(Kind.REPLY, seq, encode({"loaded": True})))
    while True:
        kind, seq, payload = _receive(sock)
        if kind is not Kind.REQUEST:
            os._exit(70)
        reply = dispatcher.exchange(payload, lambda ask, seq=seq: _ask(sock, seq, ask))  # type: ignore[misc]
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):  # they may have been replaced
                stream.flush()  # the worker is killed before its buffers are written
        sock.sendall(pack(Kind.REPLY, seq, reply))


def _ask(sock: socket.socket, seq: int, question: Payload) -> Payload:
    sock.sendall(pack(Kind.ASK, seq, question))
    return _receive(sock)[2]


def _receive(sock: socket.socket) -> tuple[Kind, int, Payload]:
    kind, seq, tree, body = parse_header(_read(sock, HEADER.size))
    return kind, seq, Payload(_read(sock, tree), _read(sock, body))


def _read(sock: socket.socket, count: int) -> bytes:
    parts: list[Any] = []
    while count:
        part = sock.recv(min(count, 1 << 20))
        if not part:
            os._exit(0)  # the grader is gone
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
