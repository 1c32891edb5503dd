import numpy as np


def relu_forward(x):
    return np.maximum(x, 0.0)


def relu_backward(grad_output, x):
    return grad_output * np.heaviside(x, 0.5)


def sigmoid_forward(x):
    t = np.exp(-np.abs(x))
    return np.where(x < 0, t, 1) / (1 + t)


def sigmoid_backward(grad_output, x):
    return grad_output * x * (1 - x)


def linear_forward(x, weight, bias):
    out = []
    for row in x:
        out.append(weight @ row + bias)
    return np.array(out)


def linear_backward(grad_output, x, weight):
    gw = np.zeros(weight.shape)
    for g, row in zip(grad_output, x):
        gw += np.outer(g, row)
    return grad_output @ weight, gw, grad_output.sum(0)
