import numpy as np


def cnn_loss(params, x, targets):
    z = conv2d_forward(x, params["conv_weight"], params["conv_bias"])
    h = np.maximum(0, z)
    p = max_pool2d_forward(h, kernel_size=2, stride=2)
    N = x.shape[0]
    flat = p.transpose(0, 2, 3, 1).reshape(N, -1)
    scores = linear_forward(flat, params["weight"], params["bias"])
    loss, d = softmax_cross_entropy(scores, targets)
    d, dw, db = linear_backward(d, flat, params["weight"])
    d = d.reshape(N, p.shape[2], p.shape[3], p.shape[1]).transpose(0, 3, 1, 2)
    d = max_pool2d_backward(d, h, kernel_size=2, stride=2)
    d[z <= 0] = 0
    _, dcw, dcb = conv2d_backward(d, x, params["conv_weight"])
    return loss, {"conv_weight": dcw, "conv_bias": dcb, "weight": dw, "bias": db}
