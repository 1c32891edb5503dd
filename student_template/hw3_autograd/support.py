"""Given code of homework 3: graphs, models and loaders for the checks, and for your own trials."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset

# --- engine.py: graphs that are built node by node ---------------------------------------------


def weighted_sum(tensor_class: Any, parents: Sequence[Any], weights: Sequence[Any]) -> Any:
    """Return the node  weights[0] * parents[0] + weights[1] * parents[1] + ...  of a graph.

    Its rule is written here, so no operation of yours is needed. What gradients the rule was
    asked about is kept in the node's attribute `received`, a list of arrays.

    Args:
        tensor_class: `engine.Tensor`.
        parents: Tensors of one shape.
        weights: for each of them a number, or an array of their shape.
    """
    received: list[np.ndarray] = []

    def rule(gradient: np.ndarray) -> tuple[np.ndarray, ...]:
        received.append(np.array(gradient))
        return tuple(weight * gradient for weight in weights)

    pairs = zip(parents, weights, strict=True)
    total = sum(weight * parent.data for parent, weight in pairs)
    node = tensor_class(total, parents=tuple(parents), grad_fn=rule)
    node.received = received
    return node


def plain_sum(tensor_class: Any, parents: Sequence[Any]) -> Any:
    """Return the sum of some Tensors of one shape; all get one and the same array as gradient."""

    def rule(gradient: np.ndarray) -> tuple[np.ndarray, ...]:
        return (gradient,) * len(parents)

    total = sum(parent.data for parent in parents)
    return tensor_class(total, parents=tuple(parents), grad_fn=rule)


def sum_of_entries(tensor_class: Any, parents: Sequence[Any]) -> Any:
    """Return the sum of all entries of some Tensors as one node, a single number."""

    def rule(gradient: np.ndarray) -> tuple[np.ndarray, ...]:
        return tuple(np.full(parent.data.shape, gradient) for parent in parents)

    total = sum(parent.data.sum() for parent in parents)
    return tensor_class(total, parents=tuple(parents), grad_fn=rule)


def chain(tensor_class: Any, start: Any, weights: Sequence[float]) -> list[Any]:
    """Return the nodes of a long chain: each is the one before times the next weight.

    Args:
        tensor_class: `engine.Tensor`.
        start: the Tensor that the chain begins with; it is the first of the list.
        weights: a number for each of the other nodes.
    """
    nodes = [start]
    for weight in weights:
        nodes.append(weighted_sum(tensor_class, [nodes[-1]], [weight]))
    return nodes


def deep_root(tensor_class: Any, start: Any, weights: Sequence[float]) -> Any:
    """Return the last node of a chain, which may be thousands of nodes long."""
    return chain(tensor_class, start, weights)[-1]


def order_of_chain(
    topological_order: Callable[[Any], list[Any]], tensor_class: Any, length: int
) -> list[int]:
    """Make a chain, and return its nodes by number (the first is 0) as they come out.

    Args:
        topological_order: `engine.topological_order`.
        tensor_class: `engine.Tensor`.
        length: how many nodes the chain has.
    """
    nodes = chain(tensor_class, tensor_class(1.0, requires_grad=True), [1.0] * (length - 1))
    numbers = {id(node): number for number, node in enumerate(nodes)}
    return [numbers.get(id(node), -1) for node in topological_order(nodes[-1])]


def gradients_by_paths(node: Any, grad_output: np.ndarray, leaves: Sequence[Any]) -> list[Any]:
    """Return what a gradient at a node sends to some leaves: for each the sum over all paths to it.

    This is the chain rule as it is defined, for small graphs: each node that is used twice doubles
    the number of paths. It needs the rules of the nodes, and no `backward`.

    Args:
        node: a Tensor, where the gradient comes from.
        grad_output: the gradient there, of the node's shape.
        leaves: the Tensors that are asked about. One that no path leads to gets 0.0.
    """
    totals: list[Any] = [0.0] * len(leaves)

    def follow(at: Any, gradient: np.ndarray) -> None:
        for number, leaf in enumerate(leaves):
            if leaf is at:
                totals[number] = totals[number] + gradient
        if at.parents:
            for parent, part in zip(at.parents, at.grad_fn(gradient), strict=True):
                follow(parent, part)

    follow(node, grad_output)
    return totals


# --- torch_workflow.py: functions of tensors ---------------------------------------------------


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


# --- torch_workflow.py: models, criterions, optimizers, loaders ----------------------------------


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


# --- torch_workflow.py: ReLUFunction and manual_sgd_step -----------------------------------------


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
