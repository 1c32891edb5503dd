"""Homework 3, second file: how one works with PyTorch, which does all of engine.py for you.

PyTorch is the subject here, so you may use all of it. A *model* is a `torch.nn.Module`, a
*criterion* a function of (predictions, targets) that returns the loss as a tensor with one number,
an *optimizer* one of `torch.optim`, and a *loader* anything that yields batches (x, y) whenever a
`for` loop goes through it: a `torch.utils.data.DataLoader`, or a list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import torch

Array = np.ndarray
Batches = Iterable[tuple[torch.Tensor, torch.Tensor]]
Criterion = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def autograd_gradient(fn: Callable[[torch.Tensor], torch.Tensor], x: Array) -> Array:
    """Return the gradient of a function at a point, computed by PyTorch's autograd.

        df/dx_i    for every entry i of x

    Args:
        fn: takes a float64 tensor of the shape of x, and returns a tensor with one number.
        x: where, any shape, also (); it may hold integers. It is not changed.

    Returns:
        A NumPy array of the shape of x, float64. (A tensor of integers cannot require a gradient.)

    Source: lecture notes, section 2, "PyTorch Computation Graph": x^2 at 2 has the gradient 4.
    """
    # BEGIN SOLUTION
    at = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    fn(at).backward()
    return at.grad.numpy()
    # END SOLUTION


def train_step(
    model: torch.nn.Module,
    criterion: Criterion,
    optimizer: torch.optim.Optimizer,
    x: torch.Tensor,
    y: torch.Tensor,
) -> float:
    """Train a model on one batch, by one step.

        forget the old gradients;  forward pass;  loss;  backward pass;  one step of the optimizer

    Args:
        model: takes x, returns the predictions. Its parameters are changed by the optimizer alone.
        criterion: criterion(predictions, y) is the loss. Nothing comes between the model and it:
            CrossEntropyLoss, for instance, wants logits, and has the softmax inside.
        optimizer: of the model's parameters. Gradients that are left from before must not count.
        x: the inputs of the batch.
        y: the targets of the batch.

    Returns:
        The loss before the step, as a Python float: a tensor would keep its whole graph alive.

    Source: lecture notes, section 2, "PyTorch Training Workflow".
    """
    # BEGIN SOLUTION
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()
    # END SOLUTION


def train(
    model: torch.nn.Module,
    criterion: Criterion,
    optimizer: torch.optim.Optimizer,
    loader: Batches,
    *,
    num_epochs: int,
) -> list[float]:
    """Train a model in training mode, one step for each batch, and return the loss of every step.

    Args:
        model: as in train_step. It is put into training mode (layers such as dropout work in that
            mode only), and stays in it.
        criterion: as in train_step.
        optimizer: as in train_step.
        loader: the batches (x, y). Each epoch goes through it anew, since it may shuffle.
        num_epochs: how often to go through it, >= 0.

    Returns:
        One Python float for each step, in order: the loss of that batch before its own step.

    Source: lecture notes, section 2, "PyTorch Training Workflow". You may use your `train_step`.
    """
    # BEGIN SOLUTION
    model.train()
    losses = []
    for _ in range(num_epochs):
        for x, y in loader:
            losses.append(train_step(model, criterion, optimizer, x, y))
    return losses
    # END SOLUTION


def evaluate(model: torch.nn.Module, loader: Batches) -> float:
    """Return the share of samples that a model classifies correctly.

        (number of samples whose largest logit is that of their class) / (number of samples)

    The model is in evaluation mode meanwhile, and no graph is built, which takes time and memory.

    Args:
        model: takes x, returns logits of shape (batch, C). Afterwards it is in the mode, training
            or evaluation, in which it was.
        loader: the batches (x, y), y of shape (batch,) with classes 0 ... C - 1. The last batch
            may be shorter than the others: every sample counts the same.

    Returns:
        A Python float from 0.0 to 1.0.

    Source: pytorch.org/docs/stable/notes/autograd.html, "Locally disabling gradient computation".
    """
    # BEGIN SOLUTION
    was_training = model.training
    model.eval()
    correct, total = 0, 0
    with torch.no_grad():
        for x, y in loader:
            correct += (model(x).argmax(dim=1) == y).sum().item()
            total += len(y)
    model.train(was_training)
    return correct / total
    # END SOLUTION


class ReLUFunction(torch.autograd.Function):
    """The ReLU as an operation of your own, with a backward rule that you write by hand.

    `ReLUFunction.apply(x)` runs forward, and remembers for the backward pass what was saved in ctx.
    """

    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, x: torch.Tensor) -> torch.Tensor:
        """Return x where it is positive, 0 elsewhere.

        Args:
            ctx: saves tensors for the backward pass, by ctx.save_for_backward(...).
            x: any shape. It is not changed.

        Returns:
            A new tensor of the shape of x.

        Source: pytorch.org/docs/stable/notes/extending.html, "Extending torch.autograd".
        """
        # BEGIN SOLUTION
        ctx.save_for_backward(x)
        return x.clamp(min=0)
        # END SOLUTION

    @staticmethod
    def backward(
        ctx: torch.autograd.function.FunctionCtx, grad_output: torch.Tensor
    ) -> torch.Tensor:
        """Return the gradient with respect to x: grad_output where x > 0, and 0 elsewhere.

        By hand means by a formula. Neither autograd nor a difference quotient is used: PyTorch
        calls this function while it differentiates, with the recording of graphs switched off.

        Args:
            ctx: ctx.saved_tensors is what forward saved, always a tuple.
            grad_output: gradient with respect to the output, of its shape. It is not changed.

        Returns:
            A new tensor of the shape of x.
        """
        # BEGIN SOLUTION
        (x,) = ctx.saved_tensors
        return grad_output * (x > 0)
        # END SOLUTION


def manual_sgd_step(parameters: Iterable[torch.Tensor], *, lr: float) -> None:
    """Do by hand what the step of `torch.optim.SGD` does.

        parameter <- parameter - lr * parameter.grad    for each parameter that has a gradient

    The tensors themselves get new values; a new tensor would be of no use to the model, which
    holds the old one. Autograd must not record the update: a leaf that requires a gradient cannot
    be changed in place while it does.

    Args:
        parameters: leaf tensors, such as model.parameters(). Those whose grad is None stay as they
            are. Afterwards all are leaves that require gradients, as before, and grad is unchanged.
        lr: learning rate, > 0.

    Source: torch.optim.SGD without momentum; torch.no_grad.
    """
    # BEGIN SOLUTION
    with torch.no_grad():
        for parameter in parameters:
            if parameter.grad is not None:
                parameter -= lr * parameter.grad
    # END SOLUTION
