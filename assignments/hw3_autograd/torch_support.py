"""Given code of homework 3: models and loaders for the checks of torch_workflow.py."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset

# --- functions of tensors ---------------------------------------------------


def as_array(tensor: torch.Tensor) -> np.ndarray:
    """Return a copy of what a PyTorch tensor holds."""
    return tensor.detach().clone().numpy()


def sum_of_squares(x: torch.Tensor) -> torch.Tensor:
    """Return the sum of x^2; for a single number it is x^2, the example of the lecture notes."""
    return (x**2).sum()


class Waves:
    """The function  (sum of weight * sin(x))^2, in which all entries of x are coupled.

    Args:
        weight: an array of the shape of x.
    """

    def __init__(self, weight: np.ndarray) -> None:
        self.weight = torch.tensor(weight)

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """Return the value at x, a tensor with one number."""
        return (self.weight * torch.sin(x)).sum() ** 2


# --- models, criterions, optimizers, loaders ----------------------------------


class Network(torch.nn.Module):
    """Linear layers with a ReLU between any two of them, in float64.

    Args:
        params: weight1 (out, in), bias1 (out,), weight2, ... as arrays.

    Attributes:
        seen: for each forward pass, in which mode it was: {"training": ..., "graph": ...}, whether
            the model was in training mode, and whether autograd recorded a graph.
    """

    def __init__(self, params: dict[str, np.ndarray]) -> None:
        super().__init__()
        for name, values in params.items():
            self.register_parameter(name, torch.nn.Parameter(torch.tensor(values)))
        self.depth = len(params) // 2
        self.seen: list[dict[str, bool]] = []

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the logits."""
        self.seen.append({"training": self.training, "graph": torch.is_grad_enabled()})
        for k in range(1, self.depth + 1):
            weight, bias = getattr(self, f"weight{k}"), getattr(self, f"bias{k}")
            x = torch.nn.functional.linear(x, weight, bias)
            if k < self.depth:
                x = torch.relu(x)
        return x

    def params(self) -> dict[str, np.ndarray]:
        """Return the parameters as they are now, as arrays."""
        return {name: as_array(values) for name, values in self.named_parameters()}

    def disturb(self, value: float) -> None:
        """Leave a gradient behind in every parameter, as an earlier backward pass would."""
        for parameter in self.parameters():
            parameter.grad = torch.full_like(parameter, value)


def cross_entropy(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return what torch.nn.CrossEntropyLoss() does."""
    return torch.nn.functional.cross_entropy(logits, targets)


def pinball(predictions: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return a loss for which a prediction that is too low costs three times as much."""
    missing = targets - predictions
    return torch.maximum(3 * missing, -missing).mean()


def sgd(model: torch.nn.Module, *, lr: float, momentum: float = 0.0) -> torch.optim.Optimizer:
    """Return torch.optim.SGD for all parameters of a model."""
    return torch.optim.SGD(model.parameters(), lr=lr, momentum=momentum)


def adam(model: torch.nn.Module, *, lr: float) -> torch.optim.Optimizer:
    """Return torch.optim.Adam for all parameters of a model."""
    return torch.optim.Adam(model.parameters(), lr=lr)


def loader(
    x: np.ndarray, y: np.ndarray, *, batch_size: int, shuffle_seed: int | None = None
) -> DataLoader[Any]:
    """Return a DataLoader of the samples x[i], y[i].

    Args:
        x: samples, one per row.
        y: their targets.
        batch_size: samples per batch; the last one may be shorter.
        shuffle_seed: None: in order; a number: every epoch in another random order.
    """
    generator = None if shuffle_seed is None else torch.Generator().manual_seed(shuffle_seed)
    return DataLoader(
        TensorDataset(torch.tensor(x), torch.tensor(y)),
        batch_size=batch_size,
        shuffle=generator is not None,
        generator=generator,
    )


# --- ReLUFunction and manual_sgd_step -----------------------------------------


def forward_and_backward(
    function: type[torch.autograd.Function], x: np.ndarray, grad_output: np.ndarray
) -> dict[str, np.ndarray]:
    """Return what PyTorch gets from a Function, and what x and grad_output are afterwards.

    Args:
        function: a torch.autograd.Function of one tensor.
        x: its input.
        grad_output: the gradient that arrives at its output.

    Returns:
        {"output", "grad_x", "x", "grad_output"}.
    """
    at, gradient = torch.tensor(x, requires_grad=True), torch.tensor(grad_output)
    output = function.apply(at)
    kept = as_array(output)
    output.backward(gradient)
    return {
        "output": kept,
        "grad_x": as_array(at.grad),
        "x": as_array(at),
        "grad_output": as_array(gradient),
    }


def backward_without_autograd(
    function: type[torch.autograd.Function], x: np.ndarray, grad_output: np.ndarray
) -> np.ndarray:
    """Return what the Function's `backward` returns where autograd is off: in inference mode.

    A formula does not notice. But inside `torch.inference_mode()` nothing is recorded, not even
    under `torch.enable_grad()`: whoever asks autograd for the gradient gets an error.
    """
    output = function.apply(torch.tensor(x, requires_grad=True))
    gradient = torch.tensor(grad_output)
    with torch.inference_mode():
        return as_array(function.backward(output.grad_fn, gradient))


def passes_gradcheck(function: type[torch.autograd.Function], x: np.ndarray) -> bool:
    """Return whether a Function's gradient agrees with difference quotients of its output.

    Args:
        function: a torch.autograd.Function.
        x: where, float64; away from kinks.

    Raises:
        torch.autograd.gradcheck.GradcheckError: they differ; the message says where.
    """
    return bool(torch.autograd.gradcheck(function.apply, torch.tensor(x, requires_grad=True)))


def after_step(
    step: Callable[..., Any],
    values: Sequence[np.ndarray],
    grads: Sequence[np.ndarray | None],
    *,
    lr: float,
) -> list[dict[str, Any]]:
    """Make parameters with these values and gradients, take a step, and return what they are then.

    Args:
        step: `torch_workflow.manual_sgd_step`.
        values: of each parameter.
        grads: of each parameter; None if it has none.
        lr: learning rate.

    Returns:
        For each parameter {"value", "grad", "is_leaf", "requires_grad"}.
    """
    parameters = [torch.nn.Parameter(torch.tensor(value)) for value in values]
    for parameter, grad in zip(parameters, grads, strict=True):
        parameter.grad = None if grad is None else torch.tensor(grad)
    step(_once(parameters), lr=lr)
    return [
        {
            "value": as_array(parameter),
            "grad": None if parameter.grad is None else as_array(parameter.grad),
            "is_leaf": parameter.is_leaf,
            "requires_grad": parameter.requires_grad,
        }
        for parameter in parameters
    ]


def _once(parameters: Iterable[torch.Tensor]) -> Iterable[torch.Tensor]:
    """Yield the parameters, as model.parameters() does: one can go through it once."""
    yield from parameters
