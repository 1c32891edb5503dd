"""Hidden checks of linear_backward."""

import layers
import numpy as np
from reference import layers as reference
from student_kit.checks import assert_close, assert_inputs_unchanged, require

NAMES = ("grad_x", "grad_weight", "grad_bias")


def draw(rng, n, d_in, d_out):
    """Return grad_output, x and weight."""
    return rng.normal(size=(n, d_out)), rng.normal(size=(n, d_in)), rng.normal(size=(d_out, d_in))


def gradients(args):
    """Return what the submission returns; fail if it is not a tuple of three."""
    result = layers.linear_backward(*args)
    require(
        type(result) is tuple and len(result) == 3,
        "the result must be a tuple of three, (grad_x, grad_weight, grad_bias)",
    )
    return dict(zip(NAMES, result, strict=True))


def check(args, *names):
    """Compare these gradients with those of the reference."""
    expected = dict(zip(NAMES, reference.linear_backward(*args), strict=True))
    found = gradients(args)
    for name in names:
        assert_close(found[name], expected[name], name=name)


def test_gradient_of_the_input(rng):
    """grad_x is right where batch, inputs and outputs have different sizes."""
    for sizes in ((5, 3, 7), (4, 8, 2)):
        check(draw(rng, *sizes), "grad_x")


def test_gradient_of_the_weight(rng):
    """grad_weight is right where batch, inputs and outputs have different sizes."""
    for sizes in ((5, 3, 7), (4, 8, 2)):
        check(draw(rng, *sizes), "grad_weight")


def test_gradient_of_the_bias(rng):
    """grad_bias is right, one number per output, where all sizes are different."""
    for sizes in ((5, 3, 7), (4, 8, 2)):
        check(draw(rng, *sizes), "grad_bias")


def test_square(rng):
    """All three are right where all sizes are equal, so that a transpose goes unnoticed."""
    check(draw(rng, 4, 4, 4), *NAMES)


def test_one_sample(rng):
    """All three are right for a batch of one, and keep their shapes."""
    check(draw(rng, 1, 3, 5), *NAMES)


def test_samples_add_up(rng):
    """The gradients of the parameters are sums over the batch: twice the samples, twice as much."""
    grad_output, x, weight = draw(rng, 6, 4, 3)
    once = gradients((grad_output, x, weight))
    thrice = gradients((np.tile(grad_output, (3, 1)), np.tile(x, (3, 1)), weight))
    for name, shape in (("grad_weight", (3, 4)), ("grad_bias", (3,))):
        for found in (once, thrice):
            require(
                type(found[name]) is np.ndarray and found[name].shape == shape,
                f"{name} must be an array of the shape of what it belongs to",
            )
            require(np.linalg.norm(found[name]) > 0, f"{name} is 0")
        assert_close(thrice[name], 3 * once[name], name=f"{name} of the tripled batch")
        # the direction alone, so that this check is about the sum and nothing else
        expected = dict(zip(NAMES, reference.linear_backward(grad_output, x, weight), strict=True))
        assert_close(
            once[name] / np.linalg.norm(once[name]),
            expected[name] / np.linalg.norm(expected[name]),
            name=f"the direction of {name}",
        )


def test_arguments_unchanged(rng):
    """grad_output, x and weight are not written into, and grad_x is right."""
    args = draw(rng, 6, 2, 3)
    expected = reference.linear_backward(*args)[0]
    with assert_inputs_unchanged():
        found = gradients(args)
    assert_close(found["grad_x"], expected, name="grad_x")
