"""Public checks of sgd_epoch. Any correct use of rng passes."""

import numpy as np
import optim
from student_kit.checks import assert_close, require


def test_worked_numbers(rng):
    """Where each sample pulls theta towards itself by the same force, the order does not matter."""
    X, y = np.array([[1.0, 0.0], [0.0, 2.0], [3.0, 3.0]]), np.zeros(3)

    def grad_fn(theta, X_batch, y_batch):
        return -X_batch.mean(axis=0)

    theta = optim.sgd_epoch(grad_fn, np.zeros(2), X, y, lr=0.1, rng=rng)
    assert_close(theta, np.array([0.4, 0.5]), name="theta")


def test_what_the_gradient_sees(rng):
    """grad_fn sees every sample once, as a batch of one with its own target, in a random order."""
    X, y = np.arange(24.0).reshape(12, 2), np.arange(12) * 10.0
    seen = []

    def grad_fn(theta, X_batch, y_batch):
        seen.append((theta, X_batch, y_batch))
        return np.ones(2)

    theta = optim.sgd_epoch(grad_fn, np.zeros(2), X, y, lr=0.5, rng=rng)
    for k, (at, X_batch, y_batch) in enumerate(seen):
        assert_close(at, np.full(2, -0.5 * k), name=f"theta at call {k + 1} of grad_fn")
        require(np.shape(X_batch) == (1, 2), f"X_batch has the shape {np.shape(X_batch)}")
        require(np.shape(y_batch) == (1,), f"y_batch has the shape {np.shape(y_batch)}")
        assert_close(y_batch, X_batch[:, 0] * 5, name="y_batch")
    order = [int(X_batch[0, 0]) // 2 for _, X_batch, _ in seen]
    require(sorted(order) == list(range(12)), "not every sample was used once", f"order: {order}")
    require(order != list(range(12)), "the order is that of X", f"order: {order}")
    assert_close(theta, np.array([-6.0, -6.0]), name="theta")
