"""The loop inside a worker: read a frame, run the student's function, write a frame.

Loaded by the zygote before anything is forked, so that a confined worker imports nothing of ours.
Whatever student code does to this loop, it can only change what comes back as a value; the verdict
is reached elsewhere.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from collections.abc import Sequence

from autograder.sandbox.frames import Kind, pack, receive
from student_kit.dispatch import Dispatcher
from student_kit.wire import Payload, encode

_CONFINED = pack(Kind.HELLO, 0, encode(None))
_LOADED = pack(Kind.REPLY, 0, encode(None))


def serve(
    sock: socket.socket, dispatcher: Dispatcher, names: Sequence[str], *, rehearse: bool
) -> None:
    """Import these modules, then answer requests until the grader closes the socket."""
    sock.sendall(_CONFINED)
    dispatcher.load(names)
    sock.sendall(_LOADED)
    if rehearse:
        dispatcher.rehearse()
    while True:
        try:
            kind, seq, payload = receive(sock)
        except EOFError:
            os._exit(0)
        if kind is not Kind.REQUEST:
            os._exit(70)
        reply = dispatcher.exchange(payload, lambda ask, seq=seq: _ask(sock, seq, ask))  # type: ignore[misc]
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):  # they may have been replaced
                stream.flush()  # the worker is killed before its buffers are written
        sock.sendall(pack(Kind.REPLY, seq, reply))


def _ask(sock: socket.socket, seq: int, question: Payload) -> Payload:
    sock.sendall(pack(Kind.ASK, seq, question))
    try:
        return receive(sock)[2]
    except EOFError:
        os._exit(0)
