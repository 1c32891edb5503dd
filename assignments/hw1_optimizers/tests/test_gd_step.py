"""Public checks of gd_step."""

import numpy as np
import optim
from student_kit.checks import assert_close, assert_equal, assert_inputs_unchanged, assert_pair


def test_worked_numbers():
    """The step is that of the worked example in the handout."""
    result = optim.gd_step(np.array([1.0, -2.0]), np.array([0.5, -4.0]), {}, lr=0.1)
    assert_pair(result)
    assert_close(result[0], np.array([0.95, -1.6]), name="theta")
    assert_equal(result[1], {}, name="the state")


def test_new_array(rng):
    """The result is a new array: theta and grad are not written into."""
    theta, grad = rng.normal(size=3), rng.normal(size=3)
    with assert_inputs_unchanged():
        result = optim.gd_step(theta, grad, {}, lr=0.5)
    assert_pair(result)
    expected = np.array([theta[i] - 0.5 * grad[i] for i in range(3)])
    assert_close(result[0], expected, name="theta")
