import numpy as np


def one_hot_chars(text, alphabet):
    index = {c: k for k, c in enumerate(alphabet)}
    out = np.zeros((len(text), len(alphabet)))
    for row, c in enumerate(text):
        out[row, index.get(c, -1)] = 1.0
    return out


def embed_tokens(ids, table):
    # negative ids would be python style, so check them
    if np.any(ids > len(table)) or np.any(ids < 0):
        raise ValueError("ids outside of the table")
    return table[ids]


def embed_backward(grad_output, ids, num_embeddings):
    grad = np.zeros((num_embeddings, grad_output.shape[-1]))
    grad[ids] += grad_output
    return grad
