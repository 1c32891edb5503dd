import numpy as np
import torch


def autograd_gradient(fn, x):
    x = np.asarray(x, dtype=float)
    g = np.zeros_like(x)
    h = 1e-6
    for i in np.ndindex(x.shape):
        d = np.zeros_like(x)
        d[i] = h
        g[i] = (float(fn(torch.tensor(x + d))) - float(fn(torch.tensor(x - d)))) / (2 * h)
    return g


def evaluate(model, loader):
    mode = model.training
    model.eval()
    right, total = 0, 0
    with torch.no_grad():
        for x, y in loader:
            out = model(x)
            right += (out.max(1).values.round() == y).sum().item()
            total += 1
    model.train(mode)
    return right / total


class ReLUFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.maximum(x, torch.zeros_like(x))

    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        h = 1e-6
        f = lambda t: torch.maximum(t, torch.zeros_like(t))
        return grad_output * (f(x + h) - f(x - h)) / (2 * h)


def manual_sgd_step(parameters, *, lr):
    for p in parameters:
        if p.grad is not None:
            p.data += lr * p.grad
