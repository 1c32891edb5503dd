"""Correct, by the definitions: one loop for each index of the formulas."""

import numpy as np


def one_hot_chars(text, alphabet):
    """Compare each character with each letter."""
    out = np.zeros((len(text), len(alphabet)))
    for i in range(len(text)):
        for j in range(len(alphabet)):
            if text[i] == alphabet[j]:
                out[i, j] = 1
    return out


def embed_tokens(ids, table):
    """Copy one row at a time."""
    out = np.empty((*ids.shape, table.shape[1]))
    for place in np.ndindex(*ids.shape):
        if not 0 <= ids[place] < len(table):
            raise ValueError(f"ids: {ids[place]} is not in 0 ... {len(table) - 1}")
        out[place] = table[ids[place]]
    return out


def embed_backward(grad_output, ids, num_embeddings):
    """Add one place at a time."""
    grad_table = np.zeros((num_embeddings, grad_output.shape[-1]))
    for place in np.ndindex(*ids.shape):
        grad_table[ids[place]] += grad_output[place]
    return grad_table


def conv1d_text(embedded, weight, bias):
    """Six loops, and no help of another function."""
    n, length, width = embedded.shape
    filters, _, kernel = weight.shape
    if length < kernel:
        raise ValueError(f"length {length}, kernel {kernel}")
    out = np.zeros((n, filters, length - kernel + 1))
    for s, f, i in np.ndindex(*out.shape):
        total = bias[f]
        for k in range(kernel):
            for d in range(width):
                total += embedded[s, i + k, d] * weight[f, d, k]
        out[s, f, i] = total
    return out


def max_over_time(x):
    """Keep the largest so far."""
    best = x[:, :, 0].copy()
    for i in range(1, x.shape[2]):
        better = x[:, :, i] > best
        best[better] = x[:, :, i][better]
    return best


def max_over_time_backward(grad_output, x):
    """Remember the place of the largest so far."""
    grad_x = np.zeros_like(x)
    for n in range(x.shape[0]):
        for f in range(x.shape[1]):
            place = 0
            for i in range(x.shape[2]):
                if x[n, f, i] > x[n, f, place]:
                    place = i
            grad_x[n, f, place] = grad_output[n, f]
    return grad_x
