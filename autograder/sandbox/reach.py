"""Which files a worker may read: the interpreter, shared libraries, and the listed packages.

    names of packages + where this interpreter lives -> [reach] -> Landlock rules

Everything that is not named stays out of reach: hidden tests, the engine, other packages. A
folder of packages (`site-packages`) is never named as a whole, so that a library that an
assignment does not list cannot be loaded, by whatever route. The folders that hold one are named
child by child, and may be listed, because Python's import looks into them.

Runs in the zygote, which is ours, and fresh: no student code has been there.
"""

from __future__ import annotations

import importlib.util
import os
import re
import site
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from autograder.sandbox import landlock
from autograder.sandbox.landlock import Rule

PACKAGE_FOLDERS = ("site-packages", "dist-packages")
_FILES = """
    /etc/ld.so.cache /etc/localtime /proc/cpuinfo /proc/meminfo
    /dev/zero /dev/random /dev/urandom /usr/share/zoneinfo /usr/share/fonts
""".split()  # noqa: SIM905 - reads better as words
_LIBRARIES = ("/usr/lib64", "/usr/local/lib", "/lib64")


def rules(packages: Sequence[str], *, closed: Iterable[Path]) -> list[Rule]:
    """Return the rules for what a worker reads: hundreds, where folders have to be split.

    Args:
        packages: import names that the assignment lists, such as "numpy".
        closed: folders that stay out of reach although they may lie inside of what is open.
    """
    roots = library_folders()
    shut = {*package_folders(roots), *(path.resolve() for path in closed)}
    found: dict[str, int] = {}
    for root in roots:
        for path, access in _open(str(root), {str(path) for path in shut}):
            found[path] = found.get(path, 0) | access
    return _rules({**found, **_named(packages)})


def coarse_rules(packages: Sequence[str]) -> list[Rule]:
    """Return a few rules that open all that `rules` opens, and more."""
    return _rules({**dict.fromkeys(map(str, library_folders()), landlock.READ), **_named(packages)})


def _named(packages: Sequence[str]) -> dict[str, int]:
    found = dict.fromkeys((*_FILES, *map(str, package_paths(packages))), landlock.READ)
    found["/dev/null"] = landlock.READ | landlock.WRITE_FILE
    return found


def _rules(found: dict[str, int]) -> list[Rule]:
    wanted = (landlock.rule(path, access) for path, access in _outermost(found))
    return [item for item in wanted if item is not None]


def library_folders() -> tuple[Path, ...]:
    """Return the folders of the standard library and of shared libraries."""
    base = Path(sys.base_prefix)
    multiarch = Path("/usr/lib") / getattr(sys.implementation, "_multiarch", "")
    system = multiarch if multiarch.is_dir() else Path("/usr/lib")
    candidates = [Path(os.__file__).parent, system, *map(Path, _LIBRARIES)]
    if base != Path("/usr"):
        candidates += [base / "lib", base / "lib64"]
    return tuple(dict.fromkeys(path.resolve() for path in candidates if path.is_dir()))


def package_folders(roots: Iterable[Path]) -> set[Path]:
    """Return every folder of installed packages, in `roots` and on Python's path."""
    known = [*site.getsitepackages(), *site.getsitepackages([sys.base_prefix]), *sys.path]
    found = {Path(path).resolve() for path in known if Path(path).name in PACKAGE_FOLDERS}
    for root in roots:
        parents = [root, *(root / name for name in os.listdir(root) if name.startswith("python"))]  # noqa: PTH208 - glob is slow on thousands
        found.update((parent / name).resolve() for parent in parents for name in PACKAGE_FOLDERS)
    return {path for path in found if path.is_dir()}


def package_paths(packages: Iterable[str]) -> list[Path]:
    """Return the files and folders of the packages, of what they need, and of their libraries."""
    found: list[Path] = []
    for name in _with_requirements(packages):
        spec = importlib.util.find_spec(name)
        if spec is None:
            continue
        places = [Path(place) for place in spec.submodule_search_locations or ()]
        if not places and spec.origin is not None and Path(spec.origin).is_file():
            places = [Path(spec.origin)]
        found += places
        found += [place.with_name(f"{name}.libs") for place in places]
    return [path for path in found if path.exists()]


def _with_requirements(packages: Iterable[str]) -> list[str]:
    """Return the packages and all that they need, as import names; NumPy needs nothing."""
    found: dict[str, None] = {}
    waiting = list(packages)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found[name] = None
        if name == "numpy" or name in sys.stdlib_module_names:
            continue
        from importlib import metadata  # slow to import, and most assignments list NumPy alone

        try:
            distribution = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        tops = {file.parts[0].partition(".")[0] for file in distribution.files or ()}
        waiting += [top for top in tops if top.isidentifier() and top not in found]
        waiting += [
            re.split(r"[^\w.-]", line, maxsplit=1)[0].replace("-", "_")
            for line in distribution.requires or ()
            if "extra ==" not in line
        ]
    return [name for name in found if name.isidentifier() and name != "__pycache__"]


def _open(folder: str, shut: set[str]) -> Iterator[tuple[str, int]]:
    """Yield what to open of a folder: itself, or, if something below is shut, its children."""
    if folder in shut:
        return
    if not any(path.startswith(f"{folder}/") for path in shut):
        yield folder, landlock.READ
        return
    yield folder, landlock.READ_DIR
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _open(entry.path, shut)
            elif entry.is_file():  # a link to a folder opens nothing: its target may hold packages
                yield entry.path, landlock.READ


def _outermost(found: dict[str, int]) -> Iterator[tuple[str, int]]:
    """Leave out what lies in a folder that is open as a whole."""
    whole = {path for path, access in found.items() if access & landlock.READ_FILE}
    for path, access in found.items():
        parents = (path[:n] for n, letter in enumerate(path) if letter == "/" and n)
        if access & ~landlock.READ or not any(parent in whole for parent in parents):
            yield path, access
