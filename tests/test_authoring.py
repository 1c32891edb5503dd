"""docs/authoring.md is followed to the letter, in an empty course."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder import cli, new
from autograder.errors import UsageError

PAGE = Path(__file__).resolve().parents[1] / "docs" / "authoring.md"
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TARGET = re.compile(r"(Append to|Write) `([^`]+)`:\s*$")


def steps() -> Iterator[tuple[str, str, str]]:
    """Yield (what to do, with which file, text) for each block of the walk."""
    page = PAGE.read_text(encoding="utf-8")
    walk = page[page.index("## A first assignment") : page.index("## What a test can hold")]
    for fence in FENCE.finditer(walk):
        language, text = fence.groups()
        target = TARGET.search(walk[: fence.start()])
        if language == "sh":
            yield "run", "", text
        elif target:
            yield target[1], target[2], text
        else:
            yield "read", "", text


def run(command: str) -> int:
    """Run one line of the page and return its exit code."""
    return cli.main(shlex.split(command, comments=True)[1:])


@pytest.mark.filterwarnings("default")
def test_the_walk_for_authors_goes_as_the_page_says(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    printed = ""
    done = []
    for what, file, text in steps():
        done.append(what)
        path = tmp_path / file
        if what == "Write":
            path.write_text(text, encoding="utf-8")
        elif what == "Append to":
            path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")
        elif what == "read":  # what the command before it has printed, line breaks aside
            assert " ".join(text.split()) in " ".join(printed.split())
        else:
            for command in text.splitlines():
                code = run(command)
                printed = capsys.readouterr().out
                assert code == (1 if "# exit code 1" in command else 0), (command, printed)
    assert done.count("run") == 3
    assert done.count("read") == 1
    assert (tmp_path / "dist" / "hw5_example-gradescope.zip").is_file()


@pytest.mark.parametrize("name", ["Hw5", "hw-5", "5hw", "hw__5", "../hw5", "", "hw5_"])
def test_a_bad_name_is_refused(tmp_path, name):
    with pytest.raises(UsageError, match="is no name for an assignment"):
        new.create(tmp_path, name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("part", ["assignments", "solutions"])
def test_folders_that_exist_are_left_alone(tmp_path, part):
    (tmp_path / part / "hw5").mkdir(parents=True)
    with pytest.raises(UsageError, match="hw5 exists already"):
        new.create(tmp_path, "hw5")
    assert [p.name for p in tmp_path.iterdir()] == [part]
