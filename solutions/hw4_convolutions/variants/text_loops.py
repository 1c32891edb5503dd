"""Correct, by the definitions: one loop for each index of the formulas."""

import numpy as np


def one_hot_chars(text, alphabet):
    """Compare every character with every letter."""
    out = np.zeros((len(text), len(alphabet)))
    for i in range(len(text)):
        for j in range(len(alphabet)):
            if text[i] == alphabet[j]:
                out[i, j] = 1
    return out


def embed_tokens(ids, table):
    """Copy row after row."""
    out = np.empty((*ids.shape, table.shape[1]))
    for place in np.ndindex(ids.shape):
        if not 0 <= ids[place] < len(table):
            raise ValueError(f"ids: {ids[place]} at {place} is none of 0 to {len(table) - 1}")
        out[place] = table[ids[place]]
    return out


def embed_backward(grad_output, ids, num_embeddings):
    """Add place after place."""
    out = np.zeros((num_embeddings, grad_output.shape[-1]))
    for place in np.ndindex(ids.shape):
        out[ids[place]] += grad_output[place]
    return out


def conv1d_text(embedded, weight, bias):
    """Slide every filter over every sentence."""
    N, L, D = embedded.shape
    F, _, K = weight.shape
    if L < K:
        raise ValueError(f"sentences of {L} are shorter than filters of {K}")
    out = np.zeros((N, F, L - K + 1))
    for n, f, i in np.ndindex(out.shape):
        out[n, f, i] = bias[f]
        for k in range(K):
            for d in range(D):
                out[n, f, i] += embedded[n, i + k, d] * weight[f, d, k]
    return out


def max_over_time(x):
    """Keep what is larger than all before."""
    out = np.zeros(x.shape[:2])
    for n, f in np.ndindex(out.shape):
        best = x[n, f, 0]
        for value in x[n, f, 1:]:
            if value > best:
                best = value
        out[n, f] = best
    return out


def max_over_time_backward(grad_output, x):
    """Look for the first one that is as large as the maximum."""
    out = np.zeros(x.shape)
    for n, f in np.ndindex(grad_output.shape):
        responses = list(x[n, f])
        out[n, f, responses.index(max(responses))] = grad_output[n, f]
    return out
