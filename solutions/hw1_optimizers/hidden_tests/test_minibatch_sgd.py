"""Hidden checks of minibatch_sgd. Any correct use of rng passes: no check knows certain batches."""

import numpy as np
import optim
import pytest
from student_kit.checks import assert_close, assert_equal, assert_inputs_unchanged, require


def gradient(theta, X_batch, y_batch):
    """Return the gradient of a mean loss over a batch; it bends with theta."""
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


def batches_of(seen, X):
    """Return which samples each call saw, as lists of indices."""
    batches = []
    for _, X_batch, _ in seen:
        rows = np.reshape(X_batch, (-1, X.shape[1]))
        require(len(rows) > 0, "grad_fn was given an empty batch")
        found = [np.flatnonzero((X == row).all(axis=1)) for row in rows]
        require(all(f.size == 1 for f in found), "grad_fn was given a row that is not in X")
        batches.append([int(f[0]) for f in found])
    return batches


def replay(theta, seen, lr):
    """Return where the updates lead, with the batches as grad_fn was given them."""
    require(len(seen) > 0, "grad_fn was never called")
    for _, X_batch, y_batch in seen:
        theta = theta - lr * gradient(theta, X_batch, y_batch)
    return theta


def test_result_of_the_updates(rng):
    """theta is what one update per batch leads to, each with the full learning rate."""
    theta0, X, y = draw(rng, 12, 5)
    seen, lr = [], rng.uniform(0.1, 0.5)
    result = optim.minibatch_sgd(
        watched(seen), theta0, X, y, lr=lr, batch_size=4, num_epochs=2, rng=rng
    )
    # what is in the batches is checked elsewhere
    assert_close(result, replay(theta0, seen, lr), name="theta")


def test_every_epoch_uses_every_sample_once(rng):
    """Each epoch uses every sample exactly once, the last short batch included."""
    theta0, X, y = draw(rng, 11, 3)
    seen = []
    result = optim.minibatch_sgd(
        watched(seen), theta0, X, y, lr=0.1, batch_size=4, num_epochs=3, rng=rng
    )
    batches = batches_of(seen, X)
    assert_equal([len(batch) for batch in batches], [4, 4, 3] * 3, name="the list of batch sizes")
    for epoch in (batches[:3], batches[3:6], batches[6:]):
        used = sorted(i for batch in epoch for i in batch)
        require(used == list(range(11)), "an epoch did not use every sample just once")
    require(np.shape(result) == (3,), "theta has the wrong shape")
    require(np.abs(result - theta0).max() > 1e-6, "theta did not move")


@pytest.mark.weight(2)
def test_targets_stay_with_their_samples(rng):
    """Each sample comes with its own target."""
    theta0, X, y = draw(rng, 15, 4)
    seen = []
    result = optim.minibatch_sgd(
        watched(seen), theta0, X, y, lr=0.2, batch_size=5, num_epochs=1, rng=rng
    )
    require(len(seen) > 0, "grad_fn was never called")
    for batch, (_, _, y_batch) in zip(batches_of(seen, X), seen, strict=True):
        assert_close(y_batch, y[batch], name="y_batch")
    expected = seen[-1][0] - 0.2 * gradient(*seen[-1])
    assert_close(result, expected, name="theta after the last update")


def test_new_batches_every_epoch(rng):
    """The batches are drawn anew for every epoch."""
    theta0, X, y = draw(rng, 20, 2)
    seen = []
    result = optim.minibatch_sgd(
        watched(seen), theta0, X, y, lr=0.1, batch_size=5, num_epochs=2, rng=rng
    )
    batches = batches_of(seen, X)
    assert_close(result, replay(theta0, seen, 0.1), name="theta")
    require(len(batches) > 1, "grad_fn was called less than twice")
    half = len(batches) // 2
    # that two draws of 4 batches out of 20 samples agree is out of the question
    first, second = (
        sorted(sorted(batch) for batch in epoch) for epoch in (batches[:half], batches[half:])
    )
    require(first != second, "two epochs used the same batches")
    runs = [list(range(start, start + 5)) for start in range(0, 20, 5)]
    require(
        runs not in (first, second), "the batches are consecutive samples: nothing was shuffled"
    )


def test_batches_come_from_rng(rng):
    """Equal generators give equal results; the generator that was given decides, and no other."""
    theta0, X, y = draw(rng, 16, 3)
    first, other = (int(seed) for seed in rng.integers(2**32, size=2))
    results = []
    for seed in (first, first, other):
        seen, generator = [], np.random.default_rng(seed)
        results.append(
            optim.minibatch_sgd(
                watched(seen), theta0, X, y, lr=0.2, batch_size=4, num_epochs=1, rng=generator
            )
        )
        assert_close(results[-1], replay(theta0, seen, 0.2), name="theta")
    require((results[0] == results[1]).all(), "two equal generators gave different results")
    require((results[0] != results[2]).any(), "two different generators gave the same result")


def test_integer_start_unchanged(rng):
    """An integer theta0 gives a float64 result; neither theta0 nor the data are written into."""
    _, X, y = draw(rng, 9, 4)
    theta0, seen = rng.integers(-3, 4, size=4), []
    with assert_inputs_unchanged():
        result = optim.minibatch_sgd(
            watched(seen), theta0, X, y, lr=0.2, batch_size=3, num_epochs=2, rng=rng
        )
    assert_close(result, replay(theta0, seen, 0.2), name="theta")
    result = optim.minibatch_sgd(
        gradient, theta0, X, y, lr=0.2, batch_size=3, num_epochs=0, rng=rng
    )
    assert_close(result, theta0.astype(float), name="theta after no epoch")
