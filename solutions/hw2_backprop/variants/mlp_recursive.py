"""Correct, by recursion over the layers, and with pieces that a student may choose as well."""

from layers import softmax


def init_mlp(sizes, *, rng):
    """By the normal distribution with its standard deviation as an argument."""
    pairs = [(sizes[k], sizes[k + 1]) for k in range(len(sizes) - 1)]
    weights = {
        f"weight{k + 1}": rng.normal(scale=(2 / a) ** 0.5, size=(b, a))
        for k, (a, b) in enumerate(pairs)
    }
    biases = {f"bias{k + 1}": np.full(b, 0.0) for k, (_, b) in enumerate(pairs)}
    return {**weights, **biases}


def _descend(params, x, k, end):
    """Return end(logits), and grads filled on the way back, as (what end gives, grads, grad_x)."""
    weight, bias = params[f"weight{k}"], params[f"bias{k}"]
    z = linear_forward(x, weight, bias)
    if f"weight{k + 1}" in params:
        found, grads, grad = _descend(params, relu_forward(z), k + 1, end)
        grad = relu_backward(grad, z)
    else:
        found, grad = end(z)
        grads = {}
    grad_x, grads[f"weight{k}"], grads[f"bias{k}"] = linear_backward(grad, x, weight)
    return found, grads, grad_x


def mlp_forward(params, x):
    """All layers but the last, then the last."""
    k = 1
    while f"weight{k + 1}" in params:
        x = relu_forward(linear_forward(x, params[f"weight{k}"], params[f"bias{k}"]))
        k += 1
    return linear_forward(x, params[f"weight{k}"], params[f"bias{k}"])


def mlp_loss(params, x, targets, *, weight_decay=0.0):
    """The recursion carries the gradient back; the penalty comes last."""

    def end(logits):
        return softmax_cross_entropy(logits, targets)

    loss, grads, _ = _descend(params, x, 1, end)
    if weight_decay == 0:
        return loss, grads
    weights = {key: value for key, value in params.items() if "weight" in key}
    loss += 0.5 * weight_decay * sum(np.sum(np.square(weight)) for weight in weights.values())
    return loss, {k: g + weight_decay * weights[k] if k in weights else g for k, g in grads.items()}


def two_layer_sigmoid(params, x):
    """As the notes write it, with samples as columns."""
    h = sigmoid_forward(params["weight1"] @ x.T + params["bias1"][:, None])
    return sigmoid_forward(params["weight2"] @ h + params["bias2"][:, None]).T


def predict(params, x):
    """Over probabilities; sorted, and stable, so that the first of equals stays first."""
    shares = softmax(mlp_forward(params, x))
    return np.argsort(-shares, axis=1, kind="stable")[:, 0]


def accuracy(predicted, targets):
    """One minus the share of errors."""
    wrong = predicted.squeeze() != targets.squeeze()
    return 1 - wrong.sum() / wrong.size


def train_mlp(params, X, y, *, lr, batch_size, num_epochs, rng):
    """All orders are drawn beforehand, by sorting random keys."""
    orders = [np.argsort(rng.random(len(X))) for _ in range(num_epochs)]
    trained, losses = {**params}, []
    for order in orders:
        for batch in np.array_split(order, np.arange(batch_size, len(X), batch_size)):
            loss, grads = mlp_loss(trained, X[batch], y[batch], weight_decay=0.0)
            trained = {key: value - lr * grads[key] for key, value in trained.items()}
            losses += [loss]
    return trained, np.array(losses)
