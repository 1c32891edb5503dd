"""Hidden checks of sgd_epoch. Any correct use of rng passes: no check knows a certain order."""

import numpy as np
import optim
import pytest
from student_kit.checks import assert_close, assert_inputs_unchanged, require


def gradient(theta, X_batch, y_batch):
    """Return a gradient that bends with theta; it takes samples with or without a batch axis."""
    rows, targets = np.reshape(X_batch, (-1, theta.size)), np.reshape(y_batch, -1)
    return np.mean(np.tanh(rows @ theta - targets)[:, None] * rows, axis=0)


def watched(seen):
    """Return `gradient` as a function that notes in `seen` what it was called with."""

    def grad_fn(theta, X_batch, y_batch):
        seen.append((theta, X_batch, y_batch))
        return gradient(theta, X_batch, y_batch)

    return grad_fn


def draw(rng, n, d):
    """Return theta, X and y; no two rows of X are equal."""
    return rng.normal(size=d), rng.normal(size=(n, d)), rng.normal(size=n)


def order_of(seen, X):
    """Return which sample each call saw; fail if one saw anything but one row of X."""
    order = []
    for _, X_batch, _ in seen:
        require(np.size(X_batch) == X.shape[1], "grad_fn must be given one sample at a time")
        found = np.flatnonzero((X == np.reshape(X_batch, -1)).all(axis=1))
        require(found.size == 1, "grad_fn was given a row that is not in X")
        order.append(int(found[0]))
    return order


def replay(theta, seen, lr):
    """Return where the updates lead, with the batches as grad_fn was given them."""
    require(len(seen) > 0, "grad_fn was never called")
    for _, X_batch, y_batch in seen:
        theta = theta - lr * gradient(theta, X_batch, y_batch)
    return theta


@pytest.mark.weight(2)
def test_every_sample_once(rng):
    """One epoch makes one update per sample, and uses every sample exactly once."""
    theta, X, y = draw(rng, 13, 4)
    seen = []
    result = optim.sgd_epoch(watched(seen), theta, X, y, lr=0.2, rng=rng)
    order = order_of(seen, X)
    require(len(order) == 13, "the number of updates must be the number of samples")
    require(sorted(order) == list(range(13)), "some samples were used twice, and others not at all")
    require(np.shape(result) == (4,), "theta has the wrong shape")
    require(np.abs(result - theta).max() > 1e-6, "theta did not move")


def test_result_of_the_updates(rng):
    """theta is what the updates lead to, in the order in which the samples came."""
    theta, X, y = draw(rng, 9, 5)
    seen, lr = [], rng.uniform(0.1, 0.4)
    result = optim.sgd_epoch(watched(seen), theta, X, y, lr=lr, rng=rng)
    # which samples they are, and in which shape, is checked elsewhere
    assert_close(result, replay(theta, seen, lr), name="theta")


def test_gradient_at_the_latest_theta(rng):
    """Each gradient is taken at the theta that the update before it left."""
    theta, X, y = draw(rng, 6, 3)
    seen = []
    result = optim.sgd_epoch(watched(seen), theta, X, y, lr=0.3, rng=rng)
    require(len(seen) > 1, "grad_fn was called less than twice")
    visited = [call[0] for call in seen] + [result]
    assert_close(visited[0], theta, name="theta at the first call")
    for k, (at, X_batch, y_batch) in enumerate(seen):
        expected = at - 0.3 * gradient(at, X_batch, y_batch)
        assert_close(visited[k + 1], expected, name=f"theta after update {k + 1}")


def test_batch_axis_is_kept(rng):
    """grad_fn gets batches of one sample, of shapes (1, D) and (1,)."""
    theta, X, y = draw(rng, 7, 4)
    seen = []
    result = optim.sgd_epoch(watched(seen), theta, X, y, lr=0.1, rng=rng)
    expected = replay(theta, seen, 0.1)
    for _, X_batch, y_batch in seen:
        require(
            np.shape(X_batch) == (1, 4), f"X_batch has the shape {np.shape(X_batch)}, not (1, D)"
        )
        require(np.shape(y_batch) == (1,), f"y_batch has the shape {np.shape(y_batch)}, not (1,)")
    assert_close(result, expected, name="theta")


def test_targets_stay_with_their_samples(rng):
    """Each sample comes with its own target."""
    theta, X, y = draw(rng, 11, 3)
    seen = []
    result = optim.sgd_epoch(watched(seen), theta, X, y, lr=0.15, rng=rng)
    require(len(seen) > 0, "grad_fn was never called")
    for _, X_batch, y_batch in seen:
        rows, targets = np.reshape(X_batch, (-1, 3)), np.reshape(y_batch, -1)
        require(len(rows) == len(targets), "grad_fn got more samples than targets, or fewer")
        for row, target in zip(rows, targets, strict=True):
            own = y[(X == row).all(axis=1)]
            require(target in own, "a sample came with the target of another one")
    expected = seen[-1][0] - 0.15 * gradient(*seen[-1])
    assert_close(result, expected, name="theta after the last update")


def test_new_order_every_epoch(rng):
    """The order is random: two epochs with one generator use two orders."""
    theta, X, y = draw(rng, 19, 2)
    orders = []
    for _ in range(2):
        seen = []
        result = optim.sgd_epoch(watched(seen), theta, X, y, lr=0.1, rng=rng)
        assert_close(result, replay(theta, seen, 0.1), name="theta")
        orders.append(order_of(seen, X))
    require(len(orders[0]) > 1, "grad_fn was called less than twice")
    # two random orders of 19 samples agree once in 10^17 times
    require(orders[0] != orders[1], "two epochs used the samples in the same order")
    in_order = list(range(19))
    require(
        all(order not in (in_order, in_order[::-1]) for order in orders),
        "the samples were used in the order in which they stand in X",
    )


def test_order_comes_from_rng(rng):
    """Equal generators give equal results; the generator that was given decides, and no other."""
    theta, X, y = draw(rng, 14, 4)
    first, other = (int(seed) for seed in rng.integers(2**32, size=2))
    results = []
    for seed in (first, first, other):
        seen = []
        generator = np.random.default_rng(seed)
        results.append(optim.sgd_epoch(watched(seen), theta, X, y, lr=0.2, rng=generator))
        assert_close(results[-1], replay(theta, seen, 0.2), name="theta")
    require((results[0] == results[1]).all(), "two equal generators gave different results")
    require((results[0] != results[2]).any(), "two different generators gave the same result")


def test_integer_theta_unchanged(rng):
    """An integer theta gives a float64 result, and neither theta nor the data are written into."""
    _, X, y = draw(rng, 8, 3)
    theta, seen = rng.integers(-3, 4, size=3), []
    with assert_inputs_unchanged():
        result = optim.sgd_epoch(watched(seen), theta, X, y, lr=0.25, rng=rng)
    assert_close(result, replay(theta, seen, 0.25), name="theta")
    # float64 also if the gradients and the learning rate are integers
    grad = rng.integers(1, 9, size=3)
    result = optim.sgd_epoch(lambda *_: grad, theta, X, y, lr=2, rng=rng)
    assert_close(result, theta - 8 * 2.0 * grad, name="theta")
