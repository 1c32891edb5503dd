import numpy as np


def numerical_gradient(f, x, *, h=1e-5):
    shape = x.shape
    flat = x.astype(float).flatten()
    grad = []
    for i in range(flat.size):
        left, right = flat.copy(), flat.copy()
        left[i] -= h
        right[i] += h
        grad.append((f(right.reshape(shape)) - f(left.reshape(shape))) / (2 * h))
    return np.array(grad)


def linear_backward(grad_output, x, weight):
    gx = grad_output.dot(weight)
    gw = x.T.dot(grad_output).T
    gb = grad_output.sum(axis=0).flatten()
    return gx, gw, gb


def sigmoid_forward(x):
    flat = x.flatten()
    out = np.zeros(flat.size)
    for i in range(flat.size):
        out[i] = np.tanh(flat[i] / 2) / 2 + 0.5
    return out.reshape(x.shape)


def softmax(logits):
    rows = []
    for row in logits:
        e = np.exp(row)
        rows.append(e / e.sum())
    return np.array(rows)


def mse_loss(pred, target):
    if pred.shape != target.shape:
        raise ValueError(f"{pred.shape} is not {target.shape}")
    a = pred.flatten()
    b = target.flatten()
    loss = sum((a - b) ** 2) / len(a)
    return loss, ((a - b) * 2 / len(a)).reshape(pred.shape)
