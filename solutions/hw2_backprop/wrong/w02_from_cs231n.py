import numpy as np

# eval_numerical_gradient, rel_error and affine_* as in the cs231n assignments


def numerical_gradient(f, x, *, h=1e-5):
    grad = np.zeros_like(x)
    it = np.nditer(x, flags=["multi_index"], op_flags=[["readwrite"]])
    while not it.finished:
        ix = it.multi_index
        oldval = x[ix]
        x[ix] = oldval + h
        fxph = f(x)
        x[ix] = oldval - h
        fxmh = f(x)
        x[ix] = oldval
        grad[ix] = (fxph - fxmh) / (2 * h)
        it.iternext()
    return grad


def relative_error(a, b):
    if a.shape != b.shape:
        raise ValueError(f"shape {a.shape} is not {b.shape}")
    return np.max(np.abs(a - b) / (np.maximum(1e-8, np.abs(a) + np.abs(b))))


def linear_forward(x, weight, bias):
    return x.dot(weight) + bias


def linear_backward(grad_output, x, weight):
    dx = grad_output.dot(weight)
    dw = grad_output.T.dot(x)
    db = np.sum(grad_output, axis=0)
    return dx, dw, db


def relu_forward(x):
    return np.maximum(0, x)


def relu_backward(grad_output, x):
    dx = grad_output.copy()
    dx[x <= 0] = 0
    return dx
