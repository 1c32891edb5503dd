"""The reference of hw1_optimizers agrees with PyTorch, in float64, over random shapes."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

OPTIM = Path(__file__).parents[1] / "solutions" / "hw1_optimizers" / "optim.py"
# Both sides make the same few operations in float64, in another order.
CLOSE = {"rtol": 1e-11, "atol": 1e-12}

seeds = st.integers(0, 2**32 - 1)
sizes = st.integers(1, 7)
rates = st.floats(1e-4, 1.0)
decays = st.floats(0.0, 0.99)
few = settings(max_examples=25, deadline=None, derandomize=True)


def load_reference() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hw1_reference_optim", OPTIM)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


reference = load_reference()


def draw_grads(rng, steps, d):
    """Gradients of either sign over four decades, one entry of them always exactly 0."""
    grads = rng.normal(size=(steps, d)) * 10.0 ** rng.uniform(-2, 2, size=d)
    grads[:, rng.integers(d)] = 0.0
    return grads


def torch_path(make_optimizer, theta0, grads):
    """Where a torch optimizer goes when it is given these gradients."""
    theta = torch.tensor(theta0, dtype=torch.float64, requires_grad=True)
    optimizer = make_optimizer([theta])
    path = [theta.detach().numpy().copy()]
    for grad in grads:
        theta.grad = torch.tensor(grad)
        optimizer.step()
        path.append(theta.detach().numpy().copy())
    return np.array(path)


def reference_path(step, theta, grads, **hyper):
    state, path = {}, [theta]
    for grad in grads:
        theta, state = step(theta, grad, state, **hyper)
        path.append(theta)
    return np.array(path)


def agree(step, hyper, make_optimizer, seed, d, steps=8):
    rng = np.random.default_rng(seed)
    theta0, grads = rng.normal(size=d), draw_grads(rng, steps, d)
    expected = torch_path(make_optimizer, theta0, grads)
    np.testing.assert_allclose(reference_path(step, theta0, grads, **hyper), expected, **CLOSE)


@few
@given(seed=seeds, n=st.integers(1, 12), d=sizes)
def test_mse_grad_is_the_gradient_of_mse_loss(seed, n, d):
    rng = np.random.default_rng(seed)
    theta, X, y = rng.normal(size=d), rng.normal(size=(n, d)), rng.normal(size=n)
    at = torch.tensor(theta, requires_grad=True)
    torch.nn.functional.mse_loss(torch.tensor(X) @ at, torch.tensor(y)).backward()
    np.testing.assert_allclose(reference.mse_grad(theta, X, y), at.grad.numpy(), **CLOSE)


@few
@given(seed=seeds, d=sizes, lr=rates)
def test_gd_step_is_sgd(seed, d, lr):
    agree(reference.gd_step, {"lr": lr}, lambda p: torch.optim.SGD(p, lr=lr), seed, d)


@few
@given(seed=seeds, d=sizes, lr=rates, beta=decays)
def test_momentum_step_is_sgd_with_a_rescaled_learning_rate(seed, d, lr, beta):
    # torch's v is ours / (1 - beta), so lr * (1 - beta) makes the same steps
    agree(
        reference.momentum_step,
        {"lr": lr, "beta": beta},
        lambda p: torch.optim.SGD(p, lr=lr * (1 - beta), momentum=beta),
        seed,
        d,
    )


def test_momentum_step_is_not_sgd_with_dampening():
    rng = np.random.default_rng(0)
    theta0, grads = rng.normal(size=3), draw_grads(rng, 4, 3)
    other = torch_path(
        lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, dampening=0.9), theta0, grads
    )
    ours = reference_path(reference.momentum_step, theta0, grads, lr=0.1, beta=0.9)
    assert np.abs(ours - other).max() > 1e-3


@few
@given(seed=seeds, d=sizes, lr=rates, eps=st.sampled_from([1e-10, 1e-8, 1e-2]))
def test_adagrad_step_is_adagrad(seed, d, lr, eps):
    agree(
        reference.adagrad_step,
        {"lr": lr, "eps": eps},
        lambda p: torch.optim.Adagrad(p, lr=lr, eps=eps),
        seed,
        d,
    )


@few
@given(seed=seeds, d=sizes, lr=rates, alpha=decays, eps=st.sampled_from([1e-8, 1e-2]))
def test_rmsprop_step_is_rmsprop(seed, d, lr, alpha, eps):
    agree(
        reference.rmsprop_step,
        {"lr": lr, "alpha": alpha, "eps": eps},
        lambda p: torch.optim.RMSprop(p, lr=lr, alpha=alpha, eps=eps),
        seed,
        d,
    )


@few
@given(seed=seeds, d=sizes, lr=rates, beta1=decays, beta2=decays, eps=st.sampled_from([1e-8, 1e-2]))
def test_adam_step_is_adam(seed, d, lr, beta1, beta2, eps):
    agree(
        reference.adam_step,
        {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps},
        lambda p: torch.optim.Adam(p, lr=lr, betas=(beta1, beta2), eps=eps),
        seed,
        d,
    )


@pytest.mark.parametrize(
    ("step", "hyper", "kind"),
    [
        (reference.adagrad_step, {"lr": 0.1}, torch.optim.Adagrad),
        (reference.rmsprop_step, {"lr": 0.1}, torch.optim.RMSprop),
        (reference.adam_step, {}, torch.optim.Adam),
    ],
)
def test_defaults_are_those_of_torch(step, hyper, kind):
    rng = np.random.default_rng(1)
    # gradients as small as eps, where its default shows
    theta0, grads = rng.normal(size=4), draw_grads(rng, 6, 4) * 1e-8
    expected = torch_path(lambda p: kind(p, **hyper), theta0, grads)
    np.testing.assert_allclose(reference_path(step, theta0, grads, **hyper), expected, **CLOSE)


def make_loss(rng, d):
    """A smooth loss that couples the parameters: in torch, in NumPy, and its gradient."""
    A, b = rng.normal(size=(d, d)), rng.normal(size=d)

    def loss(theta):
        return torch.log(torch.cosh(torch.tensor(A) @ theta - torch.tensor(b))).sum()

    def f(theta):
        return float(np.log(np.cosh(A @ theta - b)).sum())

    def grad_fn(theta):
        return A.T @ np.tanh(A @ theta - b)

    return loss, f, grad_fn


def torch_run(loss, theta0, num_steps, kind, **hyper):
    """A training loop in torch: the points, and the loss at each."""
    theta = torch.tensor(theta0, dtype=torch.float64, requires_grad=True)
    optimizer = kind([theta], **hyper)
    points, losses = [theta.detach().numpy().copy()], [loss(theta).item()]
    for _ in range(num_steps):
        optimizer.zero_grad()
        loss(theta).backward()
        optimizer.step()
        points.append(theta.detach().numpy().copy())
        losses.append(loss(theta).item())
    return np.array(points), np.array(losses)


@few
@given(seed=seeds, d=sizes, lr=st.floats(1e-3, 0.1), num_steps=st.integers(0, 6))
def test_gradient_descent_is_a_loop_of_sgd(seed, d, lr, num_steps):
    rng = np.random.default_rng(seed)
    loss, _, grad_fn = make_loss(rng, d)
    theta0 = rng.integers(-3, 4, size=d)
    expected, _ = torch_run(loss, theta0, num_steps, torch.optim.SGD, lr=lr)
    found = reference.gradient_descent(grad_fn, theta0, lr=lr, num_steps=num_steps)
    np.testing.assert_allclose(found, expected, **CLOSE)


@settings(few, max_examples=15)
@given(seed=seeds, d=st.integers(2, 6))
def test_run_and_compare_optimizers_are_loops_of_torch_optimizers(seed, d):
    rng = np.random.default_rng(seed)
    loss, f, grad_fn = make_loss(rng, d)
    theta0, num_steps = rng.normal(size=d), 6
    pairs = {
        "gd": (reference.gd_step, {"lr": 0.05}, torch.optim.SGD, {"lr": 0.05}),
        "momentum": (
            reference.momentum_step,
            {"lr": 0.2, "beta": 0.75},
            torch.optim.SGD,
            {"lr": 0.05, "momentum": 0.75},
        ),
        "adagrad": (reference.adagrad_step, {"lr": 0.3}, torch.optim.Adagrad, {"lr": 0.3}),
        "rmsprop": (reference.rmsprop_step, {"lr": 0.01}, torch.optim.RMSprop, {"lr": 0.01}),
        "adam": (reference.adam_step, {"lr": 0.1}, torch.optim.Adam, {"lr": 0.1}),
    }
    configs = {name: (step, hyper) for name, (step, hyper, _, _) in pairs.items()}
    results = reference.compare_optimizers(f, grad_fn, theta0, configs, num_steps=num_steps)
    assert list(results) == list(pairs)
    for name, (step, hyper, kind, theirs) in pairs.items():
        points, losses = torch_run(loss, theta0, num_steps, kind, **theirs)
        path = reference.run_optimizer(step, grad_fn, theta0, num_steps=num_steps, **hyper)
        # autograd rounds in another order, and the small gradients of a long path feel it
        np.testing.assert_allclose(path, points, rtol=1e-8, atol=1e-9)
        np.testing.assert_allclose(results[name]["trajectory"], path, rtol=0, atol=0)
        np.testing.assert_allclose(results[name]["losses"], losses, rtol=1e-8, atol=1e-9)


def test_rmsprop_and_adam_leave_a_saddle_before_gradient_descent():
    def grad_fn(theta):
        return np.array([1.0, -1.0]) * theta

    configs = {
        "gd": (reference.gd_step, {"lr": 0.1}),
        "rmsprop": (reference.rmsprop_step, {"lr": 0.1}),
        "adam": (reference.adam_step, {"lr": 0.1}),
    }
    results = reference.compare_optimizers(
        lambda theta: float(theta[0] ** 2 - theta[1] ** 2) / 2,
        grad_fn,
        np.array([1.0, 1e-3]),  # just off the ridge
        configs,
        num_steps=120,
    )
    steps = {
        name: reference.escape_step(run["trajectory"], np.zeros(2), radius=2.0)
        for name, run in results.items()
    }
    assert max(steps["rmsprop"], steps["adam"]) < steps["gd"]


def sgd_on_these_batches(theta0, batches, lr):
    """torch.optim.SGD on the mean squared error, one step per batch (X, y)."""
    theta = torch.tensor(theta0, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([theta], lr=lr)
    for X, y in batches:
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(torch.tensor(X) @ theta, torch.tensor(y)).backward()
        optimizer.step()
    return theta.detach().numpy()


@few
@given(seed=seeds, n=st.integers(1, 9), d=sizes, lr=st.floats(1e-3, 0.1))
def test_sgd_epoch_is_sgd_on_the_same_order(seed, n, d, lr):
    rng = np.random.default_rng(seed)
    theta, X, y = rng.normal(size=d), rng.normal(size=(n, d)), rng.normal(size=n)
    seen = []

    def grad_fn(at, X_batch, y_batch):
        seen.append((X_batch, y_batch))
        return reference.mse_grad(at, X_batch, y_batch)

    found = reference.sgd_epoch(grad_fn, theta, X, y, lr=lr, rng=rng)
    assert sorted(float(y_batch[0]) for _, y_batch in seen) == sorted(y.tolist())
    np.testing.assert_allclose(found, sgd_on_these_batches(theta, seen, lr), **CLOSE)


@few
@given(
    seed=seeds,
    n=st.integers(1, 9),
    d=sizes,
    batch_size=st.integers(1, 10),
    num_epochs=st.integers(0, 3),
)
def test_minibatch_sgd_is_sgd_on_the_same_batches(seed, n, d, batch_size, num_epochs):
    rng = np.random.default_rng(seed)
    theta, X, y = rng.normal(size=d), rng.normal(size=(n, d)), rng.normal(size=n)
    seen = []

    def grad_fn(at, X_batch, y_batch):
        seen.append((X_batch, y_batch))
        return reference.mse_grad(at, X_batch, y_batch)

    found = reference.minibatch_sgd(
        grad_fn, theta, X, y, lr=0.02, batch_size=batch_size, num_epochs=num_epochs, rng=rng
    )
    assert len(seen) == num_epochs * -(-n // batch_size)
    np.testing.assert_allclose(found, sgd_on_these_batches(theta, seen, 0.02), **CLOSE)


@few
@given(
    seed=seeds,
    n=st.integers(0, 40),
    batch_size=st.integers(1, 12),
    drop_last=st.booleans(),
    shuffle=st.booleans(),
)
def test_minibatch_indices_are_a_batch_sampler(seed, n, batch_size, drop_last, shuffle):
    rng = np.random.default_rng(seed)
    batches = reference.minibatch_indices(
        n, batch_size, rng=rng, shuffle=shuffle, drop_last=drop_last
    )
    everything = reference.minibatch_indices(
        n, batch_size, rng=np.random.default_rng(seed), shuffle=shuffle
    )
    order = [int(i) for batch in everything for i in batch]
    assert sorted(order) == list(range(n))
    sampler = torch.utils.data.BatchSampler(order, batch_size=batch_size, drop_last=drop_last)
    assert [[int(i) for i in batch] for batch in batches] == list(sampler)


@few
@given(losses=st.lists(st.floats(-3, 3) | st.just(np.nan), max_size=9), tol=st.floats(-2, 2))
def test_steps_to_tolerance_is_its_definition(losses, tol):
    expected = next((k for k, loss in enumerate(losses) if loss <= tol), None)
    assert reference.steps_to_tolerance(np.array(losses), tol) == expected


@few
@given(seed=seeds, steps=st.integers(1, 9), d=sizes, radius=st.floats(0.1, 4))
def test_escape_step_is_its_definition(seed, steps, d, radius):
    rng = np.random.default_rng(seed)
    trajectory, center = rng.normal(size=(steps, d)), rng.normal(size=d)
    away = torch.linalg.vector_norm(torch.tensor(trajectory - center), dim=1) > radius
    expected = next((k for k, outside in enumerate(away.tolist()) if outside), None)
    assert reference.escape_step(trajectory, center, radius=radius) == expected
