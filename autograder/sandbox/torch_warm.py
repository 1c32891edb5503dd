"""Load what PyTorch loads at its first use, so that no worker has to.

Only where an assignment is about PyTorch: the zygote imports this after torch, and so does the
grader, whose tests run in forks too. What nobody here needs, its compiler, is left out.
"""

from __future__ import annotations

import importlib
from typing import Any

from autograder.sandbox import lazy_compiler


def warm_up() -> None:
    """Train a network of three numbers for a step, with everything that such a step touches."""
    torch: Any = importlib.import_module("torch")
    lazy_compiler.install()
    torch.set_num_threads(1)  # a fork with threads can hang the child
    x = torch.ones(2, 3)
    for kind in (torch.optim.SGD, torch.optim.Adam):
        model = torch.nn.Sequential(torch.nn.Linear(3, 1), torch.nn.ReLU())
        optimizer = kind(model.parameters(), lr=0.1)
        data = torch.utils.data.TensorDataset(x, torch.zeros(2))
        for batch, target in torch.utils.data.DataLoader(data, batch_size=2):
            optimizer.zero_grad()
            torch.nn.functional.mse_loss(model(batch)[:, 0], target).backward()
            optimizer.step()
    y = x.double().requires_grad_()
    (y * y).backward(torch.ones_like(y))  # with a gradient that is given
