"""Correct, with NumPy where PyTorch is not needed."""

import numpy as np
import torch


def autograd_gradient(fn, x):
    """The functional interface."""
    point = torch.tensor(np.asarray(x, dtype=float))
    return torch.autograd.functional.jacobian(fn, point).numpy().reshape(np.shape(x))


def train_step(model, criterion, optimizer, x, y):
    """Zero the gradients when they have done their work, and before."""
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            parameter.grad = None
    loss = criterion(model(x), y)
    torch.autograd.backward([loss])
    optimizer.step()
    optimizer.zero_grad()
    return float(loss.detach())


def evaluate(model, loader):
    """Count with NumPy."""
    was = model.training
    model.eval()
    right, count = 0, 0
    for x, y in loader:
        with torch.no_grad():
            logits = model(x).numpy()
        right += int(np.sum(np.argmax(logits, axis=1) == y.numpy()))
        count += y.shape[0]
    model.training or model.train(was)
    return right / count


class ReLUFunction(torch.autograd.Function):
    """On arrays."""

    @staticmethod
    def forward(ctx, x):
        ctx.mask = x.detach().numpy() > 0
        return torch.as_tensor(np.where(ctx.mask, x.detach().numpy(), 0.0))

    @staticmethod
    def backward(ctx, grad_output):
        return torch.as_tensor(grad_output.detach().numpy() * ctx.mask)


def manual_sgd_step(parameters, *, lr):
    """copy_ under no_grad."""
    for p in list(parameters):
        with torch.no_grad():
            if p.grad is not None:
                p.copy_(torch.sub(p, p.grad, alpha=lr))
