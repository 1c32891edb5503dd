import numpy as np
from layers import linear_backward, linear_forward, relu_backward, relu_forward
from layers import softmax, softmax_cross_entropy


def mlp_forward(params, x):
    x = (x - x.mean(axis=0)) / (x.std(axis=0) + 1e-8)  # networks like normalised inputs
    n = len(params) // 2
    for i in range(1, n):
        x = relu_forward(linear_forward(x, params["weight%d" % i], params["bias%d" % i]))
    return linear_forward(x, params["weight%d" % n], params["bias%d" % n])


def mlp_loss(params, x, targets, *, weight_decay=0.0):
    n = len(params) // 2
    stack = []
    for i in range(1, n + 1):
        z = linear_forward(x, params["weight%d" % i], params["bias%d" % i])
        stack.append((i, x, z))
        x = relu_forward(z)
    loss, g = softmax_cross_entropy(z, targets)
    loss += 0.5 * weight_decay * np.sum(params["weight%d" % n] ** 2)
    grads = {}
    while stack:
        i, inp, z = stack.pop()
        if i < n:
            g = relu_backward(g, z)
        g, dw, db = linear_backward(g, inp, params["weight%d" % i])
        grads["weight%d" % i] = dw + weight_decay * params["weight%d" % i]
        grads["bias%d" % i] = db
    return loss, grads


def predict(params, x):
    n = len(params) // 2
    for i in range(1, n + 1):
        z = linear_forward(x, params["weight%d" % i], params["bias%d" % i])
        x = relu_forward(z)
    return np.argmax(softmax(z), axis=1)


def accuracy(predicted, targets):
    return float((np.array(predicted).ravel() == np.array(targets).ravel()).mean())
