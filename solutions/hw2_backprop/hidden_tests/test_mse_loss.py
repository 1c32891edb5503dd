"""Hidden checks of mse_loss."""

import layers
import pytest
from reference import layers as reference
from student_kit.checks import assert_close, assert_inputs_unchanged, assert_pair


def evaluate(pred, target):
    """Return (loss, grad_pred) of the submission; fail if it is not a pair."""
    pair = layers.mse_loss(pred, target)
    assert_pair(pair, of="(loss, grad_pred)")
    return pair


def test_loss(rng):
    """The loss is the mean over all entries, for several outputs per sample and for one."""
    for shape in ((6, 4), (5, 1)):
        pred, target = rng.normal(size=(2, *shape))
        expected, _ = reference.mse_loss(pred, target)
        assert_close(evaluate(pred, target)[0], expected, name="loss")


def test_gradient(rng):
    """The gradient belongs to that loss, for several outputs per sample and for one."""
    for shape in ((6, 4), (5, 1)):
        pred, target = rng.normal(size=(2, *shape))
        _, expected = reference.mse_loss(pred, target)
        assert_close(evaluate(pred, target)[1], expected, name="grad_pred")


def test_any_shape(rng):
    """Loss and gradient are right for one axis, for a batch of one, and for three axes."""
    for shape in ((7,), (1, 3), (4, 4), (2, 3, 5)):
        pred, target = rng.normal(size=(2, *shape))
        expected = reference.mse_loss(pred, target)
        loss, grad = evaluate(pred, target)
        assert_close(loss, expected[0], name="loss")
        assert_close(grad, expected[1], name="grad_pred")


def test_refuses_different_shapes(rng):
    """Shapes that differ raise a ValueError, also where NumPy could broadcast them."""
    pred, target = rng.normal(size=(2, 4, 3))
    for wrong in (target[:1], target[0], target[:, :1], target.T, target.ravel()):
        with pytest.raises(ValueError, match=r"\d"):
            layers.mse_loss(pred, wrong)
    with pytest.raises(ValueError, match=r"\d"):
        layers.mse_loss(rng.normal(size=(5, 1)), rng.normal(size=5))
    assert_close(evaluate(pred, target)[0], reference.mse_loss(pred, target)[0], name="loss")


def test_arguments_unchanged(rng):
    """Neither pred nor target is written into, and the gradient is right."""
    pred, target = rng.normal(size=(2, 5, 2))
    _, expected = reference.mse_loss(pred, target)
    with assert_inputs_unchanged():
        _, grad = evaluate(pred, target)
    assert_close(grad, expected, name="grad_pred")
