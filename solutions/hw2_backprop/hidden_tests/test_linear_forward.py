"""Hidden checks of linear_forward."""

import layers
import numpy as np
from reference import layers as reference
from student_kit.checks import assert_close, assert_inputs_unchanged


def draw(rng, n, d_in, d_out):
    """Return x, weight and bias."""
    return rng.normal(size=(n, d_in)), rng.normal(size=(d_out, d_in)), rng.normal(size=d_out)


def test_general_shapes(rng):
    """The output is right where batch, inputs and outputs have different sizes."""
    for sizes in ((5, 3, 7), (4, 8, 2)):
        x, weight, bias = draw(rng, *sizes)
        expected = reference.linear_forward(x, weight, bias)
        assert_close(layers.linear_forward(x, weight, bias), expected)


def test_square(rng):
    """The output is right where all sizes are equal, so that a transpose goes unnoticed."""
    x, weight, bias = draw(rng, 4, 4, 4)
    expected = reference.linear_forward(x, weight, bias)
    assert_close(layers.linear_forward(x, weight, bias), expected)


def test_one_sample_and_one_output(rng):
    """A batch of one keeps its axis, and so does a layer with one output."""
    for sizes in ((1, 3, 5), (6, 4, 1)):
        x, weight, bias = draw(rng, *sizes)
        expected = reference.linear_forward(x, weight, bias)
        assert_close(layers.linear_forward(x, weight, bias), expected)


def test_bias_of_each_output(rng):
    """Where the input is 0, every sample gets the bias, each output its own."""
    _, weight, bias = draw(rng, 3, 6, 3)
    expected = np.array([bias, bias, bias])
    assert_close(layers.linear_forward(np.zeros((3, 6)), weight, bias), expected)


def test_weight_without_bias(rng):
    """Where the bias is 0, each output is the product of its row of the weight with the sample."""
    x, weight, _ = draw(rng, 3, 5, 4)
    expected = np.array([[sum(row * sample) for row in weight] for sample in x])
    assert_close(layers.linear_forward(x, weight, np.zeros(4)), expected)


def test_arguments_unchanged(rng):
    """x, weight and bias are not written into, and the output is right."""
    x, weight, bias = draw(rng, 6, 2, 3)
    expected = reference.linear_forward(x, weight, bias)
    with assert_inputs_unchanged():
        result = layers.linear_forward(x, weight, bias)
    assert_close(result, expected)
