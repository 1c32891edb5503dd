"""What the functions of optim.py are compared with: PyTorch in float64, and definitions."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn.functional import mse_loss
from torch.utils.data import BatchSampler

from autograder.oracle import Approximation, Comparison
from student_kit.checks import estimated_gradient

EPS = (1e-8, 1e-10, 1e-2, 1.0)


def mse_grad(optim, draw):
    """Autograd of F.mse_loss, and central differences."""
    n, d = draw.integer("N", 1, 12), draw.integer("D", 1, 6)
    whole = draw.choice("integer arguments", False, True)
    theta = draw.array("theta", d, integer=whole)
    X, y = draw.array("X", n, d, decades=1, integer=whole), draw.array("y", n, integer=whole)
    expected = mse_gradient(theta, X, y)
    yield Comparison("the gradient", optim.mse_grad(theta, X, y), expected)
    twice = optim.mse_grad(theta, np.concatenate([X, X]), np.concatenate([y, y]))
    yield Comparison("the gradient with every sample twice", twice, expected)
    # a parabola has no error of order h**2, so h may be large, and rounding small
    central = estimated_gradient(lambda at: np.mean((X @ at - y) ** 2), theta, h=1.0)
    yield Approximation("the gradient", optim.mse_grad(theta, X, y), central, rtol=1e-6)


def gd_step(optim, draw):
    """torch.optim.SGD."""
    lr = draw.number("lr", 1e-4, 1.0)
    yield from steps(draw, optim.gd_step, {"lr": lr}, lambda p: torch.optim.SGD(p, lr=lr))
    _, state = optim.gd_step(np.zeros(2), np.ones(2), {"kept": 7}, lr=lr)
    yield Comparison("the state", state, {"kept": 7})


def momentum_step(optim, draw):
    """torch.optim.SGD, with lr * (1 - beta) in place of lr: its buffer is our v / (1 - beta)."""
    lr = draw.number("lr", 1e-4, 1.0)
    hyper = draw.choice("hyper-parameters", {}, {"beta": 0.0}, {"beta": draw_decay(draw, "beta")})
    beta = hyper.get("beta", 0.9)

    def velocity(state, grad):
        return grad if beta == 0 else (1 - beta) * state["momentum_buffer"].numpy()

    yield from steps(
        draw,
        optim.momentum_step,
        {"lr": lr, **hyper},
        lambda p: torch.optim.SGD(p, lr=lr * (1 - beta), momentum=beta),
        v=velocity,
    )
    # dampening=beta is another method: its first buffer is g, and not (1 - beta) * g
    dampened = torch.ones(1, dtype=torch.float64, requires_grad=True)
    dampened.grad = torch.ones_like(dampened)
    torch.optim.SGD([dampened], lr=lr, momentum=0.5, dampening=0.5).step()
    theta, _ = optim.momentum_step(np.ones(1), np.ones(1), {}, lr=lr, beta=0.5)
    yield Comparison("half the step of SGD with dampening", 2 * (1 - theta), 1 - numpy(dampened))


def adagrad_step(optim, draw):
    """torch.optim.Adagrad."""
    hyper = {"lr": draw.number("lr", 1e-4, 1.0), **draw_eps(draw)}
    yield from steps(
        draw,
        optim.adagrad_step,
        hyper,
        lambda p: torch.optim.Adagrad(p, **hyper),
        G=lambda state, _: state["sum"].numpy(),
    )


def rmsprop_step(optim, draw):
    """torch.optim.RMSprop."""
    hyper = {"lr": draw.number("lr", 1e-4, 1.0), **draw_eps(draw)}
    if not draw.choice("default alpha", True, False):
        hyper["alpha"] = draw_decay(draw, "alpha")
    yield from steps(
        draw,
        optim.rmsprop_step,
        hyper,
        lambda p: torch.optim.RMSprop(p, **hyper),
        s=lambda state, _: state["square_avg"].numpy(),
    )


def adam_step(optim, draw):
    """torch.optim.Adam."""
    hyper, theirs = draw_eps(draw), {}
    if not draw.choice("default lr", True, False):
        hyper["lr"] = draw.number("lr", 1e-4, 1.0)
    theirs = dict(hyper)
    if not draw.choice("default betas", True, False):
        hyper["beta1"] = draw.choice("beta1", 0.0, draw_decay(draw, "beta1"))
        hyper["beta2"] = draw_decay(draw, "beta2")
        theirs["betas"] = (hyper["beta1"], hyper["beta2"])
    yield from steps(
        draw,
        optim.adam_step,
        hyper,
        lambda p: torch.optim.Adam(p, **theirs),
        m=lambda state, _: state["exp_avg"].numpy(),
        v=lambda state, _: state["exp_avg_sq"].numpy(),
        t=lambda state, _: int(state["step"]),
    )


def gradient_descent(optim, draw):
    """A training loop with torch.optim.SGD."""
    _, grad_fn, theta0 = draw_loss(draw)
    lr, num_steps = draw.number("lr", 1e-3, 0.1), draw.integer("num_steps", 0, 6)
    expected = train(grad_fn, theta0, num_steps, lambda p: torch.optim.SGD(p, lr=lr))
    found = optim.gradient_descent(grad_fn, theta0, lr=lr, num_steps=num_steps)
    yield Comparison("the trajectory", found, expected)


def run_optimizer(optim, draw):
    """Training loops with the optimizers of torch."""
    _, grad_fn, theta0 = draw_loss(draw)
    num_steps = draw.integer("num_steps", 0, 6)
    for name, (step_fn, hyper, make) in optimizers(optim).items():
        expected = train(grad_fn, theta0, num_steps, make)
        found = optim.run_optimizer(step_fn, grad_fn, theta0, num_steps=num_steps, **hyper)
        yield Comparison(f"the trajectory of {name}", found, expected)


def compare_optimizers(optim, draw):
    """Training loops with the optimizers of torch; and what the lecture says of a saddle."""
    f, grad_fn, theta0 = draw_loss(draw)
    num_steps = draw.integer("num_steps", 0, 6)
    runs = optimizers(optim)
    configs = {name: (step_fn, hyper) for name, (step_fn, hyper, _) in runs.items()}
    found = optim.compare_optimizers(f, grad_fn, theta0, configs, num_steps=num_steps)
    yield Comparison("the order of the names", list(found), list(runs))
    for name, (_, _, make) in runs.items():
        expected = train(grad_fn, theta0, num_steps, make)
        yield Comparison(f"the trajectory of {name}", found[name]["trajectory"], expected)
        losses = np.array([f(theta) for theta in expected])
        yield Comparison(f"the losses of {name}", found[name]["losses"], losses)

    def saddle(theta):
        return float(theta[0] ** 2 - theta[1] ** 2) / 2

    configs = {name: (configs[name][0], {"lr": 0.1}) for name in ("gd", "rmsprop", "adam")}
    found = optim.compare_optimizers(
        saddle,
        lambda theta: np.array([1.0, -1.0]) * theta,
        np.array([1.0, 1e-3]),  # just off the ridge
        configs,
        num_steps=120,
    )
    left = {name: np.argmax(np.abs(run["trajectory"][:, 1]) > 2) for name, run in found.items()}
    first = bool(0 < max(left["rmsprop"], left["adam"]) < left["gd"])
    yield Comparison("RMSprop and Adam leave a saddle before gradient descent", first, True)


def sgd_epoch(optim, draw):
    """torch.optim.SGD on the samples in the order in which they were used."""
    theta, X, y, rng = draw_data(draw)
    lr = draw.number("lr", 1e-3, 0.05)
    grad_fn, batches = watched(X, y)
    found = optim.sgd_epoch(grad_fn, theta, X, y, lr=lr, rng=rng)
    yield Comparison("the sizes of the batches", list(map(len, batches)), [1] * len(y))
    used = sorted(i for batch in batches for i in batch)
    yield Comparison("the samples used", used, list(range(len(y))))
    yield Comparison("theta", found, sgd_on_batches(theta, X, y, batches, lr))


def minibatch_sgd(optim, draw):
    """torch.optim.SGD on the batches that were used."""
    theta, X, y, rng = draw_data(draw)
    lr, batch_size = draw.number("lr", 1e-3, 0.05), draw.integer("batch_size", 1, 10)
    num_epochs = draw.integer("num_epochs", 0, 3)
    grad_fn, batches = watched(X, y)
    found = optim.minibatch_sgd(
        grad_fn, theta, X, y, lr=lr, batch_size=batch_size, num_epochs=num_epochs, rng=rng
    )
    each = list(map(len, BatchSampler(range(len(y)), batch_size, drop_last=False)))
    yield Comparison("the sizes of the batches", list(map(len, batches)), each * num_epochs)
    for epoch in range(num_epochs):
        in_epoch = batches[epoch * len(each) : (epoch + 1) * len(each)]
        used = sorted(i for batch in in_epoch for i in batch)
        yield Comparison(f"the samples used in epoch {epoch}", used, list(range(len(y))))
    yield Comparison("theta", found, sgd_on_batches(theta, X, y, batches, lr))


def minibatch_indices(optim, draw):
    """torch.utils.data.BatchSampler, over the order that the function draws."""
    n, batch_size = draw.integer("n", 0, 40), draw.integer("batch_size", 1, 12)
    shuffle, drop_last = draw.choice("shuffle", True, False), draw.choice("drop_last", False, True)
    seed = draw.integer("seed", 0, 2**32 - 1)

    def batches(**options):
        rng = np.random.default_rng(seed)
        found = optim.minibatch_indices(n, batch_size, rng=rng, **options)
        return [batch.tolist() for batch in found]

    order = [i for batch in batches(shuffle=shuffle) for i in batch]
    indices = order if not shuffle else sorted(order)
    yield Comparison("the indices", indices, list(range(n)))
    for last in (False, drop_last):
        expected = list(BatchSampler(order, batch_size, drop_last=last))
        yield Comparison("the batches", batches(shuffle=shuffle, drop_last=last), expected)
    if shuffle:
        expected = list(BatchSampler(order, batch_size, drop_last=False))
        yield Comparison("the batches where nothing is said", batches(), expected)


def steps_to_tolerance(optim, draw):
    """The definition, in a loop."""
    losses = draw.array("losses", draw.integer("T", 0, 9), decades=2)
    missing = draw.integer("first NaN", 0, 9)
    losses[missing : missing + draw.integer("how many NaN", 0, 2)] = np.nan
    some = float(losses[-1]) if losses.size and np.isfinite(losses[-1]) else 0.0
    tol = draw.choice("tol", some, -1.5, 100.0)
    expected = None
    for k in reversed(range(len(losses))):
        if losses[k] <= tol:
            expected = k
    yield Comparison("the step", optim.steps_to_tolerance(losses, tol), expected)


def escape_step(optim, draw):
    """The definition, with torch.linalg.vector_norm."""
    steps, d = draw.integer("T", 1, 9), draw.integer("D", 1, 6)
    trajectory, center = draw.array("trajectory", steps, d), draw.array("center", d)
    # whole numbers, so that a point often is at exactly this distance
    radius = float(draw.integer("radius", 1, 4))
    offset = torch.tensor(trajectory) - torch.tensor(center)
    outside = (torch.linalg.vector_norm(offset, dim=1) > radius).tolist()
    expected = outside.index(True) if True in outside else None
    yield Comparison("the step", optim.escape_step(trajectory, center, radius=radius), expected)


def steps(draw, step_fn, hyper, make_optimizer, **remembered):
    """Compare theta and state with those of a torch optimizer, step by step from an empty state.

    Args:
        draw: where theta and the gradients come from.
        step_fn: the function under judgement.
        hyper: its hyper-parameters.
        make_optimizer: takes a list of tensors, returns the optimizer.
        remembered: for each key of our state, a function of torch's state and the gradient that
            returns the same.
    """
    d, num_steps = draw.integer("D", 1, 6), draw.integer("steps", 1, 8)
    theta = draw.array("theta", d, integer=draw.choice("integer theta", False, True))
    # as small as eps, too: there one sees what it is
    size = draw.choice("size of the gradients", 0.1, 1e-8)
    grads = size * draw.array("gradients / size", num_steps, d, decades=2)
    still = draw.integer("parameter without gradient", 0, d)
    grads[:, still : still + 1] = 0.0
    tensor = torch.tensor(theta, dtype=torch.float64, requires_grad=True)
    optimizer = make_optimizer([tensor])
    state = {}
    for k, grad in enumerate(grads, start=1):
        theta, state = step_fn(theta, grad, state, **hyper)
        tensor.grad = torch.tensor(grad)
        optimizer.step()
        yield Comparison(f"theta after step {k}", theta, numpy(tensor))
        yield Comparison("the keys of the state", sorted(state), sorted(remembered))
        for key, function in remembered.items():
            expected = function(optimizer.state[tensor], grad)
            yield Comparison(f"state[{key!r}] after step {k}", state[key], expected)


def draw_decay(draw, name):
    """Draw how much of an old average stays.

    Not less than 0.1: s + (1 - alpha) * (g**2 - s), which is correct too, loses digits there.
    """
    return draw.number(name, 0.1, 0.999)


def draw_eps(draw):
    """Draw eps, or nothing: then both sides take their default."""
    return {} if draw.choice("default eps", True, False) else {"eps": draw.choice("eps", *EPS)}


def draw_loss(draw):
    """Draw a smooth loss that couples the parameters, with its gradient, and a start."""
    d = draw.integer("D", 1, 6)
    A, b = draw.array("A", d, d), draw.array("b", d)
    theta0 = draw.array("theta0", d, integer=draw.choice("integer theta0", False, True))

    def f(theta):
        return float(np.log(np.cosh(A @ theta - b)).sum())

    def grad_fn(theta):
        return A.T @ np.tanh(A @ theta - b)

    return f, grad_fn, theta0


def optimizers(optim):
    """Return name -> (step function, its hyper-parameters, the same optimizer in torch)."""
    sgd = torch.optim.SGD
    return {
        "gd": (optim.gd_step, {"lr": 0.05}, lambda p: sgd(p, lr=0.05)),
        "momentum": (
            optim.momentum_step,
            {"lr": 0.2, "beta": 0.75},
            lambda p: sgd(p, lr=0.05, momentum=0.75),
        ),
        "adagrad": (optim.adagrad_step, {"lr": 0.3}, lambda p: torch.optim.Adagrad(p, lr=0.3)),
        "rmsprop": (optim.rmsprop_step, {"lr": 0.01}, lambda p: torch.optim.RMSprop(p, lr=0.01)),
        "adam": (optim.adam_step, {"lr": 0.1}, lambda p: torch.optim.Adam(p, lr=0.1)),
    }


def train(grad_fn, theta0, num_steps, make_optimizer):
    """Return the points that a training loop in torch visits.

    Both sides get their gradients from grad_fn: where one is nearly 0, Adagrad and its like would
    make large steps of the rounding in which autograd differs.
    """
    theta = torch.tensor(theta0, dtype=torch.float64, requires_grad=True)
    optimizer = make_optimizer([theta])
    points = [numpy(theta)]
    for _ in range(num_steps):
        theta.grad = torch.tensor(grad_fn(numpy(theta)))
        optimizer.step()
        points.append(numpy(theta))
    return np.array(points)


def draw_data(draw):
    """Draw a start, samples that differ from each other, and a random generator."""
    n, d = draw.integer("N", 1, 9), draw.integer("D", 1, 6)
    theta = draw.array("theta", d, integer=draw.choice("integer theta", False, True))
    X, y = draw.array("X", n, d), draw.array("y", n)
    return theta, X, y / 10 + np.arange(n), draw.rng("rng")


def watched(X, y):
    """Return a grad_fn, and the list of the batches (as indices) that it will have been given."""
    batches = []

    def grad_fn(theta, X_batch, y_batch):
        batch = [int(np.flatnonzero(y == value)[0]) for value in y_batch]
        np.testing.assert_array_equal(X_batch, X[batch])
        batches.append(batch)
        return mse_gradient(theta, X_batch, y_batch)

    return grad_fn, batches


def sgd_on_batches(theta0, X, y, batches, lr):
    """Return where torch.optim.SGD goes on the mean squared error, with one step per batch."""
    theta = torch.tensor(theta0, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([theta], lr=lr)
    for batch in batches:
        optimizer.zero_grad()
        mse_loss(torch.tensor(X[batch]) @ theta, torch.tensor(y[batch])).backward()
        optimizer.step()
    return numpy(theta)


def mse_gradient(theta, X, y):
    """Return the gradient of the mean squared error by autograd."""
    at = torch.tensor(theta, dtype=torch.float64, requires_grad=True)
    mse_loss(torch.tensor(X).double() @ at, torch.tensor(y).double()).backward()
    return numpy(at.grad)


def numpy(tensor):
    """Return a copy of a tensor's values."""
    return tensor.detach().numpy().copy()
