"""Make the surnames of homework 4 out of those that the Python package faker brings along.

    apt-get download python3-fake-factory=0.9.3-2
    python tools/make_surnames.py python3-fake-factory_0.9.3-2_all.deb

That is faker 0.9.3 as Debian 12 packages it. Its files are read out of the archive and parsed, not
run: nothing is installed. Accents are taken off, names that two of the languages have are left out,
and a fixed seed draws which are kept and which of these are held out; so the same package gives the
same names again.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import io
import json
import sys
import tarfile
import unicodedata
from collections import Counter
from pathlib import Path

import numpy as np

OUT = Path(__file__).resolve().parent.parent / "assignments/hw4_convolutions/data/surnames.json"
SHA256 = "697fbc68d18d8f8e1df0f348fd0e5965e38fa028cbf72c1a29f5acc92a4ab14f"
PROVIDERS = "./usr/lib/python3/dist-packages/faker/providers/person/{}/__init__.py"
SOURCES = {  # which locales of faker have the surnames of a language, and under which names
    "Croatian": ["hr_HR"],
    "Dutch": ["nl_NL"],
    "English": ["en_US", "en_GB"],
    "Finnish": ["fi_FI"],
    "French": ["fr_FR", "fr_CH"],
    "German": ["de_DE", "de_AT", "de_CH"],
    "Polish": ["pl_PL"],
    "Spanish": ["es_ES"],
}
TABLES = ("last_names", "unisex_last_names")
LETTERS = set("abcdefghijklmnopqrstuvwxyz'- ")
UNLIKE = str.maketrans({"ß": "ss", "ł": "l", "đ": "d", "ø": "o", "æ": "ae", "œ": "oe"})
MOST = 800  # surnames per language
LONGEST = 16  # letters
HELD_OUT = 0.2
SEED = 0


def main() -> int:
    """Write surnames.json out of the package that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("package", type=Path)
    chosen = split(fold(read(parser.parse_args().package)))
    OUT.write_text(as_json(chosen), encoding="ascii", newline="\n")
    for part, names in chosen.items():
        print(part, sum(map(len, names.values())), {key: len(names[key]) for key in names})
    print(f"sha256 of {OUT.name}: {hashlib.sha256(OUT.read_bytes()).hexdigest()}")
    return 0


def read(package: Path) -> dict[str, set[str]]:
    """Return the surnames of each language as faker has them."""
    content = package.read_bytes()
    if hashlib.sha256(content).hexdigest() != SHA256:
        sys.exit(f"{package} is not python3-fake-factory 0.9.3-2")
    found: dict[str, set[str]] = {}
    with tarfile.open(fileobj=io.BytesIO(member(content, "data.tar.xz"))) as archive:
        for language, locales in SOURCES.items():
            found[language] = set()
            for locale in locales:
                file = archive.extractfile(PROVIDERS.format(locale))
                assert file is not None
                found[language] |= surnames(file.read().decode("utf-8"))
    return found


def member(archive: bytes, name: str) -> bytes:
    """Return a file out of an `ar` archive, which a Debian package is."""
    at = len(b"!<arch>\n")
    while at < len(archive):
        header = archive[at : at + 60]
        size = int(header[48:58])
        if header[:16].decode().strip(" /") == name:
            return archive[at + 60 : at + 60 + size]
        at += 60 + size + size % 2
    sys.exit(f"the package has no {name}")


def surnames(source: str) -> set[str]:
    """Return all strings of the tables of surnames in a Python file."""
    return {
        constant.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id in TABLES
        for constant in ast.walk(node.value)
        if isinstance(constant, ast.Constant) and isinstance(constant.value, str)
    }


def fold(found: dict[str, set[str]]) -> dict[str, list[str]]:
    """Return the names in plain lower-case letters, without those that two languages have."""
    plain = {
        language: {
            "".join(
                letter
                for letter in unicodedata.normalize("NFKD", name.lower().translate(UNLIKE))
                if not unicodedata.combining(letter)
            )
            for name in names
        }
        for language, names in found.items()
    }
    languages = Counter(name for names in plain.values() for name in names)
    return {
        language: sorted(
            name
            for name in names
            if languages[name] == 1 and len(name) <= LONGEST and set(name) <= LETTERS
        )
        for language, names in plain.items()
    }


def split(names: dict[str, list[str]]) -> dict[str, dict[str, list[str]]]:
    """Return the names to train on and those held out, by part and language."""
    rng = np.random.default_rng(SEED)
    parts: dict[str, dict[str, list[str]]] = {"train": {}, "test": {}}
    for language, known in names.items():
        drawn = [known[i] for i in rng.permutation(len(known))[:MOST]]
        held_out = round(HELD_OUT * len(drawn))
        parts["train"][language] = sorted(drawn[held_out:])
        parts["test"][language] = sorted(drawn[:held_out])
    return parts


def as_json(chosen: dict[str, dict[str, list[str]]]) -> str:
    """Return the parts as JSON, with one line for each language."""
    parts = []
    for part, names in chosen.items():
        lines = (f'  "{language}": {json.dumps(names[language])}' for language in names)
        parts.append(f' "{part}": {{\n' + ",\n".join(lines) + "\n }")
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    sys.exit(main())
