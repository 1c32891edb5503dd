"""Hidden checks of ReLUFunction.

That its backward pass is written by hand is seen in two ways, each by what comes back. It must work
where autograd is off: in inference mode PyTorch records nothing, and whoever asks it for a gradient
there gets an error. And it must be exact, bit by bit, however near 0 an input is: a difference
quotient steps over the kink, and is rounded elsewhere.
"""

import numpy as np
import torch_support
import torch_workflow
from student_kit.checks import assert_close, require


def draw(rng, *shape):
    """Return inputs of both signs, and a gradient that arrives."""
    return rng.normal(size=shape), rng.normal(size=shape)


def test_forward(rng):
    """The output is x where that is positive, 0 elsewhere, for any shape."""
    for shape in ((4, 5), (7,), (2, 3, 2)):
        x, grad_output = draw(rng, *shape)
        found = torch_support.forward_and_backward(torch_workflow.ReLUFunction, x, grad_output)
        assert_close(found["output"], np.maximum(x, 0), name="the output")


def test_backward(rng):
    """The gradient passes where x is positive, whatever its sign, and nowhere else."""
    for shape in ((4, 5), (7,), (2, 3, 2)):
        x, grad_output = draw(rng, *shape)
        found = torch_support.forward_and_backward(torch_workflow.ReLUFunction, x, grad_output)
        assert_close(found["grad_x"], np.where(x > 0, grad_output, 0.0), name="the gradient")


def test_gradient_at_zero(rng):
    """At exactly 0 the gradient is 0."""
    x, grad_output = draw(rng, 3, 4)
    x[rng.integers(3), :2], x[rng.integers(3), 2:] = 0.0, -0.0
    found = torch_support.forward_and_backward(torch_workflow.ReLUFunction, x, grad_output)
    assert_close(found["grad_x"], np.where(x > 0, grad_output, 0.0), name="the gradient")


def test_exact_near_zero(rng):
    """The gradient is exact, however near x is to 0: no difference quotient is."""
    x, grad_output = draw(rng, 6, 5)
    x *= 10.0 ** np.array([0, -3, -6, -9, -12, -300])[:, None]
    found = torch_support.forward_and_backward(torch_workflow.ReLUFunction, x, grad_output)
    expected = np.where(x > 0, grad_output, 0.0)
    assert_close(found["grad_x"], expected, name="the gradient")
    require(
        (found["grad_x"] == expected).all(), "the gradient is not exact: there is rounding in it"
    )


def test_works_without_autograd(rng):
    """The backward pass is written by hand: it works where autograd is switched off."""
    x, grad_output = draw(rng, 3, 4)
    found = torch_support.backward_without_autograd(torch_workflow.ReLUFunction, x, grad_output)
    assert_close(found, np.where(x > 0, grad_output, 0.0), name="the gradient")


def test_nothing_is_written_into(rng):
    """Neither x nor the gradient that arrives is changed."""
    x, grad_output = draw(rng, 3, 4)
    found = torch_support.forward_and_backward(torch_workflow.ReLUFunction, x, grad_output)
    assert_close(found["grad_x"], np.where(x > 0, grad_output, 0.0), name="the gradient")
    assert_close(found["x"], x, name="x, afterwards")
    assert_close(found["grad_output"], grad_output, name="grad_output, afterwards")
