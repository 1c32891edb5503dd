"""Hidden checks of embed_backward."""

import numpy as np
import pytest
import text
from reference import text as reference
from student_kit.checks import assert_close, assert_inputs_unchanged


def test_every_token_once(rng):
    """Tokens that come once each get their own gradient, in the row of their id."""
    ids, grad_output = rng.permutation(7), rng.normal(size=(7, 4))
    expected = np.zeros((7, 4))
    expected[ids] = grad_output
    assert_close(text.embed_backward(grad_output, ids, 7), expected)


@pytest.mark.weight(2)
def test_repeated_tokens(rng):
    """A token that comes several times gets the sum of the gradients of all its places."""
    ids = rng.permutation([0, 0, 0, 1, 2, 2, 3])
    grad_output = rng.normal(size=(7, 5))
    expected = reference.embed_backward(grad_output, ids, 4)
    assert_close(text.embed_backward(grad_output, ids, 4), expected)


@pytest.mark.weight(2)
def test_batch_of_sentences(rng):
    """The places of all sentences of a batch are added up."""
    ids, grad_output = rng.integers(5, size=(4, 6)), rng.normal(size=(4, 6, 3))
    expected = reference.embed_backward(grad_output, ids, 5)
    assert_close(text.embed_backward(grad_output, ids, 5), expected)


def test_tokens_that_do_not_come(rng):
    """The gradient has a row for each token of the table; those that do not come have 0."""
    ids, grad_output = rng.integers(2, 6, size=(3, 4)), rng.normal(size=(3, 4, 5))
    expected = reference.embed_backward(grad_output, ids, 9)
    assert_close(text.embed_backward(grad_output, ids, 9), expected)


def test_one_token_all_the_time(rng):
    """A sentence of one token only gives its row the sum over the sentence."""
    grad_output = rng.normal(size=(6, 4))
    expected = np.zeros((3, 4))
    expected[1] = grad_output.sum(axis=0)
    assert_close(text.embed_backward(grad_output, np.full(6, 1), 3), expected)


def test_as_many_tokens_as_numbers(rng):
    """Rows are tokens and columns their numbers, also if all sizes are equal."""
    ids, grad_output = rng.integers(4, size=(4, 4)), rng.normal(size=(4, 4, 4))
    expected = reference.embed_backward(grad_output, ids, 4)
    assert_close(text.embed_backward(grad_output, ids, 4), expected)


def test_is_the_transposed_lookup(rng):
    """It is the gradient of the lookup: how the loss changes if the table moves a little."""
    ids, grad_output = rng.integers(6, size=(3, 5)), rng.normal(size=(3, 5, 2))
    found = text.embed_backward(grad_output, ids, 6)
    table = rng.normal(size=(6, 2))
    expected = float(np.sum(grad_output * table[ids]))
    assert_close(found, reference.embed_backward(grad_output, ids, 6))
    assert_close(float(np.sum(found * table)), expected, name="the change of the loss")


def test_arguments_unchanged(rng):
    """Neither grad_output nor ids is written into, and the result is right."""
    ids, grad_output = rng.integers(5, size=(2, 6)), rng.normal(size=(2, 6, 3))
    with assert_inputs_unchanged():
        found = text.embed_backward(grad_output, ids, 7)
    assert_close(found, reference.embed_backward(grad_output, ids, 7))
