"""Say plainly what keeps this Python from checking the homework, before anything else is imported.

The launchers `check.py` and `submit.py` call `stop_if_unusable` first. Only modules that Python
itself has loaded already may be imported at the top: a student's file named `random.py` hides
Python's own, and must be named here instead of breaking an import somewhere in numpy.
"""

from __future__ import annotations

import os
import sys

PACKAGES = ("numpy", "pytest")
_PYTEST_NEEDED = (7, 0)


def folder_of(launcher: str) -> str:
    """Return the absolute folder of a launcher's `__file__`, and make it importable."""
    folder = os.path.dirname(os.path.abspath(launcher))  # noqa: PTH100, PTH120 - pathlib may be hidden
    if folder not in sys.path:
        sys.path.insert(0, folder)
    return folder


def stop_if_unusable(folder: str, *, needs_packages: bool = True) -> None:
    """Leave with exit code 1 and a message if something is missing or in the way.

    Args:
        folder: the homework's folder.
        needs_packages: whether numpy and pytest are needed.
    """
    accept_any_text()
    problem = hiding_file(folder)
    if not problem and needs_packages:
        problem = missing_packages()
    if problem:
        sys.exit(problem)


def accept_any_text() -> None:
    """Make printing safe: a letter that this terminal or pipe cannot show becomes `?`."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def hiding_file(folder: str) -> str:
    """Return what to say of a file that hides a module of Python or of a library, else ""."""
    taken = sys.stdlib_module_names | set(PACKAGES)
    for name in sorted(os.listdir(folder)):  # noqa: PTH208 - pathlib may be hidden
        stem, extension = os.path.splitext(name)  # noqa: PTH122 - pathlib may be hidden
        if extension == ".py" and stem in taken:
            return (
                f"{name} in this folder hides the module {stem!r} that Python, numpy or pytest "
                f"need.\nRename it, for example to my_{name}, and try again.\n  folder: {folder}"
            )
    return ""


def missing_packages() -> str:
    """Return what to say if numpy or pytest is missing, broken or too old, else ""."""
    missing: list[str] = []
    broken: list[str] = []
    for package in PACKAGES:
        try:
            module = __import__(package)
        except ModuleNotFoundError as error:
            if error.name == package:
                missing.append(package)
            else:
                broken.append(f"{package} is installed, but does not work: {error}")
        except Exception as error:  # noqa: BLE001 - whatever it is, the student is told
            broken.append(f"{package} is installed, but does not work: {_first_line(error)}")
        else:
            if package == "pytest" and _version(module) < _PYTEST_NEEDED:
                found = ".".join(map(str, _version(module)))
                broken.append(f"pytest 7 or newer is needed, and this is pytest {found}")
    lines = [f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing."] * bool(
        missing
    ) + broken
    if not lines:
        return ""
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    lines.append(f"This is Python {version}, {sys.executable}\nType this, then try again:")
    return "\n".join([*lines, *_install_commands(missing, upgrade=bool(broken))])


def missing_libraries(names: tuple[str, ...]) -> str:
    """Return what to say of libraries that the homework is about and that are missing, else ""."""
    import importlib.util  # not before `hiding_file` has looked

    missing = [name for name in names if importlib.util.find_spec(name) is None]
    if not missing:
        return ""
    verb = "is" if len(missing) == 1 else "are"
    lines = [f"{' and '.join(missing)} {verb} missing: this homework is written with it."]
    return "\n".join([*lines, "Type this, then try again:", *_install_commands(missing)])


def _install_commands(missing: list[str], *, upgrade: bool = False) -> list[str]:
    python = f'"{sys.executable}"' if " " in sys.executable else sys.executable
    if sys.platform == "win32" and python.startswith('"'):
        python = f"& {python}"  # PowerShell takes a quoted program for a text
    in_environment = sys.prefix != sys.base_prefix
    library = os.path.dirname(os.__file__)  # noqa: PTH120 - pathlib may be hidden
    managed = os.path.exists(os.path.join(library, "EXTERNALLY-MANAGED"))  # noqa: PTH110, PTH118
    if managed and not in_environment:
        # pip refuses to install into the system's Python on Debian, Ubuntu and Homebrew
        return [
            f"  {python} -m venv .venv",
            f"  .venv/bin/python -m pip install {' '.join(dict.fromkeys([*PACKAGES, *missing]))}",
            f"  .venv/bin/python {os.path.basename(sys.argv[0])}",  # noqa: PTH119
        ]
    options = "--upgrade --force-reinstall " if upgrade else ""
    return [f"  {python} -m pip install {options}{' '.join(PACKAGES if upgrade else missing)}"]


def _version(module: object) -> tuple[int, ...]:
    numbers = str(getattr(module, "__version__", "0")).split(".")[:2]
    return tuple(int(n) if n.isdigit() else 0 for n in numbers)


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
