"""Landlock on kernels that are not here, and which files are open."""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys
from pathlib import Path

import pytest

from autograder.sandbox import (
    kernel,
    landlock,
    namespaces,
    reach,
)

ROOT = Path(__file__).resolve().parent.parent


ROOT = Path(__file__).resolve().parent.parent


class FakeKernel:
    """A kernel with some level of Landlock, which may lack a part of what it claims."""

    def __init__(self, abi: int, *, scopes: int = 0b11) -> None:
        self.abi = abi
        self.scopes = scopes
        self.created: list[tuple[int, int, int]] = []

    def call(self, number: int, *arguments: int) -> int:
        """Create a ruleset, or refuse as such a kernel does."""
        if number != 444:
            raise AssertionError(number)
        if arguments[2] == 1:
            return self.abi
        files, network, scopes = struct.unpack("=QQQ", ctypes.string_at(arguments[0], 24))
        known = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16, 6: 16, 7: 16, 8: 16, 9: 17}[self.abi]
        if files >> known or (network and self.abi < 4) or scopes & ~self.scopes:
            raise OSError(errno.EINVAL, "Invalid argument")
        if scopes and self.abi < 6:
            raise OSError(errno.E2BIG, "Argument list too long")
        self.created.append((files, network, scopes))
        return os.open(os.devnull, os.O_RDONLY)


@pytest.mark.parametrize("version", range(1, 10))
def test_every_level_of_landlock_is_used_in_full(monkeypatch, version):
    fake = FakeKernel(version)
    monkeypatch.setattr(kernel, "call", fake.call)
    landlock.Ruleset([]).close()
    ((files, network, scopes),) = fake.created
    rights = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16, 6: 16, 7: 16, 8: 16, 9: 17}[version]
    assert files == (1 << rights) - 1
    assert network == (0b11 if version >= 4 else 0)
    assert scopes == (0b11 if version >= 6 else 0)


def test_a_kernel_that_claims_more_than_it_has_is_asked_for_less(monkeypatch):
    fake = FakeKernel(6, scopes=0b01)
    monkeypatch.setattr(kernel, "call", fake.call)
    landlock.Ruleset([]).close()
    assert fake.created == [((1 << 16) - 1, 0b11, 0b01)]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (errno.ENOSYS, "Linux 5.13"),
        (errno.EOPNOTSUPP, "not enabled at boot"),
        (errno.EPERM, "seccomp profile"),
    ],
)
def test_why_there_is_no_landlock_is_said(monkeypatch, code, reason):
    def call(*_: int) -> int:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(kernel, "call", call)
    with pytest.raises(OSError, match=reason):
        landlock.abi()


def test_off_linux_every_call_of_the_kernel_says_so(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    kernel._libc.cache_clear()
    try:
        with pytest.raises(OSError, match="darwin is not Linux"):
            kernel.prctl(1, 0)
        with pytest.raises(OSError, match="darwin is not Linux"):
            kernel.call(39)
    finally:
        kernel._libc.cache_clear()


def test_a_folder_with_something_shut_in_it_is_opened_child_by_child(tmp_path):
    for name in ("lib/a/b", "lib/site-packages/torch", "lib/c"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "lib/file.py").touch()
    (tmp_path / "lib/link").symlink_to(tmp_path / "lib/site-packages")
    shut = {str(tmp_path / "lib/site-packages")}
    found = dict(reach._open(str(tmp_path / "lib"), shut))
    relative = {path.removeprefix(f"{tmp_path}/"): access for path, access in found.items()}
    assert relative == {
        "lib": landlock.READ_DIR,
        "lib/a": landlock.READ,
        "lib/c": landlock.READ,
        "lib/file.py": landlock.READ,
    }


def test_no_rule_opens_a_folder_of_packages_the_engine_or_what_is_above():
    rules = reach.rules(["numpy"], closed=[ROOT])
    opened = [Path(rule.path) for rule in rules if rule.access & landlock.READ_FILE]
    shut = [*reach.package_folders(reach.library_folders()), ROOT]
    assert not [(path, folder) for path in opened for folder in shut if folder.is_relative_to(path)]
    assert any(path.name == "numpy" for path in opened)


def test_what_a_package_requires_is_opened_with_it():
    names = {path.name for path in reach.package_paths(["pytest"])}
    assert {"pytest", "_pytest", "pluggy", "iniconfig"} <= names
    assert "numpy" not in names


def test_bubblewrap_shows_listed_packages_and_neither_the_engine_s_folder_nor_home(monkeypatch):
    monkeypatch.setattr(namespaces.shutil, "which", lambda name: f"/usr/bin/{name}")
    command = namespaces.wrap(["python", "x"], ["numpy"])
    shown = [Path(command[n + 2]) for n, word in enumerate(command) if word == "--ro-bind"]
    covered = [Path(command[n + 1]) for n, word in enumerate(command) if word == "--tmpfs"]
    assert ROOT not in shown
    assert not [path for path in shown if Path.home().is_relative_to(path)]
    assert ROOT / "student_kit" in shown
    assert any(path.name == "numpy" for path in shown)
    assert {"site-packages", "dist-packages"} & {path.name for path in covered}
    assert command[-2:] == ["python", "x"]
    assert {"--unshare-all", "--die-with-parent"} <= set(command)
