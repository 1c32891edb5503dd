import numpy as np
from layers import linear_backward, linear_forward, relu_forward, softmax_cross_entropy


def init_mlp(sizes, *, rng):
    params = {}
    for k, (n_in, n_out) in enumerate(zip(sizes[:-1], sizes[1:]), 1):
        std = np.sqrt(2.0 / n_in)
        params["weight" + str(k)] = std * rng.standard_normal((n_out, n_in))
        params["bias" + str(k)] = std * rng.standard_normal(n_out)
    return params


def mlp_forward(params, x):
    out = x
    k = 1
    while "weight" + str(k) in params:
        out = linear_forward(out, params["weight" + str(k)], params["bias" + str(k)])
        out = relu_forward(out)
        k += 1
    return out


def mlp_loss(params, x, targets, *, weight_decay=0.0):
    L = len(params) // 2
    W = [params["weight" + str(k)] for k in range(1, L + 1)]
    b = [params["bias" + str(k)] for k in range(1, L + 1)]
    acts = [x]
    for k in range(L - 1):
        acts.append(np.maximum(acts[-1] @ W[k].T + b[k], 0))
    loss, delta = softmax_cross_entropy(acts[-1] @ W[-1].T + b[-1], targets)
    grads = {}
    for k in reversed(range(L)):
        delta, dW, db = linear_backward(delta, acts[k], W[k])
        delta = delta * (acts[k] > 0)
        grads["weight" + str(k + 1)] = dW + weight_decay * W[k]
        grads["bias" + str(k + 1)] = db
        loss = loss + weight_decay / 2 * (W[k] ** 2).sum()
    return loss, grads


def predict(params, x):
    # own forward pass, no relu at the end
    h = x
    L = len(params) // 2
    for k in range(1, L):
        h = relu_forward(linear_forward(h, params["weight" + str(k)], params["bias" + str(k)]))
    return np.argmax(linear_forward(h, params["weight" + str(L)], params["bias" + str(L)]), axis=1)
