"""I followed the pseudo code on the pages of torch.optim."""

import numpy as np


def gd_step(theta, grad, state, *, lr):
    return np.asarray(theta, dtype=np.float64) - lr * grad, state


def momentum_step(theta, grad, state, *, lr, beta=0.9):
    # torch: if t > 1: b_t = mu * b_{t-1} + g_t, else b_t = g_t
    if "v" not in state:
        buf = np.array(grad, dtype=np.float64)
    else:
        buf = beta * state["v"] + grad
    return theta - lr * buf, {"v": buf}


def adagrad_step(theta, grad, state, *, lr, eps=1e-10):
    state_sum = state.get("G", 0.0) + np.asarray(grad, dtype=np.float64) ** 2
    std = np.sqrt(state_sum) + eps
    return theta - lr * grad / std, {"G": state_sum}


def rmsprop_step(theta, grad, state, *, lr, alpha=0.99, eps=1e-8):
    square_avg = state.get("s", np.zeros(np.shape(theta)))
    square_avg = alpha * square_avg + (1 - alpha) * grad * grad
    avg = np.sqrt(square_avg + eps)
    return theta - lr * grad / avg, {"s": square_avg}


def adam_step(theta, grad, state, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    step = state.get("t", 0) + 1
    exp_avg = state.get("m", np.zeros(np.shape(theta)))
    exp_avg_sq = state.get("v", np.zeros(np.shape(theta)))

    exp_avg = exp_avg + (1 - beta1) * (grad - exp_avg)  # lerp
    exp_avg_sq = beta2 * exp_avg_sq + (1 - beta2) * grad * grad

    bias_correction1 = 1 - beta1**step
    bias_correction2 = 1 - beta2**step
    step_size = lr / bias_correction1
    denom = np.sqrt(exp_avg_sq) / np.sqrt(bias_correction2) + eps
    return theta - step_size * exp_avg / denom, {"m": exp_avg, "v": exp_avg_sq, "t": step}
