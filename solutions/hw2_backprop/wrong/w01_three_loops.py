import numpy as np


def numerical_gradient(f, x, *, h=1e-5):
    x = np.array(x, dtype=float)
    grad = np.zeros(x.shape)
    for idx in np.ndindex(*x.shape):
        xp = x.copy()
        xm = x.copy()
        xp[idx] = xp[idx] + h
        xm[idx] = xm[idx] - h
        grad[idx] = (f(xp) - f(xm)) / h
    return grad


def linear_forward(x, weight, bias):
    N, D_in = x.shape
    D_out = weight.shape[0]
    out = np.zeros((N, D_out))
    for n in range(N):
        for j in range(D_out):
            s = bias[j]
            for i in range(D_in):
                s = s + weight[j, i] * x[n, i]
            out[n, j] = s
    return out


def linear_backward(grad_output, x, weight):
    N, D_in = x.shape
    D_out = weight.shape[0]
    grad_x = np.zeros((N, D_in))
    grad_weight = np.zeros((D_out, D_in))
    grad_bias = np.zeros(D_out)
    for n in range(N):
        for j in range(D_out):
            g = grad_output[n, j]
            grad_bias[j] += g
            for i in range(D_in):
                grad_x[n, i] += g * weight[j, i]
                grad_weight[j, i] += g * x[n, i]
    return grad_x, grad_weight, grad_bias


def relu_forward(x):
    out = np.zeros(x.shape)
    for idx in np.ndindex(*x.shape):
        if x[idx] > 0:
            out[idx] = x[idx]
    return out


def relu_backward(grad_output, x):
    out = np.zeros(x.shape)
    for idx in np.ndindex(*x.shape):
        if x[idx] > 0:
            out[idx] = grad_output[idx]
    return out


def mse_loss(pred, target):
    if pred.shape != target.shape:
        raise ValueError(f"pred {pred.shape} and target {target.shape} must have the same shape")
    N = len(pred)
    total = 0.0
    grad = np.zeros(pred.shape)
    for idx in np.ndindex(*pred.shape):
        diff = pred[idx] - target[idx]
        total += diff**2
        grad[idx] = 2 * diff / N
    return total / N, grad
