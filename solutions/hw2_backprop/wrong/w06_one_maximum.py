import numpy as np


def _sigmoid_scalar(v):
    if v >= 0:
        return 1.0 / (1.0 + np.exp(-v))
    return np.exp(v) / (1.0 + np.exp(v))


def sigmoid_forward(x):
    flat = [_sigmoid_scalar(v) for v in np.ravel(x)]
    return np.array(flat, dtype=float).reshape(np.shape(x))


def sigmoid_backward(grad_output, x):
    s = sigmoid_forward(x)
    return grad_output * s * (1 - s)


def softmax(logits):
    # subtract the maximum so that exp can not overflow
    z = logits - np.max(logits)
    return np.exp(z) / np.sum(np.exp(z), axis=1, keepdims=True)


def softmax_cross_entropy(logits, targets):
    N, C = logits.shape
    if np.shape(targets) != (N,):
        raise ValueError("targets: wrong shape " + str(np.shape(targets)))
    loss = 0.0
    grad = np.zeros((N, C))
    for n in range(N):
        t = targets[n]
        if t not in range(C):
            raise ValueError("targets: no class " + str(t))
        z = logits[n] - max(logits[n])
        log_p = z - np.log(sum(np.exp(z)))
        loss -= log_p[t]
        grad[n] = np.exp(log_p)
        grad[n, t] -= 1
    return loss / N, grad


def mse_loss(pred, target):
    if pred.shape != target.shape:
        raise ValueError("pred " + str(pred.shape) + ", target " + str(target.shape))
    return np.mean((pred - target) ** 2), (pred - target) * 2 / pred.size
