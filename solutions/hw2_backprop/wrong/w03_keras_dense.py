import numpy as np


def linear_forward(x, weight, bias):
    W = weight.T  # kernel, (in, out)
    return np.dot(x, W) + bias


def linear_backward(grad_output, x, weight):
    W = weight.T
    grad_x = np.dot(grad_output, W.T)
    grad_W = np.dot(x.T, grad_output)
    grad_b = np.sum(grad_output, axis=0)
    return grad_x, grad_W, grad_b


def relu_forward(x):
    return np.where(x > 0, x, 0.0)


def relu_backward(grad_output, x):
    return np.where(x >= 0, grad_output, 0.0)


def sigmoid_forward(x):
    return 0.5 * (np.tanh(0.5 * x) + 1)


def softmax(logits):
    e = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def softmax_cross_entropy(logits, targets):
    targets = np.asarray(targets)
    N, C = logits.shape
    if targets.shape != (N,):
        raise ValueError(f"targets must have shape ({N},), but have {targets.shape}")
    if np.any(targets < 0) or np.any(targets >= C):
        raise ValueError(f"targets must be between 0 and {C - 1}")
    p = np.clip(softmax(logits), 1e-7, 1 - 1e-7)
    y_true = np.eye(C)[targets]
    loss = np.mean(-np.sum(y_true * np.log(p), axis=-1))
    return loss, (softmax(logits) - y_true) / N
