import numpy as np

# update rules as in the CS231n notes (x -> theta, dx -> grad, cache -> state)


def momentum_step(theta, grad, state, *, lr, beta=0.9):
    v = state.get("v", np.zeros_like(grad, dtype=float))
    v = beta * v - lr * grad  # integrate velocity
    return theta + v, {"v": v}  # integrate position


def adagrad_step(theta, grad, state, *, lr, eps=1e-10):
    cache = state.get("G", np.zeros_like(grad, dtype=float))
    cache = cache + grad**2
    return theta - lr * grad / (np.sqrt(cache) + eps), {"G": cache}


def rmsprop_step(theta, grad, state, *, lr, alpha=0.99, eps=1e-8):
    cache = state.get("s", np.zeros_like(grad, dtype=float))
    cache = alpha * cache + (1 - alpha) * grad**2
    return theta - lr * grad / (np.sqrt(cache) + eps), {"s": cache}


def adam_step(theta, grad, state, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    # the simplified update of the notes
    m = state.get("m", np.zeros_like(grad, dtype=float))
    v = state.get("v", np.zeros_like(grad, dtype=float))
    t = state.get("t", 0) + 1
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * (grad**2)
    return theta - lr * m / (np.sqrt(v) + eps), {"m": m, "v": v, "t": t}
