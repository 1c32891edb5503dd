"""Correct, with flat indices, dictionaries and tables of positions."""

import numpy as np


def one_hot_chars(text, alphabet):
    """Look the letters up in a dict, and set all ones in a single assignment."""
    column = {letter: j for j, letter in enumerate(alphabet)}
    found = [(i, column[char]) for i, char in enumerate(text) if char in column]
    out = np.zeros((len(text), len(alphabet)))
    if found:
        rows, columns = zip(*found, strict=True)
        out[list(rows), list(columns)] = 1.0
    return out


def embed_tokens(ids, table):
    """np.take, which refuses by itself what lies beyond the table, but not what is negative."""
    if ids.size and ids.min() < 0:
        raise ValueError("negative ids")
    try:
        return np.take(table, ids, axis=0)
    except IndexError as error:
        raise ValueError("ids beyond the table") from error


def embed_backward(grad_output, ids, num_embeddings):
    """One weighted count for each column."""
    width = grad_output.shape[-1]
    flat = ids.reshape(-1)
    columns = [
        np.bincount(flat, weights=grad_output[..., d].reshape(-1), minlength=num_embeddings)
        for d in range(width)
    ]
    return np.stack(columns, axis=1)


def conv1d_text(embedded, weight, bias):
    """A table of which tokens each position sees."""
    n, length, width = embedded.shape
    filters, _, kernel = weight.shape
    if kernel > length:
        raise ValueError(f"sentences of {length} tokens are shorter than filters over {kernel}")
    seen = np.arange(length - kernel + 1)[:, None] + np.arange(kernel)[None, :]
    windows = embedded[:, seen].reshape(n, len(seen), kernel * width)
    flat = weight.transpose(2, 1, 0).reshape(kernel * width, filters)
    return (windows @ flat).transpose(0, 2, 1) + bias[:, None]


def max_over_time(x):
    """The numbers at the winners' places."""
    rows = x.reshape(-1, x.shape[2])
    return rows[np.arange(len(rows)), rows.argmax(axis=1)].reshape(x.shape[:2])


def max_over_time_backward(grad_output, x):
    """The winners' places in the flat array."""
    rows = x.reshape(-1, x.shape[2])
    flat = np.zeros(x.size)
    flat[np.arange(len(rows)) * x.shape[2] + rows.argmax(axis=1)] = grad_output.reshape(-1)
    return flat.reshape(x.shape)
