"""How long the convolutions of homework 4's reference take, beside PyTorch's, each on one thread.

    python benchmarks/convolutions.py

32 images of 16 channels and 32 x 32 pixels, 32 filters of 3 x 3, padding 1. Both run alternately,
and the best of several runs counts, so that a busy machine disturbs both alike. Arrays of the
homework are float64; in float32 PyTorch has kernels of its own (oneDNN), which is shown for
comparison, without a goal.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "solutions/hw4_convolutions"
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
X_SHAPE, WEIGHT_SHAPE, OPTIONS = (32, 16, 32, 32), (32, 16, 3, 3), {"stride": 1, "padding": 1}
GOALS = {"conv2d_forward": 3.0, "conv2d_backward": 4.0}
RUNS = 15
Run = Callable[[], Sequence[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One function beside PyTorch's, best times in milliseconds."""

    function: str
    dtype: str
    ours: float
    theirs: float
    goal: float | None  # how many times as long as PyTorch it may take

    @property
    def ratio(self) -> float:
        """How many times as long as PyTorch it takes."""
        return self.ours / self.theirs


def table(runs: int = RUNS) -> list[Compared]:
    """Measure in a process of its own, in which NumPy has one thread from the start."""
    command = [sys.executable, __file__, "--json", str(runs)]
    environment = {**os.environ, **ONE_THREAD}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    return [Compared(**row) for row in json.loads(done.stdout)]


def measure(runs: int) -> list[Compared]:
    """Measure in this process, after making sure that both compute the same."""
    import numpy as np

    rows = []
    for dtype in ("float64", "float32"):
        for function, (ours, theirs) in both(dtype).items():
            for found, expected in zip(ours(), theirs(), strict=True):
                np.testing.assert_allclose(found, expected.detach().numpy(), rtol=1e-3, atol=1e-3)
            times = [(seconds(ours), seconds(theirs)) for _ in range(runs)]
            best = [1e3 * min(column) for column in zip(*times, strict=True)]
            goal = GOALS[function] if dtype == "float64" else None
            rows.append(
                Compared(function=function, dtype=dtype, ours=best[0], theirs=best[1], goal=goal)
            )
    return rows


def both(dtype: str) -> dict[str, tuple[Run, Run]]:
    """Return the reference's functions and PyTorch's, ready to run, each returning its arrays."""
    import numpy as np
    import torch

    sys.path.insert(0, str(REFERENCE))
    import conv

    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    shapes = (X_SHAPE, WEIGHT_SHAPE, WEIGHT_SHAPE[:1])
    arrays = [rng.normal(size=shape).astype(dtype) for shape in shapes]
    tensors = [torch.tensor(array, requires_grad=True) for array in arrays]
    out = torch.nn.functional.conv2d(*tensors, **OPTIONS)
    grad = torch.tensor(rng.normal(size=out.shape).astype(dtype))
    return {
        "conv2d_forward": (
            lambda: [conv.conv2d_forward(*arrays, **OPTIONS)],
            lambda: [torch.nn.functional.conv2d(*tensors, **OPTIONS)],
        ),
        "conv2d_backward": (
            lambda: conv.conv2d_backward(grad.numpy(), *arrays[:2], **OPTIONS),
            lambda: torch.autograd.grad(out, tensors, grad, retain_graph=True),
        ),
    }


def seconds(run: Run) -> float:
    """Return how long one run takes."""
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def main() -> int:
    """Print the table, or, for `table`, its rows."""
    if sys.argv[1:2] == ["--json"]:
        print(json.dumps([asdict(row) for row in measure(int(sys.argv[2]))]))
        return 0
    for row in table():
        goal = "" if row.goal is None else f"   goal <= {row.goal:g}"
        times = f"ours {row.ours:6.1f} ms   PyTorch {row.theirs:6.1f} ms   ratio {row.ratio:5.2f}"
        print(f"{row.function:16s} {row.dtype}   {times}{goal}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
