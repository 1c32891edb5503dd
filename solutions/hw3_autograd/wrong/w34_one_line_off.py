import torch


def train_step(model, criterion, optimizer, x, y):
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    optimizer.step()
    loss.backward()
    return loss.item()


def train(model, criterion, optimizer, loader, *, num_epochs):
    model.train()
    losses = []
    it = iter(loader)
    for _ in range(num_epochs):
        for x, y in it:
            loss = criterion(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses


def evaluate(model, loader):
    training = model.training
    with torch.no_grad():
        hits = sum((model(x).argmax(dim=1) == y).sum().item() for x, y in loader)
    model.train(training)
    return hits / sum(len(y) for _, y in loader)


class ReLUFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        x[x < 0] = 0
        return x

    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        return grad_output * (x > 0)


def manual_sgd_step(parameters, *, lr):
    for p in parameters:
        with torch.no_grad():
            if p.grad is None:
                return
            p.sub_(lr * p.grad)
