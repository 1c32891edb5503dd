"""The program of a short-lived child process: compile one Python source, say what is wrong.

    source on stdin -> [compile_worker] -> one line of JSON on stdout

`syntax` runs this file by its path, in an isolated interpreter. Compiling runs nothing of the
source, but a hostile one can crash or stall a compiler; here that ends this process only. So this
file imports nothing of ours.
"""

import json
import sys
from typing import Any

MEMORY_BYTES = 1 << 30  # a source of 512 KB compiles in well under half of it
CPU_SECONDS = 10


def _limit() -> None:
    """Limit memory and time, as far as the system lets us."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    except (ImportError, ValueError, OSError):  # macOS does not know RLIMIT_AS
        return


def examine(source: bytes) -> dict[str, Any]:
    """Return {} if the source compiles, else what is wrong with it."""
    try:
        compile(source, "submission", "exec", dont_inherit=True)
    except SyntaxError as error:
        return {
            "message": str(error.msg)[:500],
            "line": error.lineno or 0,
            "column": error.offset or 0,
            "text": str(error.text or "")[:2000],
        }
    except (RecursionError, MemoryError):
        return {"message": "too deeply nested or too large for Python", "line": 0}
    except ValueError as error:  # NUL bytes, before Python 3.12
        return {"message": str(error)[:500], "line": 0}
    return {}


if __name__ == "__main__":
    _limit()
    sys.stdout.write(json.dumps(examine(sys.stdin.buffer.read())))
