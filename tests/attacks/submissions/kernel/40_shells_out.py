"""Run other programs, by every function that can.

Row: 40
Expect: run: refused
"""

import os
import pty
import subprocess
import sys

from burglar import Loot, attempt, unless


def from_memory():
    fd = os.memfd_create("program")
    os.write(fd, b"#!/bin/true\n")
    os.execv(f"/proc/self/fd/{fd}", ["program"])


def system():
    status = os.system("exit 7")
    return unless(os.waitstatus_to_exitcode(status) if status >= 0 else -1, -1)


def executed(program, arguments):
    os.execve(program, arguments, {})  # if that works, nothing is left that could report it


def add(a, b):
    lines = [
        attempt("run", lambda: subprocess.run(["/bin/true"], check=True)),
        attempt("shell", lambda: subprocess.check_output("id", shell=True)),
        attempt("spawned", lambda: os.posix_spawn("/bin/true", ["true"], {})),
        attempt("opened", lambda: unless(os.popen("id").read(), "")),
        attempt("system", lambda: unless(system(), 127)),
        attempt("terminal", lambda: pty.spawn(["/bin/true"])),
    ]
    if not any(": GOT " in line for line in lines):
        lines += [
            attempt("memory", from_memory),
            attempt("executed", lambda: executed(sys.executable, ["python", "-c", "0"])),
            attempt("by descriptor", lambda: executed(os.open("/bin/true", os.O_RDONLY), ["true"])),
        ]
    raise Loot("\n".join(lines))
