"""Correct, with memory of its own that is written into, and without a copy where none is due."""


def init_mlp(sizes, *, rng):
    """All random numbers in one draw, then cut into layers."""
    shapes = list(zip(sizes[1:], sizes[:-1], strict=True))
    numbers = rng.standard_normal(sum(out * fan_in for out, fan_in in shapes))
    params = {}
    for k, (out, fan_in) in enumerate(shapes, start=1):
        drawn, numbers = numbers[: out * fan_in], numbers[out * fan_in :]
        params[f"weight{k}"] = drawn.reshape(out, fan_in) / np.sqrt(fan_in / 2)
        params[f"bias{k}"] = np.zeros((out,))
    return params


def mlp_forward(params, x):
    """The ReLU in place, in an array that is our own."""
    depth = max(int(key.removeprefix("weight")) for key in params if key.startswith("weight"))
    h = np.asarray(x, dtype=np.float64)
    for k in range(1, depth + 1):
        h = h @ params[f"weight{k}"].T
        h += params[f"bias{k}"]
        if k != depth:
            np.maximum(h, 0.0, out=h)
    return h


def mlp_loss(params, x, targets, *, weight_decay=0.0):
    """Keep the activations only: where a ReLU gave 0, nothing comes back."""
    depth = len(params) // 2
    n = len(targets)
    activations = [np.asarray(x, dtype=np.float64)]
    for k in range(1, depth + 1):
        z = activations[-1] @ params[f"weight{k}"].T
        z += params[f"bias{k}"]
        if k < depth:
            z *= z > 0
        activations.append(z)
    delta = activations.pop()
    delta -= delta.max(axis=1, keepdims=True)
    right = delta[np.arange(n), targets].copy()
    np.exp(delta, out=delta)
    sums = delta.sum(axis=1, keepdims=True)
    loss = float((np.log(sums[:, 0]) - right).mean())
    delta /= sums
    delta[np.arange(n), targets] -= 1.0
    delta /= n
    grads = {}
    for k in reversed(range(1, depth + 1)):
        weight = params[f"weight{k}"]
        grads[f"bias{k}"] = delta.sum(0)
        grads[f"weight{k}"] = np.einsum("no,ni->oi", delta, activations[k - 1])
        if weight_decay:
            grads[f"weight{k}"] += weight_decay * weight
            loss += weight_decay * float(np.vdot(weight, weight)) / 2
        if k > 1:
            delta = delta @ weight
            delta *= activations[k - 1] > 0
    return loss, grads


def two_layer_sigmoid(params, x):
    """The sigmoid as a hyperbolic tangent, which cannot overflow."""
    h = x @ params["weight1"].T + params["bias1"]
    h = 0.5 + 0.5 * np.tanh(h / 2)
    z = h @ params["weight2"].T + params["bias2"]
    return 0.5 * (1.0 + np.tanh(0.5 * z))


def predict(params, x):
    """Method instead of function, the last axis by its number from behind."""
    return mlp_forward(params, x).argmax(axis=-1)


def accuracy(predicted, targets):
    """Count what is not zero."""
    right = np.count_nonzero(np.asarray(predicted).flatten() == np.asarray(targets).flatten())
    return right / np.size(targets)


def train_mlp(params, X, y, *, lr, batch_size, num_epochs, rng):
    """Shuffled copies of the data; parameters of our own, updated in place."""
    params = {key: np.array(value, dtype=np.float64, copy=True) for key, value in params.items()}
    n = len(X)
    steps = -(-n // batch_size)
    losses = np.empty(num_epochs * steps)
    order = np.arange(n)
    for epoch in range(num_epochs):
        rng.shuffle(order)
        X_mixed, y_mixed = X[order], y[order]
        for step in range(steps):
            rows = slice(step * batch_size, (step + 1) * batch_size)
            loss, grads = mlp_loss(params, X_mixed[rows], y_mixed[rows])
            losses[epoch * steps + step] = loss
            for key, grad in grads.items():
                params[key] -= lr * grad
    return params, losses
