"""Public checks of linear_backward."""

import layers
import numpy as np
from student_kit.checks import assert_close, estimated_gradient, require


def gradients(grad_output, x, weight):
    """Return what your function returns; fail if it is not a tuple of three."""
    result = layers.linear_backward(grad_output, x, weight)
    require(
        type(result) is tuple and len(result) == 3,
        "the result must be a tuple of three, (grad_x, grad_weight, grad_bias)",
    )
    return result


def test_worked_numbers():
    """One step back through the last layer of the worked network in the handout."""
    s = 0.3655292893  # half of the probability 0.7310585786
    grad_logits = np.array([[-0.25, 0.25], [s, -s]])
    hidden = np.array([[1.0, 1.0, 0.0], [2.0, 0.0, 1.0]])
    weight = np.array([[1.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
    grad_hidden, grad_weight, grad_bias = gradients(grad_logits, hidden, weight)
    assert_close(grad_hidden, np.array([[-0.25, 0.25, 0.25], [s, -s, -s]]), name="grad_x")
    expected = np.array([[2 * s - 0.25, -0.25, s], [0.25 - 2 * s, 0.25, -s]])
    assert_close(grad_weight, expected, name="grad_weight")
    assert_close(grad_bias, np.array([s - 0.25, 0.25 - s]), name="grad_bias")


def test_whole_way_back():
    """Three layers back, from the logits to the input, are the chain rule of the handout."""
    s = 0.3655292893
    x, hidden = np.array([[1.0, 2.0], [2.0, 1.0]]), np.array([[1.0, 1.0, 0.0], [2.0, 0.0, 1.0]])
    a = np.array([[1.0, 1.0, -1.0], [2.0, 0.0, 1.0]])
    weight1 = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]])
    weight2 = np.array([[1.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
    grad_hidden, _, _ = gradients(np.array([[-0.25, 0.25], [s, -s]]), hidden, weight2)
    grad_a = layers.relu_backward(grad_hidden, a)
    assert_close(grad_a, np.array([[-0.25, 0.25, 0.0], [s, 0.0, -s]]), name="grad_a")
    grad_x, grad_weight1, grad_bias1 = gradients(grad_a, x, weight1)
    expected = np.array([[2 * s - 0.25, s - 0.5], [0.25, 0.5], [-2 * s, -s]])
    assert_close(grad_weight1, expected, name="grad_weight1")
    assert_close(grad_bias1, np.array([s - 0.25, 0.25, -s]), name="grad_bias1")
    assert_close(grad_x, np.array([[-0.25, 0.25], [0.0, s]]), name="grad_x")


def test_central_differences(rng):
    """All three agree with central differences, for a random gradient from above."""
    grad_output, x, weight = (rng.normal(size=size) for size in ((5, 3), (5, 4), (3, 4)))
    bias = rng.normal(size=3)

    def loss(x, weight, bias):
        return float(np.sum(grad_output * (np.einsum("ni,ji->nj", x, weight) + bias)))

    grad_x, grad_weight, grad_bias = gradients(grad_output, x, weight)
    # the loss is linear in each argument: only rounding is left, about 1e-15 / 1e-5
    for name, found, expected in (
        ("grad_x", grad_x, estimated_gradient(lambda at: loss(at, weight, bias), x)),
        ("grad_weight", grad_weight, estimated_gradient(lambda at: loss(x, at, bias), weight)),
        ("grad_bias", grad_bias, estimated_gradient(lambda at: loss(x, weight, at), bias)),
    ):
        assert_close(found, expected, rtol=1e-7, atol=1e-8, name=name)
