"""Hidden checks of max_over_time."""

import numpy as np
import pytest
import text
from student_kit.checks import assert_close, assert_inputs_unchanged


def draw(rng, n, f, length):
    """Return responses (N, F, L): one in each row is positive, the last one in the first row."""
    x = -rng.uniform(0, 3, size=(n, f, length))
    places = rng.integers(length, size=(n, f, 1))
    places[0, 0] = length - 1
    np.put_along_axis(x, places, rng.uniform(0.5, 1, size=places.shape), axis=2)
    return x


def largest(x):
    """Return the largest number of each row x[n, f], compared one by one."""
    out = np.zeros(x.shape[:2])
    for n, f in np.ndindex(*out.shape):
        out[n, f] = max(x[n, f].tolist())
    return out


@pytest.mark.weight(2)
def test_largest_of_each_filter(rng):
    """Each filter keeps its largest number, in each sentence by itself."""
    x = draw(rng, 3, 5, 8)
    assert_close(text.max_over_time(x), largest(x))


@pytest.mark.weight(2)
def test_all_sizes_equal(rng):
    """The maximum is over the positions, also if there are as many sentences and filters."""
    x = draw(rng, 4, 4, 4)
    assert_close(text.max_over_time(x), largest(x))


def test_negative_numbers(rng):
    """Where all numbers are negative, the maximum is negative too."""
    x = draw(rng, 2, 6, 5) - 4.0
    assert_close(text.max_over_time(x), largest(x))


def test_wherever_the_maximum_is(rng):
    """The first position and the last count like the others."""
    x = rng.normal(size=(7, 2, 7))
    places = rng.permutation(7)
    x[np.arange(7), :, places] = rng.uniform(10, 20, size=(7, 2))
    assert_close(text.max_over_time(x), largest(x))


def test_one_position(rng):
    """With a single position, it is the maximum."""
    x = rng.normal(size=(4, 3, 1))
    assert_close(text.max_over_time(x), x[:, :, 0])


def test_one_sentence_and_one_filter(rng):
    """A batch of one sentence, and a bank of one filter, keep their axes."""
    for shape in ((1, 5, 6), (4, 1, 7)):
        x = draw(rng, *shape)
        assert_close(text.max_over_time(x), largest(x))


def test_arguments_unchanged(rng):
    """x is not written into, and the result is right."""
    x = draw(rng, 3, 4, 6)
    expected = largest(x)
    with assert_inputs_unchanged():
        found = text.max_over_time(x)
    assert_close(found, expected)
