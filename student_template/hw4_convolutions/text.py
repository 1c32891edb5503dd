"""Homework 4, second file: text becomes numbers, and filters slide over it.

A text is a matrix: one row for each token, that is a letter or a word, in the order of reading. L
is the number of tokens, D how many numbers a token is: with one-hot letters as many as the alphabet
has, with embeddings as many as one likes. A batch has the shape (N, L, D).

As in conv.py, every function is pure: it returns new arrays, never writes into an argument, and
remembers nothing. Arrays are float64, but for `ids`, which holds integers.
"""

from __future__ import annotations

import numpy as np

# given: what your answers are built of
from conv import conv1d_forward

Array = np.ndarray


def one_hot_chars(text: str, alphabet: str) -> Array:
    """Turn each character of a text into a row with a single 1.

        out[i, j] = 1 if text[i] is alphabet[j], else 0

    A character that is not in the alphabet becomes a row of zeros: it is none of the letters, and a
    filter that slides over it sees nothing there. So a text can be filled up to a certain length
    with any such character.

    Args:
        text: any string, also an empty one. Small letters and capitals are different characters.
        alphabet: the characters that count, each of them once, at least one.

    Returns:
        Shape (len(text), len(alphabet)), float64.

    Source: lecture notes, section 3 ("each row is a ... one-hot encoded letter"); Zhang, Zhao &
    LeCun (2015), arXiv:1509.01626, section 2.2; torch.nn.functional.one_hot for the letters.
    """
    raise NotImplementedError("one_hot_chars: your code here")


def embed_tokens(ids: Array, table: Array) -> Array:
    """Look up the row that belongs to each token.

        out[..., d] = table[ids[...], d]

    It is the same as one-hot rows times the table, without the multiplications by 0.

    Args:
        ids: token ids, integers from 0 to V - 1, one axis or more: (L,) for a sentence, (N, L) for
            a batch of them. A token may come several times.
        table: one row for each token, shape (V, D).

    Returns:
        The shape of ids, with one more axis of D at the end; a new array, not a view of the table.

    Raises:
        ValueError: an id is below 0 or above V - 1; the message names ids. (NumPy counts negative
            numbers from the end, without a word.)

    Source: lecture notes, section 3 ("each row is a word embedding");
    torch.nn.functional.embedding.
    """
    raise NotImplementedError("embed_tokens: your code here")


def embed_backward(grad_output: Array, ids: Array, num_embeddings: int) -> Array:
    """Take a gradient backwards through `embed_tokens`: to the table.

        dL/dtable[v, d] = sum of  dL/dout[..., d]  over all places where ids is v

    A token that comes several times gets the gradients of all its places, added up; one that does
    not come at all gets 0.

    Args:
        grad_output: gradient of the loss with respect to the output, the shape of ids and (D,).
        ids: the token ids that the lookup had, any shape.
        num_embeddings: V, the number of rows of the table.

    Returns:
        Shape (V, D).

    Source: the chain rule; what autograd gives for torch.nn.functional.embedding.
    """
    raise NotImplementedError("embed_backward: your code here")


def conv1d_text(embedded: Array, weight: Array, bias: Array) -> Array:
    """Slide filters over sentences, along the time: each sees K tokens in a row, all their numbers.

        out[n, f, i] = bias[f] + sum over k, d of  embedded[n, i + k, d] * weight[f, d, k]

    It is `conv1d_forward` with stride 1 and without padding. But there the channels come before
    the positions, (N, C, L); a text has them behind, (N, L, D).

    Args:
        embedded: sentences, one row for each token, shape (N, L, D).
        weight: filters, shape (F, D, K).
        bias: one number per filter, shape (F,).

    Returns:
        Shape (N, F, L - K + 1): for each filter, how well it fits at each position.

    Raises:
        ValueError: the filters are longer than the sentences, K > L; the message names both
            numbers. Such sentences have to be filled up first.

    Source: lecture notes, section 3 (text); Kim (2014), arXiv:1408.5882, equation 2, without its
    non-linearity; torch.nn.functional.conv1d on the transposed sentences.
    """
    raise NotImplementedError("conv1d_text: your code here")


def max_over_time(x: Array) -> Array:
    """Keep the strongest response of each filter to each sentence, wherever it was.

        out[n, f] = max over i of  x[n, f, i]

    What is left no longer depends on the length of the sentence.

    Args:
        x: responses of F filters at L positions, shape (N, F, L), L >= 1.

    Returns:
        Shape (N, F).

    Source: Collobert et al. (2011), Natural Language Processing (Almost) from Scratch, section
    3.2.2; torch.nn.functional.max_pool1d over all positions.
    """
    raise NotImplementedError("max_over_time: your code here")


def max_over_time_backward(grad_output: Array, x: Array) -> Array:
    """Take a gradient backwards through `max_over_time`: to the position that won.

        dL/dx[n, f, i] = dL/dout[n, f] if i is the first position of the maximum of x[n, f], else 0

    Args:
        grad_output: gradient of the loss with respect to the output, shape (N, F).
        x: the responses that the pooling had, shape (N, F, L).

    Returns:
        Shape (N, F, L). If the maximum comes several times, the first of them gets it all.

    Source: the chain rule; what autograd gives for torch.nn.functional.max_pool1d, ties included.
    """
    raise NotImplementedError("max_over_time_backward: your code here")
