"""Each kernel layer is what stops its attacks: without it, the same attack succeeds.

A layer is switched off by the `without` fixture, which nothing but a test can reach. What succeeds
is harmless: it stays in folders of this test run, in processes of its own, and on 127.0.0.1.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from autograder.batch import Failure
from autograder.sandbox.client import Sandbox
from autograder.sandbox.layers import Layer

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the layers are Linux's")

FILES = (Layer.LANDLOCK, Layer.UID)  # a private uid alone keeps private folders closed too
CALLS = (Layer.SECCOMP,)

OPENED = [  # attack, layers that are switched off, what it gets then
    ("kernel/05_reads_hidden_files", FILES, "opened: GOT"),
    ("kernel/10_overwrites_results", (*FILES, *CALLS), "written: GOT"),
    ("kernel/78_metadata", (*FILES, *CALLS), "mode: GOT"),
    ("kernel/23_signals", (*FILES, *CALLS), "zygote: GOT"),
    ("kernel/24_priorities", (*FILES, *CALLS), "limit: GOT"),
    ("kernel/30_forks", CALLS, "fork: GOT"),
    ("kernel/40_shells_out", (*FILES, *CALLS), "run: GOT"),
    ("kernel/42_newer_calls", CALLS, "memory_file: GOT"),
    ("kernel/43_network", (*FILES, *CALLS), "connect: GOT"),
    ("kernel/54_forbidden_libraries", FILES, "from_path: GOT"),
    ("kernel/45_privileges", tuple(Layer), "new_privileges: GOT"),
    ("resources/29_memory", (Layer.LIMITS,), "one piece: GOT"),
    ("resources/33_descriptors", (Layer.LIMITS,), "files: GOT"),
]


@pytest.mark.parametrize(("name", "layers", "got"), OPENED, ids=[name for name, *_ in OPENED])
def test_without_its_layer_the_attack_succeeds(name, layers, got, attacks, house, without, said):
    without(*layers)
    grade = house.grade({name: attacks[name].source}, jobs=1, allow_weak=True)[name]
    house.restore_results()
    while _accepted(house.connections):
        pass
    assert not isinstance(grade, Failure), grade.reason
    assert grade.points == 0
    assert re.search(got, said(grade)), said(grade)


def test_even_without_its_layer_no_process_survives(attacks, house, without):
    without(Layer.SECCOMP)
    house.grade({"forks": attacks["kernel/30_forks"].source}, jobs=1, allow_weak=True)
    names = [
        path.parent.name
        for path in Path("/proc").glob("[0-9]*/comm")
        if os.access(path, os.R_OK) and path.read_bytes().strip() == house.token[:15].encode()
    ]
    assert not names


def test_by_default_no_layer_is_left_out(toy):
    sandbox = Sandbox(toy.limits)
    try:
        assert sandbox.plan.without == frozenset()
        off = [fact for fact in sandbox.layers if "switched off" in fact.detail]
    finally:
        sandbox.close()
    assert not off


def _accepted(server) -> bool:
    try:
        connection, _ = server.accept()
    except BlockingIOError:
        return False
    connection.close()
    return True
