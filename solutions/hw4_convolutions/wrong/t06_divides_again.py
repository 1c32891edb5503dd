import numpy as np


def cnn_loss(params, x, targets):
    N = len(x)
    z = conv2d_forward(x, params["conv_weight"], params["conv_bias"])
    h = np.maximum(0, z)
    p = max_pool2d_forward(h, kernel_size=2, stride=2)
    scores = linear_forward(p.reshape(N, -1), params["weight"], params["bias"])
    loss, d = softmax_cross_entropy(scores, targets)
    d = d / N  # mean over the batch
    d, dw, db = linear_backward(d, p.reshape(N, -1), params["weight"])
    d = max_pool2d_backward(d.reshape(p.shape), h, kernel_size=2, stride=2)
    d = d * (z > 0)
    _, dcw, dcb = conv2d_backward(d, x, params["conv_weight"])
    return loss, {"conv_weight": dcw, "conv_bias": dcb, "weight": dw, "bias": db}
