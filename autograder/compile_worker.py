"""The program of a short-lived child process: compile one Python source, say what stands in it.

    source on stdin -> [compile_worker] -> one line of JSON on stdout

`syntax` runs this file by its path, in an isolated interpreter. Compiling and reading run nothing
of the source, but a hostile one can crash or stall a compiler; here that ends this process only.
So this file imports nothing of ours. It reports facts, each kind at most MAX_FACTS times; what
follows from them is decided in `lint`, which also takes the names of this file.
"""

import ast
import json
import sys
from collections.abc import Iterator
from typing import Any

MEMORY_BYTES = 1 << 30  # a source of 512 KB compiles in well under half of it
CPU_SECONDS = 10
MAX_FACTS = 100
NAME_LENGTH = 80


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Modules that no exercise needs: they load, run, inspect or talk to something else.
WATCHED_MODULES = _words(
    """
    _ctypes _io _posixsubprocess _socket _thread _winapi ast asyncio atexit base64 binascii bdb
    builtins code codecs codeop concurrent ctypes dis fcntl ftplib gc http imp importlib inspect
    linecache marshal mmap multiprocessing nt pdb pickle pkgutil posix pty resource runpy select
    selectors shelve signal site smtplib socket socketserver sqlite3 subprocess symtable
    sysconfig syslog telnetlib threading trace traceback tracemalloc urllib webbrowser xmlrpc
    zipimport
    """
)
# Modules that are imported out of habit: worth a look where something of them is used ...
FILE_MODULES = _words("fileinput glob io os pathlib shutil sys tempfile zipfile")
# ... except for these.
HARMLESS = _words(
    """
    sys.argv sys.byteorder sys.exit sys.float_info sys.getsizeof sys.maxsize sys.platform
    sys.stderr sys.stdout sys.version sys.version_info os.path
    """
)
WATCHED_CALLS = _words(
    "breakpoint compile delattr eval exec getattr globals locals open setattr vars"
)
# Attributes that lead out of NumPy or out of a frame, whatever they are attributes of.
WATCHED_ATTRIBUTES = _words(
    """
    _getframe builtins ctypes ctypeslib cr_frame f2py f_back f_builtins f_globals f_locals
    gi_frame importlib os subprocess sys tb_frame DataSource fromfile genfromtxt loadtxt
    memmap open_memmap savetxt savez savez_compressed tofile
    """
)
WATCHED_FUNCTIONS = frozenset({"numpy.load", "numpy.save"})
# Names with two underscores that ordinary classes and scripts write.
ORDINARY_DUNDERS = _words(
    """
    __add__ __all__ __array_ufunc__ __author__ __call__ __contains__ __copyright__ __date__
    __doc__ __email__ __enter__ __exit__ __future__ __getitem__ __init__ __iter__ __len__
    __license__ __main__ __matmul__ __mul__ __name__ __neg__ __next__ __post_init__ __pow__
    __radd__ __repr__ __rmatmul__ __rmul__ __rpow__ __rsub__ __rtruediv__ __setitem__
    __slots__ __str__ __sub__ __truediv__ __version__
    """
)
WATCHED_TEXTS = ("/proc", "/autograder", "/etc/", "hidden_tests", "__builtins__", "__import__")

Fact = tuple[int, str]  # line, what


def is_dunder(name: str) -> bool:
    """Whether this is a name such as `__eq__` that ordinary code does not write."""
    return name[:2] == name[-2:] == "__" and len(name) > 4 and name not in ORDINARY_DUNDERS


def limit(memory_bytes: int) -> None:
    """Limit memory and time of this process, as far as the system lets us."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    except (ImportError, ValueError, OSError):  # macOS does not know RLIMIT_AS
        return


def examine(source: bytes) -> dict[str, Any]:
    """Return {"error": what is wrong} if the source does not compile, else what stands in it."""
    try:
        compile(source, "submission", "exec", dont_inherit=True)
    except SyntaxError as error:
        return {
            "error": {
                "message": str(error.msg)[:500],
                "line": error.lineno or 0,
                "column": error.offset or 0,
                "text": str(error.text or "")[:2000],
            }
        }
    except (RecursionError, MemoryError):
        return {"error": {"message": "too deeply nested or too large for Python", "line": 0}}
    except ValueError as error:  # NUL bytes, before Python 3.12
        return {"error": {"message": str(error)[:500], "line": 0}}
    try:
        return _Reading(ast.parse(source)).facts()
    except Exception:  # noqa: BLE001 - too deep, too large, or made to break what reads it
        return {"unread": True}


class _Reading:
    """What stands in a module: imports, where they are used, and what is worth a look."""

    def __init__(self, tree: ast.Module) -> None:
        self._tree = tree
        self._aliases: dict[str, str] = {}  # name in the source -> "numpy.linalg"
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    top = alias.name.partition(".")[0]
                    self._aliases[alias.asname or top] = alias.name if alias.asname else top
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for alias in node.names:
                    self._aliases[alias.asname or alias.name] = f"{node.module}.{alias.name}"

    def facts(self) -> dict[str, Any]:
        """Return the facts, in the order of their lines."""
        script = self._script()
        nodes = [node for node in ast.walk(self._tree) if id(node) not in script]
        return {
            "imports": _few(fact for node in nodes for fact in self._imports(node)),
            "relative": _few(fact for node in nodes for fact in _relative(node)),
            "uses": self._uses(),
            "odd": _few(fact for node in nodes for fact in self._odd(node)),
        }

    def _script(self) -> set[int]:
        """Return what only runs as a script, never when graded: `if __name__ == "__main__":`.

        A source that gives itself that name has none.
        """
        if any(_binds_name(node) for node in ast.walk(self._tree)):
            return set()
        return {
            id(node)
            for block in self._tree.body
            if isinstance(block, ast.If) and _is_main(block.test)
            for statement in block.body
            for node in ast.walk(statement)
        }

    def _imports(self, node: ast.AST) -> Iterator[Fact]:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name.partition(".")[0]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.lineno, str(node.module).partition(".")[0]

    def _uses(self) -> list[tuple[int, str, str]]:
        """Return (line, function, module) for the first use of each module in each function."""
        first: dict[tuple[str, str], int] = {}
        for top in self._tree.body:
            if not isinstance(top, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                continue
            for node in ast.walk(top):
                found = [module for _, module in self._imports(node)]
                if isinstance(node, ast.Name) and node.id in self._aliases:
                    found.append(self._aliases[node.id].partition(".")[0])
                for module in found:
                    key = (top.name[:NAME_LENGTH], module[:NAME_LENGTH])
                    line = getattr(node, "lineno", 0)
                    first[key] = min(first.get(key, line), line)
        lines = sorted((line, function, module) for (function, module), line in first.items())
        return lines[:MAX_FACTS]

    def _odd(self, node: ast.AST) -> Iterator[Fact]:
        line = getattr(node, "lineno", 0)
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from self._odd_import(node)
        elif isinstance(node, ast.Attribute):
            yield from self._odd_attribute(node)
        elif isinstance(node, ast.Name):
            if node.id in WATCHED_CALLS or is_dunder(node.id):
                yield line, f"uses {node.id}"
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if is_dunder(node.name):
                yield line, f"defines {node.name}"
        elif isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)):
            text = node.value if isinstance(node.value, str) else node.value.decode("latin-1")
            for watched in WATCHED_TEXTS:
                if watched in text:
                    yield line, f"has {watched} in a text"

    def _odd_import(self, node: ast.Import | ast.ImportFrom) -> Iterator[Fact]:
        for _, module in self._imports(node):
            if module in WATCHED_MODULES:
                yield node.lineno, f"imports {module}"
        if isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                if alias.name in WATCHED_ATTRIBUTES or _from_files(full):
                    yield node.lineno, f"imports {full}"

    def _odd_attribute(self, node: ast.Attribute) -> Iterator[Fact]:
        full = self._full_name(node)
        if not isinstance(node.ctx, ast.Load) and full:
            yield node.lineno, f"changes {full}"
        elif node.attr.lstrip("_") in WATCHED_ATTRIBUTES or node.attr in WATCHED_ATTRIBUTES:
            yield node.lineno, f"uses {full or f'.{node.attr}'}"
        elif is_dunder(node.attr):
            yield node.lineno, f"uses .{node.attr}"
        elif full.count(".") == 1 and _from_files(full):
            yield node.lineno, f"uses {full}"

    def _full_name(self, node: ast.Attribute) -> str:
        """Return "numpy.linalg.norm" for `la.norm`, or "" if it is not of an imported module."""
        parts = [node.attr]
        value = node.value
        while isinstance(value, ast.Attribute):
            parts.append(value.attr)
            value = value.value
        if not isinstance(value, ast.Name) or value.id not in self._aliases:
            return ""
        return ".".join([self._aliases[value.id], *reversed(parts)])


def _from_files(full: str) -> bool:
    parts = full.split(".")
    harmless = ".".join(parts[:2]) in HARMLESS
    return full in WATCHED_FUNCTIONS or (parts[0] in FILE_MODULES and not harmless)


def _is_main(test: ast.expr) -> bool:
    """Whether this is `__name__ == "__main__"`."""
    return (
        isinstance(test, ast.Compare)
        and isinstance(test.left, ast.Name)
        and test.left.id == "__name__"
        and [type(operator) for operator in test.ops] == [ast.Eq]
        and isinstance(test.comparators[0], ast.Constant)
        and test.comparators[0].value == "__main__"
    )


def _binds_name(node: ast.AST) -> bool:
    """Whether a node may give `__name__` another value."""
    if isinstance(node, ast.Name):
        return node.id == "__name__" and not isinstance(node.ctx, ast.Load)
    named = [getattr(node, field, None) for field in ("name", "asname", "arg", "rest")]
    return "__name__" in named or "__name__" in getattr(node, "names", ())


def _relative(node: ast.AST) -> Iterator[Fact]:
    if isinstance(node, ast.ImportFrom) and node.level:
        yield node.lineno, f"{'.' * min(node.level, 3)}{node.module or ''}"


def _few(facts: Iterator[Fact]) -> list[Fact]:
    """Return the facts in the order of their lines, each text once."""
    first: dict[str, int] = {}
    for line, what in facts:
        what = what[:NAME_LENGTH]
        first[what] = min(first.get(what, line), line)
    return sorted((line, what) for what, line in first.items())[:MAX_FACTS]


if __name__ == "__main__":
    limit(MEMORY_BYTES)
    sys.stdout.write(json.dumps(examine(sys.stdin.buffer.read())))
