"""Gathers a process's memory into large pages, before much is forked from it.

    what this process has allocated -> [large_pages] -> one entry of the page table for 512

A fork copies the page table of all that is allocated, and the end of a process clears it away
again: most of what a worker costs the kernel. Of a large page it copies one entry, until the
worker writes to it. Linux 6.1 and newer; elsewhere nothing is gathered, and nothing is lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from autograder.sandbox import kernel

_SIZE = 2 << 20  # bytes of a large page on x86-64, and on aarch64 with pages of 4 kB
_COLLAPSE = 25  # MADV_COLLAPSE


def gather() -> int:
    """Gather what is in use into large pages; return how many there are."""
    try:
        maps = Path("/proc/self/maps").read_bytes()
    except OSError:
        return 0
    return sum(_is_gathered(start) for start in _starts(maps))


def _starts(maps: bytes) -> Iterator[int]:
    """Yield where a large page could begin in the memory that is this process's alone."""
    for line in maps.splitlines():
        span, rights, _, _, _, *name = line.split()
        if not rights.startswith(b"rw-p") or name not in ([], [b"[heap]"]):
            continue
        first, last = (int(end, 16) for end in span.split(b"-"))
        yield from range(-(-first // _SIZE) * _SIZE, last // _SIZE * _SIZE, _SIZE)


def _is_gathered(start: int) -> bool:
    try:
        kernel.madvise(start, _SIZE, _COLLAPSE)
    except OSError:  # nothing in it, an older kernel, or no large page to be had
        return False
    return True
