"""Stands in for the platform's harness inside the box: first process, starts run_autograder.

    python3 harness.py REPORT TIMEOUT TOKEN -- COMMAND...

Runs the command as a child, its output to /autograder/results/stdout (or, for set-up, to a file
beside the report), and writes to REPORT what only the inside can know: seconds, memory, which
processes and files are left, and whether anybody connected to the port on which it listens. Needs
Python 3.10 and nothing else; never replaces or reads results.json.
"""

import contextlib
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

PORT = 47_047  # told to the attackers, in a network of the box's own
ASKS_PID = "@GRADER@"  # in a submission: becomes the process id of run_autograder
CGROUP = Path("/sys/fs/cgroup")
PLACES = ("/", "/tmp", "/var/tmp", "/dev/shm", "/run/lock", "/dev/mqueue", "/autograder", "/root")


def main() -> int:
    """Run the command; return 0 whatever became of it, for the report tells."""
    report, timeout, token, _, *command = sys.argv[1:]
    results = Path("/autograder/results")
    output = results / "stdout" if results.is_dir() else Path(report).with_suffix(".log")
    with listening(token) as servers:
        started = time.perf_counter()
        with output.open("wb") as stream:
            child = subprocess.Popen(
                command,
                cwd="/autograder",
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=tell_pid,
            )
            timed_out = False
            try:
                child.wait(float(timeout))
            except subprocess.TimeoutExpired:
                timed_out = True
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
        seconds = time.perf_counter() - started
        facts = {
            "exit_code": None if timed_out else child.returncode,
            "seconds": seconds,
            "largest_process_kb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss,
            "processes_left": processes_left(),
            "files_left": files_left(token),
            "connections": sum(map(connected, servers)),
            **own_status(),
            **memory(),
        }
    Path(report).write_text(json.dumps(facts), encoding="utf-8")
    return 0


def tell_pid():
    """In the child, before it becomes run_autograder: tell attackers its process id."""
    for path in Path("/autograder/submission").glob("*.py"):
        content = path.read_bytes()
        if ASKS_PID.encode() in content:
            path.write_bytes(content.replace(ASKS_PID.encode(), str(os.getpid()).encode()))


@contextlib.contextmanager
def listening(token):
    """Listen where attackers are told that somebody does."""
    with contextlib.ExitStack() as stack:
        servers = []
        for family, address in (
            (socket.AF_INET, ("127.0.0.1", PORT)),
            (socket.AF_UNIX, f"\0{token}-listener"),
        ):
            server = stack.enter_context(socket.socket(family))
            with contextlib.suppress(OSError):  # the port is taken in a shared network
                server.bind(address)
                server.listen()
                server.setblocking(False)
                servers.append(server)
        yield servers


def connected(server) -> bool:
    """Return whether somebody waits to be accepted."""
    with contextlib.suppress(BlockingIOError):
        server.accept()[0].close()
        return True
    return False


def processes_left():
    """Return the command lines of all processes but this one, which would have inherited them."""
    time.sleep(0.2)  # for those that are being killed
    left = []
    for folder in Path("/proc").glob("[0-9]*"):
        if int(folder.name) != os.getpid():
            with contextlib.suppress(OSError):
                if "State:\tZ" not in (folder / "status").read_text():
                    left.append((folder / "cmdline").read_text().replace("\0", " ").strip())
    return left


def files_left(token):
    """Return what carries the attackers' mark in the places where something could be left."""
    found = []
    for place in PLACES:
        with contextlib.suppress(OSError):
            found += [str(path) for path in Path(place).iterdir() if token in path.name]
    return found


def own_status():
    """Return what the container's runtime has put in force, as the kernel tells it."""
    lines = Path("/proc/self/status").read_text().splitlines()
    rows = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    return {"capabilities": int(rows["CapBnd"], 16), "seccomp": int(rows["Seccomp"])}


def memory():
    """Return the peak of the whole box, file cache included, and how often it hit the limit."""
    one, two = CGROUP / "memory", CGROUP
    peak = first_number(one / "memory.max_usage_in_bytes", two / "memory.peak")
    limit = first_number(one / "memory.limit_in_bytes", two / "memory.max")
    killed = None
    for path in (one / "memory.oom_control", two / "memory.events"):
        with contextlib.suppress(OSError, ValueError):
            rows = dict(line.split() for line in path.read_text().splitlines())
            killed = int(rows.get("oom_kill", 0))
    return {"peak": peak, "limit": limit, "killed": killed}


def first_number(*paths):
    """Return the number in the first of these files that can be read, None if there is none."""
    for path in paths:
        with contextlib.suppress(OSError, ValueError):
            return int(path.read_text())
    return None


if __name__ == "__main__":
    sys.exit(main())
