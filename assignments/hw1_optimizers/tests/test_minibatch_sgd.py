"""Public checks of minibatch_sgd. Any correct use of rng passes."""

import numpy as np
import optim
from student_kit.checks import assert_close, assert_equal, require


def test_worked_numbers(rng):
    """Two epochs of 5 samples in batches of 2 are six updates, each with the full lr."""

    def grad_fn(theta, X_batch, y_batch):
        return np.array([1.0, -2.0])

    X, y = np.zeros((5, 3)), np.zeros(5)
    theta = optim.minibatch_sgd(
        grad_fn, np.zeros(2), X, y, lr=0.1, batch_size=2, num_epochs=2, rng=rng
    )
    assert_close(theta, np.array([-0.6, 1.2]), name="theta")


def test_what_the_gradient_sees(rng):
    """Each epoch uses every sample once, with its own target, in batches drawn anew."""
    X, y = np.arange(30.0).reshape(15, 2), np.arange(15) * 10.0
    seen = []

    def grad_fn(theta, X_batch, y_batch):
        seen.append((X_batch, y_batch))
        return np.ones(2)

    theta = optim.minibatch_sgd(
        grad_fn, np.zeros(2), X, y, lr=0.25, batch_size=4, num_epochs=2, rng=rng
    )
    sizes = [len(X_batch) for X_batch, _ in seen]
    assert_equal(sizes, [4, 4, 4, 3] * 2, name="the list of batch sizes")
    for X_batch, y_batch in seen:
        assert_close(y_batch, X_batch[:, 0] * 5, name="y_batch")
    samples = [int(row[0]) // 2 for X_batch, _ in seen for row in X_batch]
    epochs = [samples[:15], samples[15:]]
    for epoch in epochs:
        require(sorted(epoch) == list(range(15)), "an epoch did not use every sample just once")
    require(epochs[0] != epochs[1], "both epochs used the same batches")
    assert_close(theta, np.array([-2.0, -2.0]), name="theta")
