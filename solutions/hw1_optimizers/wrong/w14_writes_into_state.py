import numpy as np


def momentum_step(theta, grad, state, *, lr, beta=0.9):
    state.setdefault("v", np.zeros_like(theta, dtype=float))
    state["v"] = beta * state["v"] + (1 - beta) * grad
    return theta - lr * state["v"], state


def adagrad_step(theta, grad, state, *, lr, eps=1e-10):
    if not state:
        G = np.zeros(theta.shape)
    else:
        G = state["G"]
    G += grad**2
    return theta - lr * grad / (np.sqrt(G) + eps), {"G": G}


def rmsprop_step(theta, grad, state, *, lr, alpha=0.99, eps=1e-8):
    new_state = dict(state)
    new_state["s"] = alpha * state.get("s", 0) + (1 - alpha) * grad**2
    return theta - lr * grad / (np.sqrt(new_state["s"]) + eps), new_state


def adam_step(theta, grad, state, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    if len(state) == 0:
        state = {"m": 0, "v": 0, "t": 0}
    state["t"] += 1
    state["m"] = beta1 * state["m"] + (1 - beta1) * grad
    state["v"] = beta2 * state["v"] + (1 - beta2) * grad**2
    mhat = state["m"] / (1 - beta1 ** state["t"])
    vhat = state["v"] / (1 - beta2 ** state["t"])
    return theta - lr * mhat / (np.sqrt(vhat) + eps), state
