"""Debian root file systems, and the network as this machine is configured to reach it.

    suite + the mirror that apt uses here -> [debootstrap] -> .cache/platform/<suite>/rootfs

A root file system is made once and then kept: containers are layers above it. Addresses of mirrors
and indexes, proxies and certificates are taken from this machine and end in the cache alone.
"""

from __future__ import annotations

import hashlib
import lzma
import os
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from pathlib import Path

TOOLS = {"debootstrap": "debootstrap", "runc": "runc"}  # command -> Debian package
PROFILE_PACKAGE = "golang-github-docker-docker-dev"  # the sources of Docker, as Debian has them
PROFILE = "usr/share/gocode/src/github.com/docker/docker/profiles/seccomp/default.json"
# what a base image has and minbase has not; never python3-venv, which setup.sh has to install
PACKAGES = ("python3", "ca-certificates")
SUITES = ("bookworm", "trixie", "forky", "sid")  # oldest first
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
CONFIGURATION = ("/etc/pip.conf", "/etc/xdg/pip", "/etc/apt/auth.conf", "/etc/apt/auth.conf.d")
OF_THIS_APT = tuple(f"Acquire::{name}" for name in ("IndexTargets", "CompressionTypes", "cdrom"))
FOR_NETWORK = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
FOR_NETWORK_PREFIXES = ("PIP_", "SSL_CERT_", "REQUESTS_CA_")


def install_tools() -> list[str]:
    """Install the Debian packages of the tools that are missing; return their names."""
    missing = [package for tool, package in TOOLS.items() if shutil.which(tool) is None]
    if missing:
        run("apt-get", "update", "-qq")
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing, env=environment)
    return missing


def seccomp_profile(cache: Path) -> tuple[Path, str]:
    """Return Docker's default profile, out of Debian's package of its sources, and its version."""
    folder = cache / "docker-sources"
    path = folder / PROFILE
    version = folder / "version.txt"
    if not version.is_file():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        run("apt-get", "download", "-qq", PROFILE_PACKAGE, cwd=folder)
        (package,) = folder.glob(f"{PROFILE_PACKAGE}_*.deb")
        run("dpkg-deb", "-x", str(package), str(folder))
        version.write_text(run("dpkg-deb", "-f", str(package), "Version"), encoding="utf-8")
    return path, version.read_text(encoding="utf-8").strip()


def mirror() -> str:
    """Return the address of the archive from which this machine installs Debian."""
    form = "$(REPO_URI) $(ORIGIN) $(LABEL) $(COMPONENT)"
    rows = run("apt-get", "indextargets", "--format", form, "Created-By: Packages").splitlines()
    found = [
        address for address, *facts in map(str.split, rows) if facts == ["Debian", "Debian", "main"]
    ]
    if not found:
        sys.exit("platform box: apt knows no archive of Debian here; add one to its sources")
    return found[0].rstrip("/")


def python_of(suite: str, archive: str) -> str:
    """Return the version of python3 that a suite brings, "" if the archive does not have it."""
    machine = run("dpkg", "--print-architecture").strip()
    index = f"{archive}/dists/{suite}/main/binary-{machine}/Packages.xz"
    try:
        with urllib.request.urlopen(index, timeout=60) as answer:
            text = lzma.decompress(answer.read()).decode("utf-8", errors="replace")
    except (urllib.error.URLError, lzma.LZMAError):
        return ""
    found = re.search(r"^Package: python3\n(?:.+\n)*?Version: (\d+\.\d+)", text, re.MULTILINE)
    return found[1] if found else ""


def make(suite: str, archive: str, cache: Path) -> tuple[Path, bool]:
    """Return a suite's root file system, and whether it was there already."""
    recipe = hashlib.sha256("\n".join([suite, archive, *PACKAGES]).encode()).hexdigest()[:16]
    folder = cache / suite
    root, stamp = folder / "rootfs", folder / "recipe.txt"
    there = stamp.is_file() and stamp.read_text(encoding="utf-8") == recipe
    if not there:
        stamp.unlink(missing_ok=True)
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir(parents=True)
        include = f"--include={','.join(PACKAGES)}"
        log = folder / "debootstrap.log"
        run("debootstrap", "--variant=minbase", include, suite, str(root), archive, log=log)
        shutil.rmtree(root / "var/cache/apt/archives", ignore_errors=True)
        stamp.write_text(recipe, encoding="utf-8")
    _reach_network(root, suite, archive)
    return root, there


def _reach_network(root: Path, suite: str, archive: str) -> None:
    """Have apt and pip in a root file system reach what they reach on this machine."""
    sources = root / "etc/apt/sources.list"
    sources.write_text(f"deb {archive} {suite} main\n", encoding="utf-8")
    settings = run("apt-config", "dump", "--no-empty", "--format", '%F "%v";%n', "Acquire")
    # what belongs to this machine's version of apt, another version brings its own
    kept = [line for line in settings.splitlines() if not line.startswith(OF_THIS_APT)]
    (root / "etc/apt/apt.conf.d/90here").write_text("\n".join([*kept, ""]), encoding="utf-8")
    for name in (*CONFIGURATION, CERTIFICATES):
        path, copy = Path(name), root / name[1:]
        copy.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            shutil.copytree(path, copy, dirs_exist_ok=True)
        elif path.is_file():
            shutil.copyfile(path, copy)


def network_environment() -> dict[str, str]:
    """Return the variables of this machine that pip and apt need to reach what they install."""
    return {
        name: value
        for name, value in os.environ.items()
        if name in FOR_NETWORK or name.startswith(FOR_NETWORK_PREFIXES)
    }


def binds(environment: dict[str, str]) -> list[tuple[Path, str]]:
    """Return what of this machine set-up needs to see: (path here, path in the box)."""
    return [(path, str(path)) for path in _named(environment.values()) if path.exists()]


def _named(values: Iterable[str]) -> Iterator[Path]:
    """Yield the resolver's files, and files and folders that variables name."""
    yield from (Path("/etc/resolv.conf"), Path("/etc/hosts"))
    for value in values:
        path = Path(value.removeprefix("file://"))
        # certificates are in the image already, at the same place
        if path.is_absolute() and not path.is_relative_to("/etc/ssl"):
            yield path


def run(
    *command: str,
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
    log: Path | None = None,
) -> str:
    """Run a command and return its output; end with all of it if the command fails."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if log else subprocess.PIPE,
        text=True,
        check=False,
    )
    if log:
        log.write_text(done.stdout, encoding="utf-8")
    if done.returncode:
        said = (done.stdout + (done.stderr or ""))[-4000:]
        sys.exit(f"platform box: {' '.join(command)} failed ({done.returncode}):\n{said}")
    return done.stdout
