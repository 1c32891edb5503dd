"""Correct: masks whose ties are broken by counting, and rows gathered one by one."""

import numpy as np
from conv import conv1d_forward


def one_hot_chars(text, alphabet):
    """One list of numbers per character."""
    rows = [[float(char == letter) for letter in alphabet] for char in text]
    return np.array(rows, dtype=np.float64).reshape(len(text), len(alphabet))


def embed_tokens(ids, table):
    """Stack the rows."""
    tokens = ids.ravel().tolist()
    if any(token not in range(len(table)) for token in tokens):
        raise ValueError("all ids must be row numbers of the table")
    return np.stack([table[token] for token in tokens]).reshape(ids.shape + table.shape[1:])


def embed_backward(grad_output, ids, num_embeddings):
    """Collect the places of each token."""
    return np.stack([grad_output[ids == v].sum(axis=0) for v in range(num_embeddings)])


def conv1d_text(embedded, weight, bias):
    """Let conv1d_forward refuse what is too short for it, after a check of our own."""
    length, kernel = embedded.shape[1], weight.shape[-1]
    if length - kernel < 0:
        raise ValueError(f"K = {kernel} is larger than L = {length}")
    channels_first = np.ascontiguousarray(np.moveaxis(embedded, 1, 2))
    return conv1d_forward(channels_first, weight, bias, stride=1, padding=0)


def max_over_time(x):
    """A fold over the positions."""
    return np.maximum.reduce(np.moveaxis(x, 2, 0))


def max_over_time_backward(grad_output, x):
    """Of the positions that hold the maximum, that before which there is none."""
    holds = x == x.max(axis=2, keepdims=True)
    first = holds & (np.cumsum(holds, axis=2) == 1)
    return np.where(first, grad_output[:, :, None], 0.0)
