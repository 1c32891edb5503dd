"""Correct, everything written out in one place, with old ways to say it."""

import torch


def autograd_gradient(fn, x):
    """torch.func.grad."""
    point = torch.as_tensor(x).clone().to(torch.float64)
    return torch.func.grad(lambda at: fn(at).reshape(()))(point).detach().numpy()


def train_step(model, criterion, optimizer, x, y):
    """Zero the gradients behind the forward pass."""
    predictions = model(x)
    loss = criterion(predictions, y)
    optimizer.zero_grad(set_to_none=False)
    loss.backward()
    optimizer.step()
    return loss.detach().numpy().item()


def train(model, criterion, optimizer, loader, *, num_epochs):
    """The loop of the notes."""
    losses = []
    model.train()
    for _ in range(num_epochs):
        for batch in loader:
            optimizer.zero_grad()
            y_pred = model(batch[0])
            loss = criterion(y_pred, batch[1])
            loss.backward()
            optimizer.step()
            losses += [loss.item()]
    return losses


def evaluate(model, loader):
    """One sample at a time."""
    before = model.training
    torch.set_grad_enabled(False)
    model.eval()
    hits = []
    for x, y in loader:
        for logits, target in zip(model(x), y):
            hits.append(int(torch.argmax(logits)) == int(target))
    torch.set_grad_enabled(True)
    if before:
        model.train()
    return sum(hits) / len(hits)


class ReLUFunction(torch.autograd.Function):
    """Keeps a mask."""

    @staticmethod
    def forward(ctx, x):
        ctx.closed = x <= 0
        return x.masked_fill(ctx.closed, 0.0)

    @staticmethod
    def backward(ctx, grad_output):
        grad = grad_output.clone()
        grad[ctx.closed] = 0.0
        return grad


@torch.no_grad()
def manual_sgd_step(parameters, *, lr):
    """The methods with an underscore work in place."""
    for p in parameters:
        if p.grad is not None:
            p.add_(p.grad, alpha=-lr)
