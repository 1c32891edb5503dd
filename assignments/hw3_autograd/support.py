"""Given code of homework 3: graphs for the checks of engine.py, and for your own trials."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np


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
