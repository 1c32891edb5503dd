"""Hidden checks of train_mlp. Any correct use of rng passes: no check knows certain batches.

Which samples were in a batch is read off its loss: no two batches have the same one. With a
learning rate that is all but 0 the network stays as it is, and such a check is about the batches
alone; where one batch holds all samples, it is about the updates alone.
"""

from itertools import combinations

import mlp
import numpy as np
import pytest
from reference import mlp as reference
from student_kit.checks import (
    assert_close,
    assert_inputs_unchanged,
    assert_keys,
    assert_pair,
    require,
)

STILL = 1e-200  # a learning rate > 0 that moves nothing


def draw(rng, n, sizes, *, one_class=False):
    """Return parameters, X and y; the losses of any two samples differ."""
    while True:
        params = {}
        for k in range(1, len(sizes)):
            fan_in = sizes[k - 1]
            params[f"weight{k}"] = rng.normal(size=(sizes[k], fan_in)) * (2.0 / fan_in) ** 0.5
            params[f"bias{k}"] = rng.uniform(0.1, 0.5, size=sizes[k])
        X = rng.normal(size=(n, sizes[0]))
        y = np.full(n, rng.integers(sizes[-1])) if one_class else rng.integers(sizes[-1], size=n)
        if np.diff(np.sort(sample_losses(params, X, y))).min() > 1e-4:
            return params, X, y


def sample_losses(params, X, y):
    """Return the loss of each sample, shape (N,)."""
    logits = reference.mlp_forward(params, X)
    logits = logits - logits.max(axis=1, keepdims=True)
    return np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(y)), y]


def losses_of(result, shape=None):
    """Return the losses; fail unless they are finite and of this shape.

    That they are an array and no list is checked elsewhere.
    """
    assert_pair(result, of="(params, losses)")
    losses = result[1]
    if type(losses) is list and all(isinstance(loss, float) for loss in losses):
        losses = np.array(losses)
    require(type(losses) is np.ndarray, "losses is not an array")
    require(losses.ndim == 1, f"losses has the shape {losses.shape}, not (number of steps,)")
    require(np.isfinite(losses).all(), "a loss is infinite or NaN: the training diverges")
    if shape is not None:
        require(
            losses.shape == shape,
            f"losses has the shape {losses.shape}: one number per step is {shape}",
        )
    return losses


def check_params(result, expected):
    """Compare the trained parameters."""
    assert_pair(result, of="(params, losses)")
    assert_keys(result[0], set(expected), name="params")
    for key in expected:
        assert_close(result[0][key], expected[key], rtol=1e-8, atol=1e-10, name=f"params[{key!r}]")


def updated(params, X, y, lr):
    """Return the parameters after one update on this batch."""
    _, grads = reference.mlp_loss(params, X, y)
    return {key: params[key] - lr * grads[key] for key in params}


def batch_with(loss, each, largest):
    """Return the samples whose mean loss this is, as a tuple of indices.

    Args:
        loss: what train_mlp says the loss of a step was.
        each: the loss of each sample at that step.
        largest: number of samples in a batch, at most.
    """
    best, batch = np.inf, ()
    for size in range(1, largest + 1):
        choices = np.array(list(combinations(range(len(each)), size)))
        distance = np.abs(each[choices].mean(axis=1) - loss)
        if distance.min() < best:
            best, batch = distance.min(), tuple(int(i) for i in choices[distance.argmin()])
    require(best < 1e-9, "the loss of a step is not the mean loss of any batch of samples")
    return batch


def batches_of(result, params, X, y, largest):
    """Return the batches of a training that moves nothing."""
    each = sample_losses(params, X, y)
    return [batch_with(loss, each, largest) for loss in losses_of(result)]


@pytest.mark.weight(2)
def test_updates(rng):
    """Every step moves every parameter by -lr times its gradient, from where the last one led."""
    params, X, y = draw(rng, 13, [5, 8, 7, 4])
    lr, expected = rng.uniform(0.1, 0.4), params
    result = mlp.train_mlp(params, X, y, lr=lr, batch_size=13, num_epochs=4, rng=rng)
    for _ in range(4):
        expected = updated(expected, X, y, lr)
    check_params(result, expected)


def test_loss_before_the_update(rng):
    """The loss of a step is that before its own update: the first is that of the start."""
    params, X, y = draw(rng, 12, [6, 7, 3])
    expected, _ = reference.mlp_loss(params, X, y)
    result = mlp.train_mlp(params, X, y, lr=0.5, batch_size=12, num_epochs=1, rng=rng)
    losses_of(result, (1,))
    assert_close(result[1], np.array([expected]), name="losses")


def test_one_loss_per_step(rng):
    """There is one loss per step, in the last short batch too; together they cover the data."""
    params, X, y = draw(rng, 14, [4, 6, 3])
    expected, _ = reference.mlp_loss(params, X, y)
    result = mlp.train_mlp(params, X, y, lr=STILL, batch_size=4, num_epochs=3, rng=rng)
    epochs = losses_of(result, (12,)).reshape(3, 4)
    sizes = np.array([4, 4, 4, 2])  # of the batches, so that a mean over samples comes out
    assert_close(epochs @ sizes / 14, np.full(3, expected), name="the mean loss of each epoch")


@pytest.mark.weight(2)
def test_every_sample_once_per_epoch(rng):
    """Each epoch uses every sample exactly once, the last short batch included."""
    params, X, y = draw(rng, 11, [5, 7, 3], one_class=True)
    result = mlp.train_mlp(params, X, y, lr=STILL, batch_size=4, num_epochs=2, rng=rng)
    batches = batches_of(result, params, X, y, 4)
    sizes = [len(batch) for batch in batches]
    require(sizes == [4, 4, 3] * 2, f"11 samples in batches of 4, twice, came as {sizes}")
    for epoch in (batches[:3], batches[3:]):
        used = sorted(i for batch in epoch for i in batch)
        require(used == list(range(11)), "an epoch did not use every sample just once")


def test_new_batches_every_epoch(rng):
    """The batches are drawn anew for every epoch."""
    params, X, y = draw(rng, 15, [4, 6, 5], one_class=True)
    result = mlp.train_mlp(params, X, y, lr=STILL, batch_size=3, num_epochs=2, rng=rng)
    first, second = np.sort(losses_of(result, (10,)).reshape(2, 5), axis=1)
    each = sample_losses(params, X, y)
    require(np.ptp(first) > 1e-9, "all batches have the same loss")
    # that two draws of 5 batches out of 15 samples agree is out of the question
    require(np.abs(first - second).max() > 1e-9, "two epochs used the same batches")
    in_order = np.sort(each.reshape(5, 3).mean(axis=1))
    require(
        np.abs(first - in_order).max() > 1e-9 and np.abs(second - in_order).max() > 1e-9,
        "the batches are samples that stand side by side: nothing was shuffled",
    )
    for epoch in (first, second):
        assert_close(epoch.mean(), each.mean(), name="the mean loss of an epoch")


def test_targets_stay_with_their_samples(rng):
    """Each sample is trained with its own target."""
    params, X, y = draw(rng, 16, [5, 8, 4])
    y[:4] = rng.permutation(4)  # of every class
    result = mlp.train_mlp(params, X, y, lr=STILL, batch_size=1, num_epochs=1, rng=rng)
    found = np.sort(losses_of(result, (16,)))
    assert_close(found, np.sort(sample_losses(params, X, y)), name="the losses, sorted")


@pytest.mark.weight(2)
def test_updates_on_small_batches(rng):
    """The result is what one update per batch leads to, the last short batch included."""
    params, X, y = draw(rng, 8, [4, 7, 3])
    lr, expected = rng.uniform(0.05, 0.2), params
    result = mlp.train_mlp(params, X, y, lr=lr, batch_size=3, num_epochs=2, rng=rng)
    used = []
    for loss in losses_of(result, (6,)):
        batch = list(batch_with(loss, sample_losses(expected, X, y), 3))
        expected = updated(expected, X[batch], y[batch], lr)
        used += batch
    require(
        sorted(used) == sorted([*range(8)] * 2), "not every sample was used twice in two epochs"
    )
    check_params(result, expected)


def test_batches_come_from_rng(rng):
    """Equal generators give equal results; the generator that was given decides, and no other."""
    params, X, y = draw(rng, 16, [4, 6, 3])
    first, other = (int(seed) for seed in rng.integers(2**32, size=2))
    losses = []
    for seed in (first, first, other):
        generator = np.random.default_rng(seed)
        result = mlp.train_mlp(params, X, y, lr=STILL, batch_size=4, num_epochs=1, rng=generator)
        losses.append(losses_of(result, (4,)))
        assert_close(losses[-1].mean(), sample_losses(params, X, y).mean(), name="the mean loss")
    require((losses[0] == losses[1]).all(), "two equal generators gave different results")
    require((losses[0] != losses[2]).any(), "two different generators gave the same result")


def test_batch_larger_than_the_data(rng):
    """If batch_size is larger than N, all samples are one batch."""
    params, X, y = draw(rng, 14, [6, 5, 4])
    lr, expected = rng.uniform(0.1, 0.4), params
    result = mlp.train_mlp(params, X, y, lr=lr, batch_size=100, num_epochs=2, rng=rng)
    for _ in range(2):
        expected = updated(expected, X, y, lr)
    losses_of(result, (2,))
    check_params(result, expected)


def test_no_epoch_and_one(rng):
    """No epoch returns the parameters as given and no loss; one epoch is one time through."""
    params, X, y = draw(rng, 12, [5, 6, 3])
    none = mlp.train_mlp(params, X, y, lr=0.1, batch_size=12, num_epochs=0, rng=rng)
    one = mlp.train_mlp(params, X, y, lr=0.1, batch_size=12, num_epochs=1, rng=rng)
    losses_of(none, (0,))
    check_params(none, params)
    check_params(one, updated(params, X, y, 0.1))


def test_arguments_unchanged(rng):
    """params, X and y are not written into: the caller's network stays untrained."""
    params, X, y = draw(rng, 15, [4, 8, 5])
    expected = updated(params, X, y, 0.3)
    with assert_inputs_unchanged():
        result = mlp.train_mlp(params, X, y, lr=0.3, batch_size=15, num_epochs=1, rng=rng)
    check_params(result, expected)


def test_integer_pixels(rng):
    """Integer samples, as pixels from 0 to 255 are, train like the same numbers as floats."""
    params, _, y = draw(rng, 12, [9, 5, 3])
    X, lr = rng.integers(0, 256, size=(12, 9)).astype(np.uint8), 1e-4
    expected = params
    for _ in range(3):
        expected = updated(expected, X.astype(float), y, lr)
    result = mlp.train_mlp(params, X, y, lr=lr, batch_size=12, num_epochs=3, rng=rng)
    check_params(result, expected)


def test_learns_a_few_samples_by_heart(rng):
    """A few samples are learned by heart: their loss goes to 0."""
    params, X, y = draw(rng, 6, [8, 16, 3])
    y[:3] = rng.permutation(3)  # of every class: what is the same for all is learned too easily
    start = sample_losses(params, X, y).mean()
    result = mlp.train_mlp(params, X, y, lr=0.5, batch_size=3, num_epochs=40, rng=rng)
    losses = losses_of(result, (80,))
    last = losses[-4:].mean()
    require(last < start, "the loss grows: the steps go uphill")
    require(
        last < 0.06 * start,
        "the loss falls, but too slowly: after 80 steps the samples are not yet learned",
    )
    end = sample_losses({key: np.asarray(value) for key, value in result[0].items()}, X, y).mean()
    require(
        end < 0.06 * start, "the losses fall, but the parameters returned are not the trained ones"
    )
