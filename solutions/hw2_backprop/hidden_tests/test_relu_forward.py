"""Hidden checks of relu_forward."""

import layers
import numpy as np
from reference import layers as reference
from student_kit.checks import assert_close, assert_inputs_unchanged


def test_either_sign(rng):
    """Positive entries stay, negative ones become 0."""
    x = rng.normal(size=(6, 5))
    assert_close(layers.relu_forward(x), reference.relu_forward(x))


def test_any_shape(rng):
    """It works entry by entry, for one axis, three and four."""
    for shape in ((9,), (2, 3, 4), (2, 1, 3, 5)):
        x = rng.normal(size=shape)
        assert_close(layers.relu_forward(x), reference.relu_forward(x))


def test_zero_and_extreme_values(rng):
    """0 stays 0, tiny positive numbers stay what they are, and large ones are not cut off."""
    size = rng.uniform(1, 2, size=3)
    x = np.concatenate([[0.0, -0.0], 1e-6 * size, -1e-6 * size, 1e9 * size, -1e9 * size])
    expected = np.array([value if value > 0 else 0.0 for value in x])
    assert_close(layers.relu_forward(x), expected)


def test_argument_unchanged(rng):
    """x is not written into, and the output is right."""
    x = rng.normal(size=(4, 7))
    expected = reference.relu_forward(x)
    with assert_inputs_unchanged():
        result = layers.relu_forward(x)
    assert_close(result, expected)
