"""A hostile submission: what `doctor` runs in a worker to see what this machine stops.

Never imported on the trusted side; `attempts` reads its text. Each function tries some things and
returns [what succeeded, what stopped the others].
"""

from __future__ import annotations

import ctypes
import os
import socket
import struct
import subprocess
from collections.abc import Callable
from functools import partial

Tried = list[list[str]]
_PTRACE_SEIZE = 0x4206  # unlike PTRACE_ATTACH, does not stop the grader where it succeeds
_HEADER = struct.Struct(">4sBIIQ")
_REPLY = 5


def _attempt(attempts: dict[str, Callable[[], object]]) -> Tried:
    done, stopped = [], []
    for name, attempt in attempts.items():
        try:
            attempt()
            done.append(name)
        except BaseException as error:  # noqa: BLE001 - whatever stops it
            stopped.append(f"{name}: {type(error).__name__}: {error}")
    return [done, stopped]


def read_hidden(folders: list[str]) -> Tried:
    """Read a file of each folder, or at least the names in it."""

    def read(folder: str) -> None:
        for name in os.listdir(folder):  # noqa: PTH208 - as a student would
            path = os.path.join(folder, name)  # noqa: PTH118
            if os.path.isfile(path):  # noqa: PTH113
                open(path, "rb").read(1)  # noqa: SIM115, PTH123

    return _attempt({f"read {folder}": partial(read, folder) for folder in folders})


def write_results(path: str) -> Tried:
    """Change a results file in every way."""
    return _attempt(
        {
            "overwrite": lambda: open(path, "w").write("forged"),  # noqa: PTH123
            "append": lambda: open(path, "a").write("forged"),  # noqa: PTH123
            "change its mode": lambda: os.chmod(path, 0o666),  # noqa: PTH101
            "put a link beside it": lambda: os.symlink("/", f"{path}.new"),  # noqa: PTH211
            "remove": lambda: os.unlink(path),  # noqa: PTH108
        }
    )


def open_socket(port: int) -> Tried:
    """Reach the network, or another process of this machine."""
    return _attempt(
        {
            "connect": lambda: socket.create_connection(("127.0.0.1", port), 1),
            "send a datagram": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
            "local socket": lambda: socket.socket(socket.AF_UNIX),
        }
    )


def start_process() -> Tried:
    """Start a process that could outlive the test."""

    def fork() -> None:
        if os.fork() == 0:
            os._exit(0)

    return _attempt(
        {
            "fork": fork,
            "spawn": lambda: os.posix_spawn("/bin/sh", ["sh", "-c", ":"], {}),
            "run a program": lambda: subprocess.run(["sh", "-c", ":"], check=True),
        }
    )


def spy_on_grader(pids: list[int]) -> Tried:
    """Look into the memory and the environment of the processes that grade."""

    def trace(pid: int) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.ptrace(_PTRACE_SEIZE, pid, None, None):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

    def read(pid: int, what: str) -> None:
        open(f"/proc/{pid}/{what}", "rb").read(1)  # noqa: SIM115, PTH123

    attempts: dict[str, Callable[[], object]] = {}
    for pid in (os.getppid(), *pids):
        attempts[f"memory map of {pid}"] = partial(read, pid, "maps")
        attempts[f"environment of {pid}"] = partial(read, pid, "environ")
        attempts[f"tracing {pid}"] = partial(trace, pid)
    return _attempt(attempts)


def signal_grader(pids: list[int]) -> Tried:
    """Ask whether a signal could be sent to the processes that grade; none is."""
    targets = {"everyone": -1, **{f"process {pid}": pid for pid in (os.getppid(), *pids)}}
    return _attempt({name: partial(os.kill, pid, 0) for name, pid in targets.items()})


def take_memory(megabytes: int) -> Tried:
    """Take more memory than there is to have."""
    taken: list[bytearray] = []

    def take() -> None:
        for _ in range(megabytes // 8):
            taken.append(bytearray(8 << 20))

    found = _attempt({f"take {megabytes} MB": take})
    taken.clear()
    return found


def flood_output(characters: int) -> Tried:
    """Print without end."""
    for _ in range(characters // 100_000):
        print("x" * 100_000)  # noqa: T201 - that is the attack
    return [[], []]


def exit_well() -> Tried:
    """End the process as if all were well."""
    os._exit(0)


def forge_frames() -> Tried:
    """Write a frame of an absurd size, and noise, to every descriptor there is."""
    frame = _HEADER.pack(b"AGW1", _REPLY, 1, 2**32 - 1, 2**62) + b"x" * 1000
    for fd in range(3, 64):
        try:
            os.write(fd, frame)
        except OSError:
            continue
    return [["forge"], []]
