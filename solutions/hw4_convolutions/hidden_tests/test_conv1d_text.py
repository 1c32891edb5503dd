"""Hidden checks of conv1d_text."""

import numpy as np
import pytest
import text
from reference import text as reference
from student_kit.checks import assert_close, assert_inputs_unchanged


def draw(rng, n, length, width, filters, kernel):
    """Return sentences (N, L, D), weight (F, D, K) and bias (F,)."""
    embedded = rng.normal(size=(n, length, width))
    return embedded, rng.normal(size=(filters, width, kernel)), rng.normal(size=filters)


@pytest.mark.weight(2)
def test_equals_its_defining_sum(rng):
    """Every number is the bias and the sum over K tokens and all D numbers of each."""
    embedded, weight, bias = draw(rng, 3, 8, 5, 4, 2)
    expected = np.zeros((3, 4, 7))
    for n, f, i in np.ndindex(3, 4, 7):
        # (D, K): the tokens i and i + 1 as columns, as a filter has them
        expected[n, f, i] = bias[f] + np.sum(embedded[n, i : i + 2].T * weight[f])
    assert_close(text.conv1d_text(embedded, weight, bias), expected)


@pytest.mark.weight(2)
def test_as_many_tokens_as_numbers(rng):
    """Filters slide along the tokens, and not along their numbers, also where L is D."""
    for size, kernel in ((6, 3), (4, 4)):
        embedded, weight, bias = draw(rng, 2, size, size, 5, kernel)
        expected = reference.conv1d_text(embedded, weight, bias)
        assert_close(text.conv1d_text(embedded, weight, bias), expected)


def test_more_numbers_than_tokens(rng):
    """Short sentences of wide embeddings are right."""
    embedded, weight, bias = draw(rng, 4, 5, 9, 3, 2)
    expected = reference.conv1d_text(embedded, weight, bias)
    assert_close(text.conv1d_text(embedded, weight, bias), expected)


def test_filters_over_one_token(rng):
    """A filter over one token sees each token by itself."""
    embedded, weight, bias = draw(rng, 3, 7, 4, 5, 1)
    expected = (embedded @ weight[:, :, 0].T + bias).transpose(0, 2, 1)
    assert_close(text.conv1d_text(embedded, weight, bias), expected)


def test_filters_over_the_whole_sentence(rng):
    """A filter as long as the sentence has one position."""
    embedded, weight, bias = draw(rng, 3, 5, 4, 6, 5)
    expected = reference.conv1d_text(embedded, weight, bias)
    assert_close(text.conv1d_text(embedded, weight, bias), expected)


def test_one_sentence_and_one_filter(rng):
    """A batch of one sentence, and a bank of one filter, keep their axes."""
    embedded, weight, bias = draw(rng, 1, 9, 3, 1, 4)
    bias = bias - reference.conv1d_text(embedded, weight, bias).mean()  # of both signs
    expected = reference.conv1d_text(embedded, weight, bias)
    assert_close(text.conv1d_text(embedded, weight, bias), expected)


def test_one_hot_letters(rng):
    """Over one-hot letters, a filter adds up the weights of the letters that it sees."""
    ids = rng.integers(6, size=(2, 8))
    _, weight, bias = draw(rng, 1, 1, 6, 3, 3)
    expected = np.zeros((2, 3, 6))
    for n, f, i in np.ndindex(2, 3, 6):
        expected[n, f, i] = bias[f] + sum(weight[f, ids[n, i + k], k] for k in range(3))
    assert_close(text.conv1d_text(np.eye(6)[ids], weight, bias), expected)


@pytest.mark.weight(0.5)
def test_refuses_filters_longer_than_the_sentence(rng):
    """A filter longer than the sentence raises a ValueError that names both lengths."""
    for length, kernel in ((4, 7), (2, 3)):
        embedded, weight, bias = draw(rng, 3, length, 5, 6, kernel)
        both = rf"(?s)\b{kernel}\b.*\b{length}\b|\b{length}\b.*\b{kernel}\b"
        with pytest.raises(ValueError, match=both):
            text.conv1d_text(embedded, weight, bias)
    embedded, weight, bias = draw(rng, 3, 6, 5, 2, 4)
    expected = reference.conv1d_text(embedded, weight, bias)
    assert_close(text.conv1d_text(embedded, weight, bias), expected)


def test_arguments_unchanged(rng):
    """None of the arguments is written into, and the result is right."""
    embedded, weight, bias = draw(rng, 2, 6, 4, 3, 2)
    with assert_inputs_unchanged():
        found = text.conv1d_text(embedded, weight, bias)
    assert_close(found, reference.conv1d_text(embedded, weight, bias))
