"""Hidden checks of train_text_cnn. Any correct use of rng passes: no check knows certain batches.

Which texts were in a batch is read off its loss: no two batches have the same one. With a learning
rate that is all but 0 the network stays as it is, and such a check is about the batches alone;
where one batch holds all texts, it is about the updates alone. Texts are short and steps few, so
that convolutions in loops are fast enough.
"""

from itertools import combinations

import cnn
import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from student_kit.checks import (
    assert_close,
    assert_inputs_unchanged,
    assert_keys,
    assert_pair,
    require,
)

STILL = 1e-200  # a learning rate > 0 that moves nothing


def draw(rng, n, *, length=6, width=4, filters=5, kernel=3, classes=3, one_class=False):
    """Return parameters, X and y; the losses of any two texts differ, and a winner is shut."""
    while True:
        params = {
            "conv_weight": rng.normal(size=(filters, width, kernel)) * (0.5 / width) ** 0.5,
            "conv_bias": rng.uniform(-0.8, 0.2, size=filters),
            "weight": rng.normal(size=(classes, filters)) / filters**0.5,
            "bias": rng.uniform(-0.3, 0.3, size=classes),
        }
        X = rng.normal(size=(n, length, width))
        y = rng.integers(classes, size=n)
        y[1:2] = (y[:1] + 1) % classes  # two classes at least
        if one_class:
            y[:] = y[0]
        if winners(params, X).min() > -0.1:
            continue
        if n == 1 or np.diff(np.sort(text_losses(params, X, y))).min() > 1e-4:
            return params, X, y


def loss_and_grads(params, X, y):
    """Return the loss of a batch and the gradient of each parameter, by the definition."""
    weight, K = params["weight"], params["conv_weight"].shape[2]
    windows = sliding_window_view(X, K, axis=1)  # (N, L_out, D, K)
    scores = np.einsum("nidk,fdk->nif", windows, params["conv_weight"]) + params["conv_bias"]
    winner = scores.argmax(axis=1)  # (N, F)
    hidden = np.maximum(scores.max(axis=1), 0)
    logits = hidden @ weight.T + params["bias"]
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    each = -np.log(shares[np.arange(len(y)), y])
    grad_logits = (shares - np.eye(len(weight))[y]) / len(y)
    grad_hidden = grad_logits @ weight * (hidden > 0)  # (N, F)
    seen = windows[np.arange(len(y))[:, None], winner]  # (N, F, D, K): what the winners saw
    return float(each.mean()), {
        "conv_weight": np.einsum("nf,nfdk->fdk", grad_hidden, seen),
        "conv_bias": grad_hidden.sum(axis=0),
        "weight": grad_logits.T @ hidden,
        "bias": grad_logits.sum(axis=0),
    }


def winners(params, X):
    """Return the largest score of each filter in each text, before the ReLU, shape (N, F)."""
    windows = sliding_window_view(X, params["conv_weight"].shape[2], axis=1)
    scores = np.tensordot(windows, params["conv_weight"], axes=([2, 3], [1, 2]))  # (N, L_out, F)
    return scores.max(axis=1) + params["conv_bias"]


def text_losses(params, X, y):
    """Return the loss of each text, shape (N,)."""
    logits = np.maximum(winners(params, X), 0) @ params["weight"].T + params["bias"]
    logits = logits - logits.max(axis=1, keepdims=True)
    return np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(y)), y]


def after_one_step(rng, params, X, y, keys):
    """Compare these parameters after one step on one batch, with those of the definition."""
    lr = rng.uniform(0.1, 0.4)
    result = cnn.train_text_cnn(params, X, y, lr=lr, batch_size=len(y), num_epochs=1, rng=rng)
    check_params(result, updated(params, X, y, lr), keys)


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


def check_params(result, expected, keys=None):
    """Compare the trained parameters, or only those of these keys."""
    assert_pair(result, of="(params, losses)")
    assert_keys(result[0], set(expected), name="params")
    for key in keys or expected:
        assert_close(result[0][key], expected[key], rtol=1e-8, atol=1e-10, name=f"params[{key!r}]")


def updated(params, X, y, lr):
    """Return the parameters after one update on this batch."""
    _, grads = loss_and_grads(params, X, y)
    return {key: params[key] - lr * grads[key] for key in params}


def batch_with(loss, each, largest):
    """Return the texts whose mean loss this is, as a tuple of indices.

    Args:
        loss: what train_text_cnn says the loss of a step was.
        each: the loss of each text at that step.
        largest: number of texts in a batch, at most.
    """
    best, batch = np.inf, ()
    for size in range(1, largest + 1):
        choices = np.array(list(combinations(range(len(each)), size)))
        distance = np.abs(each[choices].mean(axis=1) - loss)
        if distance.min() < best:
            best, batch = distance.min(), tuple(int(i) for i in choices[distance.argmin()])
    require(best < 1e-9, "the loss of a step is not the mean loss of any batch of texts")
    return batch


@pytest.mark.weight(2)
def test_first_loss(rng):
    """The loss is that of filters, ReLU, maximum over time, linear layer and cross-entropy."""
    for n, length, width in ((7, 8, 3), (1, 5, 5), (4, 4, 4)):
        params, X, y = draw(rng, n, length=length, width=width, filters=4, classes=4)
        expected, _ = loss_and_grads(params, X, y)
        result = cnn.train_text_cnn(params, X, y, lr=0.1, batch_size=n, num_epochs=1, rng=rng)
        losses_of(result, (1,))
        assert_close(float(result[1][0]), expected, name="the first loss")


def test_step_of_the_linear_layer(rng):
    """One step moves weight and bias of the linear layer by -lr times their gradient."""
    params, X, y = draw(rng, 8, length=7, filters=6, classes=4)
    after_one_step(rng, params, X, y, ["weight", "bias"])


@pytest.mark.weight(2)
def test_step_of_the_filters(rng):
    """One step moves the filters: the gradient goes back through maximum and ReLU to letters."""
    for length, width, kernel in ((7, 5, 2), (5, 5, 3)):
        params, X, y = draw(rng, 8, length=length, width=width, filters=4, kernel=kernel)
        after_one_step(rng, params, X, y, ["conv_weight"])


def test_step_of_the_filters_bias(rng):
    """One step moves the filters' bias by -lr times its gradient."""
    params, X, y = draw(rng, 7, length=8, width=3, filters=6, kernel=2)
    after_one_step(rng, params, X, y, ["conv_bias"])


def test_texts_that_were_filled_up(rng):
    """Where a filter gives exactly 0, over rows of zeros, the ReLU lets no gradient through."""
    params, X, y = draw(rng, 6, length=7, filters=8, kernel=2)
    params["conv_bias"] = np.zeros(8)
    params["conv_weight"][:4] = -np.abs(params["conv_weight"][:4])  # 0 is the best that they give
    X = np.eye(4)[rng.integers(4, size=(6, 7))]
    X[:, 4:] = 0.0  # rows of zeros, as behind a short name
    X[:3] = X[:3, ::-1]  # or in front of it: then the first position gives exactly 0
    after_one_step(rng, params, X, y, params)


def test_keys_in_any_order(rng):
    """The order of the parameters in the dict does not matter."""
    params, X, y = draw(rng, 6)
    params = {key: params[key] for key in ("bias", "conv_bias", "weight", "conv_weight")}
    after_one_step(rng, params, X, y, params)


@pytest.mark.weight(2)
def test_updates(rng):
    """Every step moves every parameter by -lr times its gradient, from where the last one led."""
    params, X, y = draw(rng, 9, width=5, filters=6, classes=4)
    lr, expected = rng.uniform(0.1, 0.4), params
    result = cnn.train_text_cnn(params, X, y, lr=lr, batch_size=9, num_epochs=3, rng=rng)
    for _ in range(3):
        expected = updated(expected, X, y, lr)
    check_params(result, expected)


def test_loss_before_the_update(rng):
    """The loss of a step is that before its own update: the first is that of the start."""
    params, X, y = draw(rng, 8)
    expected, _ = loss_and_grads(params, X, y)
    result = cnn.train_text_cnn(params, X, y, lr=0.5, batch_size=8, num_epochs=1, rng=rng)
    losses_of(result, (1,))
    assert_close(result[1], np.array([expected]), name="losses")


def test_one_loss_per_step(rng):
    """There is one loss per step, in the last short batch too; together they cover the data."""
    params, X, y = draw(rng, 10)
    expected, _ = loss_and_grads(params, X, y)
    result = cnn.train_text_cnn(params, X, y, lr=STILL, batch_size=4, num_epochs=2, rng=rng)
    epochs = losses_of(result, (6,)).reshape(2, 3)
    sizes = np.array([4, 4, 2])  # of the batches, so that a mean over texts comes out
    assert_close(epochs @ sizes / 10, np.full(2, expected), name="the mean loss of each epoch")


@pytest.mark.weight(2)
def test_every_text_once_per_epoch(rng):
    """Each epoch uses every text exactly once, the last short batch included."""
    params, X, y = draw(rng, 11, one_class=True)
    result = cnn.train_text_cnn(params, X, y, lr=STILL, batch_size=4, num_epochs=2, rng=rng)
    each = text_losses(params, X, y)
    batches = [batch_with(loss, each, 4) for loss in losses_of(result)]
    sizes = [len(batch) for batch in batches]
    require(sizes == [4, 4, 3] * 2, f"11 texts in batches of 4, twice, came as {sizes}")
    for epoch in (batches[:3], batches[3:]):
        used = sorted(i for batch in epoch for i in batch)
        require(used == list(range(11)), "an epoch did not use every text just once")


def test_new_batches_every_epoch(rng):
    """The batches are drawn anew for every epoch."""
    params, X, y = draw(rng, 15, one_class=True)
    result = cnn.train_text_cnn(params, X, y, lr=STILL, batch_size=5, num_epochs=2, rng=rng)
    first, second = np.sort(losses_of(result, (6,)).reshape(2, 3), axis=1)
    each = text_losses(params, X, y)
    require(np.ptp(first) > 1e-9, "all batches have the same loss")
    # two draws of 3 batches out of 15 texts agree once in 126 126 times
    require(np.abs(first - second).max() > 1e-9, "two epochs used the same batches")
    in_order = np.sort(each.reshape(3, 5).mean(axis=1))
    require(
        np.abs(first - in_order).max() > 1e-9 and np.abs(second - in_order).max() > 1e-9,
        "the batches are texts that stand side by side: nothing was shuffled",
    )
    for epoch in (first, second):
        assert_close(epoch.mean(), each.mean(), name="the mean loss of an epoch")


def test_targets_stay_with_their_texts(rng):
    """Each text is trained with its own class."""
    params, X, y = draw(rng, 9, classes=4)
    y[:4] = rng.permutation(4)  # of every class
    result = cnn.train_text_cnn(params, X, y, lr=STILL, batch_size=1, num_epochs=1, rng=rng)
    found = np.sort(losses_of(result, (9,)))
    assert_close(found, np.sort(text_losses(params, X, y)), name="the losses, sorted")


@pytest.mark.weight(2)
def test_updates_on_small_batches(rng):
    """The result is what one update per batch leads to, the last short batch included."""
    params, X, y = draw(rng, 6)
    lr, expected = rng.uniform(0.05, 0.2), params
    result = cnn.train_text_cnn(params, X, y, lr=lr, batch_size=4, num_epochs=2, rng=rng)
    used = []
    for loss in losses_of(result, (4,)):
        batch = list(batch_with(loss, text_losses(expected, X, y), 4))
        expected = updated(expected, X[batch], y[batch], lr)
        used += batch
    require(sorted(used) == sorted([*range(6)] * 2), "not every text was used twice in two epochs")
    check_params(result, expected)


def test_batches_come_from_rng(rng):
    """Equal generators give equal results; the generator that was given decides, and no other."""
    params, X, y = draw(rng, 15)
    first, other = (int(seed) for seed in rng.integers(2**32, size=2))
    losses = []
    for seed in (first, first, other):
        generator = np.random.default_rng(seed)
        result = cnn.train_text_cnn(
            params, X, y, lr=STILL, batch_size=5, num_epochs=1, rng=generator
        )
        losses.append(losses_of(result, (3,)))
        assert_close(losses[-1].mean(), text_losses(params, X, y).mean(), name="the mean loss")
    require((losses[0] == losses[1]).all(), "two equal generators gave different results")
    require((losses[0] != losses[2]).any(), "two different generators gave the same result")


def test_batch_larger_than_the_data(rng):
    """If batch_size is larger than N, all texts are one batch."""
    params, X, y = draw(rng, 7)
    lr, expected = rng.uniform(0.1, 0.4), params
    result = cnn.train_text_cnn(params, X, y, lr=lr, batch_size=100, num_epochs=2, rng=rng)
    for _ in range(2):
        expected = updated(expected, X, y, lr)
    losses_of(result, (2,))
    check_params(result, expected)


def test_no_epoch_and_one(rng):
    """No epoch returns the parameters as given and no loss; one epoch is one time through."""
    params, X, y = draw(rng, 6)
    none = cnn.train_text_cnn(params, X, y, lr=0.1, batch_size=6, num_epochs=0, rng=rng)
    one = cnn.train_text_cnn(params, X, y, lr=0.1, batch_size=6, num_epochs=1, rng=rng)
    losses_of(none, (0,))
    check_params(none, params)
    check_params(one, updated(params, X, y, 0.1))


def test_arguments_unchanged(rng):
    """params, X and y are not written into: the caller's network stays untrained."""
    params, X, y = draw(rng, 8)
    expected = updated(params, X, y, 0.3)
    with assert_inputs_unchanged():
        result = cnn.train_text_cnn(params, X, y, lr=0.3, batch_size=8, num_epochs=1, rng=rng)
    check_params(result, expected)


def test_learns_a_few_texts_by_heart(rng):
    """A few texts are learned by heart: their loss goes down far."""
    params, X, y = draw(rng, 4, length=5, filters=9, kernel=2)
    y[:3] = rng.permutation(3)  # of every class: what is the same for all is learned too easily
    params["weight"] *= 0.1  # at the start nothing is known: the loss is near log(3)
    params["bias"] *= 0.0
    start = text_losses(params, X, y).mean()
    result = cnn.train_text_cnn(params, X, y, lr=0.25, batch_size=4, num_epochs=16, rng=rng)
    last = losses_of(result, (16,))[-1]
    require(last < start, "the loss grows: the steps go uphill")
    require(
        last < 0.7 * start,
        "the loss falls, but too slowly: after 16 steps the texts are not yet learned",
    )
    end = text_losses({key: np.asarray(value) for key, value in result[0].items()}, X, y).mean()
    require(end < 0.7 * start, "the losses fall, but the parameters returned are not the trained")
