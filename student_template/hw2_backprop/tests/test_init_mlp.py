"""Public checks of init_mlp. Any correct use of rng passes."""

import mlp
import numpy as np
from student_kit.checks import assert_close, assert_keys, require


def test_shapes_of_a_small_network(rng):
    """[4, 3, 2] makes weights of shapes (3, 4) and (2, 3), and zero biases of shapes (3,), (2,)."""
    params = mlp.init_mlp([4, 3, 2], rng=rng)
    assert_keys(params, {"weight1", "bias1", "weight2", "bias2"}, name="params")
    for key, shape in (("weight1", (3, 4)), ("weight2", (2, 3))):
        found = np.shape(params[key])
        require(found == shape, f"params[{key!r}] has the shape {found}, not {shape}")
    assert_close(params["bias1"], np.zeros(3), name="params['bias1']")
    assert_close(params["bias2"], np.zeros(2), name="params['bias2']")


def test_size_of_the_weights_for_digits(rng):
    """For [784, 128, 10] the weights deviate from 0 by about 0.051 in layer 1, 0.125 in layer 2."""
    params = mlp.init_mlp([784, 128, 10], rng=rng)
    # 100352 and 1280 numbers: their deviation is that of the distribution within 1 % and 8 %
    for key, expected, within in (
        ("weight1", np.sqrt(2 / 784), 0.02),
        ("weight2", np.sqrt(2 / 128), 0.15),
    ):
        found = float(np.std(params[key]))
        require(
            abs(found / expected - 1) < within,
            f"the standard deviation of {key} is not the square root of 2 / fan_in",
            f"expected about {expected:.4f}, found {found:.4f}",
        )
        mean = float(np.mean(params[key]))
        require(
            abs(mean) < within * expected,
            f"the mean of {key} is not 0: weights of either sign are needed",
            f"found {mean:.4f}",
        )
