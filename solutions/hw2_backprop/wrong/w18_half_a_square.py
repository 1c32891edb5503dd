import numpy as np


def mse_loss(pred, target):
    if np.shape(pred) != np.shape(target):
        raise ValueError(f"pred: {np.shape(pred)}, target: {np.shape(target)}")
    residual = pred - target
    loss = np.mean(np.square(residual))
    grad = residual / residual.size
    return loss, grad


def linear_forward(x, weight, bias):
    return np.matmul(x, np.transpose(weight)) + bias


def linear_backward(grad_output, x, weight):
    grad_x = np.matmul(grad_output, weight)
    grad_weight = np.matmul(np.transpose(grad_output), x)
    grad_bias = np.sum(grad_output)
    return grad_x, grad_weight, grad_bias


def relu_forward(x):
    return np.multiply(x, np.greater(x, 0))


def sigmoid_forward(x):
    return np.reciprocal(1 + np.exp(np.minimum(-x, 700)))


def sigmoid_backward(grad_output, x):
    s = sigmoid_forward(x)
    return np.multiply(grad_output, s - np.square(s))
