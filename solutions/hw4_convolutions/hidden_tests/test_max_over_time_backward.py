"""Hidden checks of max_over_time_backward."""

import numpy as np
import pytest
import text
from reference import text as reference
from student_kit.checks import assert_close, assert_inputs_unchanged


def draw(rng, n, f, length):
    """Return responses (N, F, L): one in each row is positive, the last one in the first row."""
    x = -rng.uniform(0, 3, size=(n, f, length))
    places = rng.integers(length, size=(n, f, 1))
    places[0, 0] = length - 1
    np.put_along_axis(x, places, rng.uniform(0.5, 1, size=places.shape), axis=2)
    return x


@pytest.mark.weight(2)
def test_goes_to_the_maximum(rng):
    """The gradient of each filter goes to the position of its maximum, and 0 to the others."""
    grad_output, x = rng.normal(size=(3, 5)), draw(rng, 3, 5, 8)
    expected = reference.max_over_time_backward(grad_output, x)
    assert_close(text.max_over_time_backward(grad_output, x), expected)


@pytest.mark.weight(2)
def test_first_of_several_maxima(rng):
    """If the maximum comes several times, the first gets the gradient, and it alone."""
    grad_output, x = rng.normal(size=(4, 3)), np.zeros((4, 3, 6))
    for n, f in np.ndindex(4, 3):
        x[n, f] = rng.permutation([2.0, 2.0, 2.0, 1.0, 0.0, -1.0])
    expected = reference.max_over_time_backward(grad_output, x)
    assert_close(text.max_over_time_backward(grad_output, x), expected)


def test_all_positions_equal(rng):
    """Where all positions are equal, as behind a ReLU that is shut, the first gets all."""
    grad_output = rng.normal(size=(2, 4))
    expected = np.zeros((2, 4, 5))
    expected[:, :, 0] = grad_output
    assert_close(text.max_over_time_backward(grad_output, np.zeros((2, 4, 5))), expected)


def test_negative_numbers(rng):
    """Where all numbers are negative, the largest wins, which is nearest to 0."""
    grad_output, x = rng.normal(size=(3, 4)), draw(rng, 3, 4, 6) - 4.0
    expected = reference.max_over_time_backward(grad_output, x)
    assert_close(text.max_over_time_backward(grad_output, x), expected)


def test_all_sizes_equal(rng):
    """The positions are the last axis, also if there are as many sentences and filters."""
    grad_output, x = rng.normal(size=(5, 5)), draw(rng, 5, 5, 5)
    expected = reference.max_over_time_backward(grad_output, x)
    assert_close(text.max_over_time_backward(grad_output, x), expected)


def test_one_position(rng):
    """With a single position, it gets the gradient."""
    grad_output, x = rng.normal(size=(4, 3)), rng.normal(size=(4, 3, 1))
    assert_close(text.max_over_time_backward(grad_output, x), grad_output[:, :, None])


def test_one_sentence_and_one_filter(rng):
    """A batch of one sentence, and a bank of one filter, keep their axes."""
    for n, f, length in ((1, 5, 6), (4, 1, 7)):
        grad_output, x = rng.normal(size=(n, f)), draw(rng, n, f, length)
        expected = reference.max_over_time_backward(grad_output, x)
        assert_close(text.max_over_time_backward(grad_output, x), expected)


def test_arguments_unchanged(rng):
    """Neither grad_output nor x is written into, and the result is right."""
    grad_output, x = rng.normal(size=(3, 4)), draw(rng, 3, 4, 6)
    with assert_inputs_unchanged():
        found = text.max_over_time_backward(grad_output, x)
    assert_close(found, reference.max_over_time_backward(grad_output, x))
