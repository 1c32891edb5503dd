import torch


def train_step(model, criterion, optimizer, x, y):
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm=0.05)
    optimizer.step()
    with torch.no_grad():
        new_loss = criterion(model(x), y)
    return new_loss.item()


def train(model, criterion, optimizer, loader, *, num_epochs):
    model.train()
    data = list(loader)
    losses = []
    for epoch in range(1, num_epochs):
        for x, y in data:
            losses.append(train_step(model, criterion, optimizer, x, y))
    return losses


def evaluate(model, loader):
    with torch.no_grad():
        model.eval()
        for x, y in loader:
            accuracy = (model(x).argmax(dim=1) == y).float().mean()
    return accuracy.item() * 100


class ReLUFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        mask = (x > 0).to(x.dtype)
        ctx.save_for_backward(mask)
        return x * mask

    @staticmethod
    def backward(ctx, grad_output):
        mask = ctx.saved_tensors
        return grad_output * mask


def manual_sgd_step(parameters, *, lr):
    for p in parameters:
        p -= lr * p.grad
