"""Load what PyTorch loads at its first use, so that no worker has to.

Only where an assignment is about PyTorch: the zygote imports this after torch. The first step of
an optimizer alone imports its compiler, which takes longer than most submissions are graded in.
"""

from __future__ import annotations

import importlib
from typing import Any


def warm_up() -> None:
    """Train a network of three numbers for a step, with everything that such a step touches."""
    torch: Any = importlib.import_module("torch")
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
