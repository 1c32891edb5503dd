"""Hidden checks of cnn_loss: the loss, and the gradient of each parameter."""

import cnn
import numpy as np
import pytest
from reference import cnn as reference
from student_kit.checks import (
    assert_close,
    assert_inputs_unchanged,
    assert_keys,
    assert_pair,
)


def draw(rng, n, image, kernel, filters, classes):
    """Return random parameters, images and classes; many windows of the pool are shut.

    Args:
        image: (C, H, W).
        kernel: (KH, KW).
    """
    C, H, W = image
    pooled = filters * ((H - kernel[0] + 1) // 2) * ((W - kernel[1] + 1) // 2)
    fan_in = C * kernel[0] * kernel[1]
    params = {
        "conv_weight": rng.normal(size=(filters, C, *kernel)) / fan_in**0.5,
        "conv_bias": rng.uniform(-1.2, -0.6, size=filters),
        "weight": rng.normal(size=(classes, pooled)),
        "bias": rng.normal(size=classes),
    }
    return params, rng.normal(size=(n, C, H, W)), rng.integers(classes, size=n)


def evaluate(params, x, targets):
    """Return (loss, grads) of the submission; fail if it is not a pair."""
    result = cnn.cnn_loss(params, x, targets)
    assert_pair(result, of="(loss, grads)")
    return result


def check_grads(arguments, keys):
    """Compare the gradients of these parameters."""
    _, expected = reference.cnn_loss(*arguments)
    _, grads = evaluate(*arguments)
    compare(grads, expected, keys)


def check(*arguments):
    """Compare the loss, and the gradients of all parameters."""
    expected_loss, expected = reference.cnn_loss(*arguments)
    loss, grads = evaluate(*arguments)
    assert_close(loss, expected_loss, name="loss")
    compare(grads, expected, expected)


def compare(grads, expected, keys):
    """Compare some of the gradients."""
    assert_keys(grads, set(expected), name="grads")
    for key in keys:
        assert_close(grads[key], expected[key], name=f"grads[{key!r}]")


@pytest.mark.weight(2)
def test_loss(rng):
    """The loss is the mean cross-entropy behind convolution, ReLU, pool and linear layer."""
    arguments = draw(rng, 5, (2, 8, 6), (3, 2), 4, 3)
    expected, _ = reference.cnn_loss(*arguments)
    assert_close(evaluate(*arguments)[0], expected, name="loss")


def test_gradient_of_the_linear_layer(rng):
    """The gradient of the linear layer's weight and bias is right."""
    check_grads(draw(rng, 6, (1, 7, 6), (2, 3), 3, 4), ["weight", "bias"])


@pytest.mark.weight(2)
def test_gradient_of_the_filters(rng):
    """The gradient goes back through linear layer, pool and ReLU to the filters."""
    check_grads(draw(rng, 6, (2, 6, 7), (3, 2), 4, 5), ["conv_weight"])


def test_gradient_of_the_filters_bias(rng):
    """The gradient of the filters' bias is right."""
    check_grads(draw(rng, 5, (1, 6, 8), (3, 3), 2, 4), ["conv_bias"])


def test_pool_that_does_not_come_out_even(rng):
    """If the maps have an odd height or width, the pool leaves the last row or column out."""
    for image in ((1, 7, 6), (2, 6, 7)):
        arguments = draw(rng, 4, image, (3, 3), 3, 3)
        check(*arguments)


def test_sizes_that_are_equal(rng):
    """Loss and gradients are right if all sizes are equal, where wrong axes fit as well."""
    arguments = draw(rng, 4, (4, 5, 5), (2, 2), 4, 4)
    check(*arguments)


def test_one_image(rng):
    """Loss and gradients are right for a batch of one."""
    arguments = draw(rng, 1, (2, 6, 5), (2, 2), 3, 4)
    arguments[0]["conv_bias"][:] = 0.6, -1.5, -4.0  # all but open, all but shut, and shut
    check(*arguments)


def test_blank_images(rng):
    """Where a filter gives exactly 0, the ReLU lets no gradient through."""
    params, x, targets = draw(rng, 4, (1, 7, 7), (2, 2), 3, 4)
    params["conv_bias"] = np.zeros(3)
    x[:, :, :5] = 0.0  # no ink in the upper rows, as in the corners of a digit
    check(params, x, targets)


def test_keys_in_any_order(rng):
    """The order of the parameters in the dict does not matter."""
    params, x, targets = draw(rng, 6, (2, 6, 6), (3, 3), 3, 2)
    params = {key: params[key] for key in ("bias", "conv_bias", "weight", "conv_weight")}
    check(params, x, targets)


def test_arguments_unchanged(rng):
    """Neither params, x nor targets is written into, and the gradients are right."""
    arguments = draw(rng, 4, (1, 6, 7), (3, 2), 3, 3)
    with assert_inputs_unchanged():
        _, grads = evaluate(*arguments)
    _, expected = reference.cnn_loss(*arguments)
    compare(grads, expected, expected)
