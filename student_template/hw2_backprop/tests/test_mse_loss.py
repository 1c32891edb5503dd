"""Public checks of mse_loss."""

import layers
import numpy as np
import pytest
from student_kit.checks import assert_close, assert_pair, estimated_gradient


def evaluate(pred, target):
    """Return (loss, grad_pred); fail if your result is not a pair."""
    result = layers.mse_loss(pred, target)
    assert_pair(result, of="(loss, grad_pred)")
    return result


def test_worked_numbers():
    """Loss and gradient are those of the worked example in the handout."""
    loss, grad = evaluate(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 0.0], [4.0, 1.0]]))
    assert_close(loss, 3.5, name="loss")
    assert_close(grad, np.array([[0.0, 1.0], [-0.5, 1.5]]), name="grad_pred")


def test_central_differences(rng):
    """The gradient agrees with central differences of the mean over all entries."""
    pred, target = rng.normal(size=(2, 4, 3))

    def mean_loss(at):
        pairs = zip(at.ravel(), target.ravel(), strict=True)
        return float(sum((p - t) ** 2 for p, t in pairs) / 12)

    loss, grad = evaluate(pred, target)
    assert_close(loss, mean_loss(pred), name="loss")
    expected = estimated_gradient(mean_loss, pred)
    assert_close(grad, expected, rtol=1e-7, atol=1e-8, name="grad_pred")


def test_shapes_must_agree():
    """A column of predictions against a vector of targets raises a ValueError."""
    with pytest.raises(ValueError, match=r"\d"):
        layers.mse_loss(np.ones((3, 1)), np.ones(3))
