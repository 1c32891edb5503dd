"""Public checks of softmax_cross_entropy."""

import layers
import numpy as np
import pytest
from student_kit.checks import assert_close, assert_pair, estimated_gradient


def evaluate(logits, targets):
    """Return (loss, grad_logits); fail if your result is not a pair."""
    result = layers.softmax_cross_entropy(logits, targets)
    assert_pair(result, of="(loss, grad_logits)")
    return result


def test_worked_numbers():
    """Loss and gradient are those of the worked network in the handout."""
    loss, grad = evaluate(np.array([[2.0, 2.0], [2.0, 1.0]]), np.array([0, 1]))
    assert_close(loss, 1.0032044340, name="loss")
    s = 0.3655292893
    assert_close(grad, np.array([[-0.25, 0.25], [s, -s]]), name="grad_logits")


def test_central_differences(rng):
    """The loss is the mean of -log p, and the gradient agrees with central differences of it."""
    logits, targets = rng.normal(size=(5, 3)), rng.integers(3, size=5)

    def mean_loss(at):
        probs = [np.exp(row) / np.sum(np.exp(row)) for row in at]
        return float(sum(-np.log(p[c]) for p, c in zip(probs, targets, strict=True)) / 5)

    loss, grad = evaluate(logits, targets)
    assert_close(loss, mean_loss(logits), name="loss")
    expected = estimated_gradient(mean_loss, logits)
    assert_close(grad, expected, rtol=1e-7, atol=1e-8, name="grad_logits")


def test_large_logits():
    """Certain and right costs 0, certain and wrong costs the distance of the logits."""
    loss, grad = evaluate(np.array([[1000.0, 0.0, 1.0]]), np.array([0]))
    assert_close(loss, 0.0, name="loss")
    loss, grad = evaluate(np.array([[1000.0, 0.0, 1.0]]), np.array([1]))
    assert_close(loss, 1000.0, name="loss")
    assert_close(grad, np.array([[1.0, -1.0, 0.0]]), name="grad_logits")


def test_targets_are_class_indices():
    """One-hot targets, a column of targets and a negative target raise a ValueError."""
    for wrong in (np.eye(2, dtype=int), np.array([[0], [1]]), np.array([0, -1])):
        with pytest.raises(ValueError, match="targets"):
            layers.softmax_cross_entropy(np.array([[2.0, 2.0], [2.0, 1.0]]), wrong)
