"""Read memory, environment and open files of the zygote and of the grader through /proc.

Row: 6, 8
Expect: zygote_memory: refused
"""

import os

from burglar import GRADER, canaries, show, unless

ZYGOTE = os.getppid()


def memory(pid):
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as file:
        return file.fileno()


def read(pid, name):
    with open(f"/proc/{pid}/{name}", "rb") as file:
        return unless(file.read(), b"")


def commands():
    found = b""
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                found += open(f"/proc/{name}/cmdline", "rb").read()
            except OSError:
                continue
    return canaries(found)


def around():
    """Read the environment of every process near by, the grader's forks among them."""
    found = b""
    for pid in range(max(1, ZYGOTE - 300), ZYGOTE + 300):
        try:
            found += open(f"/proc/{pid}/environ", "rb").read()
        except OSError:
            continue
    return canaries(found)


def add(a, b):
    show(
        zygote_memory=lambda: memory(ZYGOTE),
        grader_memory=lambda: memory(GRADER),
        zygote_environment=lambda: read(ZYGOTE, "environ"),
        grader_environment=lambda: read(GRADER, "environ"),
        zygote_files=lambda: os.listdir(f"/proc/{ZYGOTE}/fd"),
        grader_files=lambda: os.listdir(f"/proc/{GRADER}/fd"),
        grader_folder=lambda: os.listdir(f"/proc/{GRADER}/cwd"),
        grader_root=lambda: os.listdir(f"/proc/{GRADER}/root"),
        maps=lambda: read(ZYGOTE, "maps"),
        commands=commands,
        environments=around,
    )
