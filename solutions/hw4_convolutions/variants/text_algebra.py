"""Correct, by linear algebra: lookups are products with one-hot matrices."""

import numpy as np


def one_hot_chars(text, alphabet):
    """Compare all characters with all letters at once."""
    characters = np.array(list(text), dtype=str).reshape(-1, 1)
    return (characters == np.array(list(alphabet))).astype(np.float64)


def _one_hot(ids, count):
    return (ids[..., None] == np.arange(count)).astype(np.float64)


def embed_tokens(ids, table):
    """One-hot rows times the table."""
    if ids.size and not (ids.min() >= 0 and ids.max() <= len(table) - 1):
        raise ValueError(f"ids from {ids.min()} to {ids.max()}, and a table of {len(table)} rows")
    return _one_hot(ids, len(table)) @ table


def embed_backward(grad_output, ids, num_embeddings):
    """The one-hot rows, transposed, times the gradient."""
    rows = _one_hot(ids, num_embeddings).reshape(-1, num_embeddings)
    return rows.T @ grad_output.reshape(-1, grad_output.shape[-1])


def conv1d_text(embedded, weight, bias):
    """All windows as rows of one matrix."""
    N, L, _ = embedded.shape
    F, _, K = weight.shape
    positions = L - K + 1
    if positions <= 0:
        raise ValueError(f"{K} tokens of a filter, and only {L} of a sentence")
    windows = np.stack([embedded[:, i : i + K].reshape(N, -1) for i in range(positions)])
    rows = windows @ weight.transpose(2, 1, 0).reshape(-1, F) + bias
    return rows.transpose(1, 2, 0)


def max_over_time(x):
    """The last of the sorted responses."""
    return np.sort(x, axis=-1)[..., -1]


def max_over_time_backward(grad_output, x):
    """A one-hot row for the winner of each filter."""
    return _one_hot(np.argmax(x, axis=-1), x.shape[-1]) * grad_output[..., None]
