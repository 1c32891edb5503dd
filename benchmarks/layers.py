"""How long a worker takes to be ready, with all layers and with each one left out."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from autograder.assignment import Limits
from autograder.sandbox import client, confine
from autograder.sandbox.layers import Layer

WORKERS = 10  # per nest
SOURCES = {"optim": b"import numpy as np\n\ndef step(x):\n    return x + 1\n"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """Times of one set of layers, in milliseconds, medians."""

    without: tuple[Layer, ...]
    nest: float  # from the request to a nest that has compiled the submission
    worker: float  # from the request to a worker that is confined
    worst: float  # the 95th percentile of that


def measure(rounds: int) -> list[Ready]:
    """Measure all layers, each one left out, and none, in turns, so that a busy machine is fair."""
    inner = [layer for layer in Layer if layer is not Layer.NAMESPACES]
    sets = [(), *((layer,) for layer in inner), tuple(inner)]
    sandboxes = [_sandbox(without) for without in sets]
    nests: list[list[float]] = [[] for _ in sets]
    workers: list[list[float]] = [[] for _ in sets]
    try:
        for number in range(rounds + 1):
            for sandbox, its_nests, its_workers in zip(sandboxes, nests, workers, strict=True):
                nest, ready = _one_submission(sandbox)
                if number:  # the first round is not counted
                    its_nests.append(nest)
                    its_workers += ready
    finally:
        for sandbox in sandboxes:
            sandbox.close()
    return [
        Ready(
            without=without,
            nest=1e3 * statistics.median(its_nests),
            worker=1e3 * statistics.median(its_workers),
            worst=1e3 * statistics.quantiles(its_workers, n=20)[-1],
        )
        for without, its_nests, its_workers in zip(sets, nests, workers, strict=True)
    ]


def _one_submission(sandbox: client.Sandbox) -> tuple[float, list[float]]:
    """Return the seconds that a nest and each of its workers took to be ready."""
    started = time.perf_counter()
    nest = sandbox.nest(client.Job(sources=SOURCES, seed=0))
    assert nest.compiled
    opened = time.perf_counter() - started
    seconds = []
    for _ in range(WORKERS):
        started = time.perf_counter()
        (worker,) = nest.spawn([client.NOTHING])
        worker.wait_confined()
        seconds.append(time.perf_counter() - started)
        nest.kill(worker)
        worker.close()
    nest.close()
    return opened, seconds


def _sandbox(without: tuple[Layer, ...]) -> client.Sandbox:
    with _left_out(without):
        sandbox = client.Sandbox(Limits())
    assert sandbox.layers  # the zygote has started
    return sandbox


@contextmanager
def _left_out(without: tuple[Layer, ...]) -> Iterator[None]:
    plan = confine.plan

    def weaker(limits: Limits, *others: tuple[str, ...]) -> confine.Plan:
        return replace(plan(limits, *others), without=frozenset(without))

    confine.plan = weaker
    try:
        yield
    finally:
        confine.plan = plan
