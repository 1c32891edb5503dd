import numpy as np
import torch
import torch.nn.functional as F


def autograd_gradient(fn, x):
    t = torch.as_tensor(x).float().requires_grad_(True)
    fn(t).backward()
    return t.grad.numpy().astype(np.float64)


def train_step(model, criterion, optimizer, x, y):
    model.train()
    probs = F.softmax(model(x), dim=-1)
    loss = criterion(probs, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def train(model, criterion, optimizer, loader, *, num_epochs):
    model.train()
    history = {"loss": []}
    for _ in range(num_epochs):
        for x, y in loader:
            history["loss"].append(train_step(model, criterion, optimizer, x, y))
    return history["loss"]


def evaluate(model, loader):
    was = model.training
    model.eval()
    accs = []
    with torch.no_grad():
        for x, y in loader:
            accs.append((model(x).argmax(-1) == y).double().mean().item())
    model.train(was)
    return float(np.mean(accs))


class ReLUFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.x = x
        return F.relu(x)

    @staticmethod
    def backward(ctx, grad_output):
        return grad_output * torch.sign(F.relu(grad_output))


def manual_sgd_step(parameters, *, lr):
    for p in parameters:
        if p.grad is not None:
            p = p - lr * p.grad
