"""Memory is gathered into large pages where the kernel can, before a second submission's forks."""

from __future__ import annotations

import ctypes
import mmap
import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.sandbox import client, kernel, large_pages

SIZE = 2 << 20
GATHER = f"""
import mmap
from pathlib import Path
from autograder.sandbox import large_pages
memory = mmap.mmap(-1, 8 * {SIZE}, flags=mmap.MAP_PRIVATE)
memory.write(bytes(range(256)) * (8 * {SIZE} // 256))
gathered = large_pages.gather()
rollup = Path("/proc/self/smaps_rollup").read_text()
huge = next(line for line in rollup.splitlines() if line.startswith("AnonHugePages"))
assert memory[:] == bytes(range(256)) * (8 * {SIZE} // 256), "what was in it has changed"
print(gathered, int(huge.split()[1]) // 2048)
"""


@pytest.fixture
def collapses() -> None:
    """Skip where the kernel makes no large page when asked."""
    with mmap.mmap(-1, 2 * SIZE, flags=mmap.MAP_PRIVATE) as memory:
        memory.write(b"x" * 2 * SIZE)
        first = ctypes.c_char.from_buffer(memory)
        start = ctypes.addressof(first)
        del first  # else the mapping could not be closed
        try:
            kernel.madvise(-(-start // SIZE) * SIZE, SIZE, 25)
        except OSError as error:
            pytest.skip(f"no large pages here: {error}")


def test_what_is_allocated_is_gathered_and_stays_what_it_was(collapses):
    done = subprocess.run(
        [sys.executable, "-c", GATHER], capture_output=True, text=True, check=True, timeout=60
    )
    gathered, huge = map(int, done.stdout.split())
    assert gathered >= 7  # of eight, all that are whole wherever the kernel put them
    assert huge >= 7


def test_where_there_is_no_such_call_nothing_is_gathered(monkeypatch):
    def refused(start: int, size: int, advice: int) -> None:
        raise OSError(22, "Invalid argument")

    monkeypatch.setattr(kernel, "madvise", refused)
    assert large_pages.gather() == 0


@pytest.mark.skipif(
    os.name != "posix" or os.getuid() != 0, reason="reads a hidden process's memory"
)
def test_a_sandbox_gathers_its_memory_for_the_second_submission(toy, collapses):
    def huge() -> int:
        rollup = Path(f"/proc/{sandbox._process.pid}/smaps_rollup").read_text(encoding="ascii")
        return next(int(row.split()[1]) for row in rollup.splitlines() if "AnonHuge" in row)

    sandbox = client.Sandbox(toy.limits)
    try:
        found = []
        for _ in range(2):
            nest = sandbox.nest(client.Job(sources={"toy": b"x = 1\n"}, seed=0))
            assert nest.compiled == ["toy"]
            found.append(huge())
            nest.close()
    finally:
        sandbox.close()
    assert found[1] > found[0]
