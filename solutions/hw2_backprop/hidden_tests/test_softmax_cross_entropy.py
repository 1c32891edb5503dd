"""Hidden checks of softmax_cross_entropy."""

import layers
import numpy as np
import pytest
from reference import layers as reference
from student_kit.checks import assert_close, assert_inputs_unchanged, assert_pair, require


def draw(rng, n, c):
    """Return logits and targets; the first two samples are of different classes."""
    targets = np.concatenate([rng.permutation(c)[:2], rng.integers(c, size=n)])[:n]
    return rng.normal(scale=2, size=(n, c)), targets


def evaluate(logits, targets):
    """Return (loss, grad_logits) of the submission; fail if it is not a pair."""
    pair = layers.softmax_cross_entropy(logits, targets)
    assert_pair(pair, of="(loss, grad_logits)")
    return pair


def extreme(rng):
    """Return logits of 0, 1 and +-1000, and targets that were thought impossible or certain.

    All logits of the second sample lie so far below those of the others that one shift for the
    whole batch would not do.
    """
    rows = [
        [0.0, 1.0, 1000.0, -1000.0],
        [-1000.0, -1000.0, -1999.0, -2000.0],
        [-1000.0, 0.0, 1.0, 1000.0],
    ]
    logits = np.array(rows) + rng.normal(size=(3, 4))
    return logits, np.array([3, 0, 3])


def test_loss(rng):
    """The loss is right for more samples than classes and for fewer."""
    for sizes in ((8, 3), (4, 9)):
        logits, targets = draw(rng, *sizes)
        expected, _ = reference.softmax_cross_entropy(logits, targets)
        assert_close(evaluate(logits, targets)[0], expected, name="loss")


def test_gradient(rng):
    """The gradient is right for more samples than classes and for fewer."""
    for sizes in ((8, 3), (4, 9)):
        logits, targets = draw(rng, *sizes)
        _, expected = reference.softmax_cross_entropy(logits, targets)
        assert_close(evaluate(logits, targets)[1], expected, name="grad_logits")


def test_as_many_samples_as_classes(rng):
    """Loss and gradient are right when logits are square, where a wrong axis fits as well."""
    logits, targets = draw(rng, 5, 5)
    expected = reference.softmax_cross_entropy(logits, targets)
    loss, grad = evaluate(logits, targets)
    assert_close(loss, expected[0], name="loss")
    assert_close(grad, expected[1], name="grad_logits")


def test_one_sample(rng):
    """Loss and gradient are right for a batch of one, where sum and mean are the same."""
    logits, targets = draw(rng, 1, 6)
    expected = reference.softmax_cross_entropy(logits, targets)
    loss, grad = evaluate(logits, targets)
    assert_close(loss, expected[0], name="loss")
    assert_close(grad, expected[1], name="grad_logits")


def test_loss_of_large_logits(rng):
    """With logits of +-1000 the loss is large and right: neither infinite nor cut off."""
    logits, targets = extreme(rng)
    expected, _ = reference.softmax_cross_entropy(logits, targets)
    assert_close(evaluate(logits, targets)[0], expected, name="loss")


def test_gradient_of_large_logits(rng):
    """With logits of +-1000 the gradient is right, without NaN."""
    logits, targets = extreme(rng)
    _, expected = reference.softmax_cross_entropy(logits, targets)
    assert_close(evaluate(logits, targets)[1], expected, name="grad_logits")


def test_mean_over_the_batch(rng):
    """The same samples four times over have the same loss, and each a quarter of the gradient."""
    logits, targets = draw(rng, 3, 5)
    once = evaluate(logits, targets)
    often = evaluate(np.tile(logits, (4, 1)), np.tile(targets, 4))
    for loss, grad, n in ((*once, 3), (*often, 12)):
        require(np.ndim(loss) == 0 and loss != 0, "loss must be a number, and not 0")
        require(
            type(grad) is np.ndarray and grad.shape == (n, 5) and np.linalg.norm(grad) > 0,
            "grad_logits must be an array of the shape of the logits, and not 0",
        )
    # the ratios alone, so that this check is about the mean and nothing else
    assert_close(often[0] / once[0], 1.0, name="loss of the repeated batch, divided by the first")
    ratio = np.linalg.norm(often[1][:3]) / np.linalg.norm(once[1])
    assert_close(ratio, 0.25, name="grad_logits of the repeated batch, divided by the first")


@pytest.mark.weight(0.5)
def test_refuses_targets_of_another_shape(rng):
    """One-hot targets, or targets as a column, raise a ValueError that names targets."""
    logits, targets = draw(rng, 4, 4)
    for wrong in (np.eye(4, dtype=int)[targets], targets[:, None], targets[:3], targets[None]):
        with pytest.raises(ValueError, match="targets"):
            layers.softmax_cross_entropy(logits, wrong)
    expected, _ = reference.softmax_cross_entropy(logits, targets)
    assert_close(evaluate(logits, targets)[0], expected, name="loss")


@pytest.mark.weight(0.5)
def test_refuses_targets_that_are_no_class(rng):
    """A target below 0 or beyond the last class raises a ValueError that names targets."""
    logits, targets = draw(rng, 6, 3)
    for outside in (-1, 3):
        wrong = targets.copy()
        wrong[rng.integers(6)] = outside
        with pytest.raises(ValueError, match="targets"):
            layers.softmax_cross_entropy(logits, wrong)
    expected, _ = reference.softmax_cross_entropy(logits, targets)
    assert_close(evaluate(logits, targets)[0], expected, name="loss")


def test_arguments_unchanged(rng):
    """Neither logits nor targets are written into, and the gradient is right."""
    logits, targets = draw(rng, 6, 4)
    _, expected = reference.softmax_cross_entropy(logits, targets)
    with assert_inputs_unchanged():
        _, grad = evaluate(logits, targets)
    assert_close(grad, expected, name="grad_logits")
