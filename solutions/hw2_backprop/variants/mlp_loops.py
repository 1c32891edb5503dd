"""Correct, with explicit Python loops over samples and units, and nothing of layers.py."""

import math


def init_mlp(sizes, *, rng):
    """One weight at a time, the last layer first."""
    params = {}
    for k in reversed(range(1, len(sizes))):
        std = math.sqrt(2 / sizes[k - 1])
        rows = [[std * rng.normal() for _ in range(sizes[k - 1])] for _ in range(sizes[k])]
        params[f"weight{k}"] = np.array(rows)
        params[f"bias{k}"] = np.array([0.0] * sizes[k])
    return params


def _one_forward(params, row):
    """Return what each layer gives for one sample, before its ReLU."""
    depth = len(params) // 2
    sums, values = [], [float(value) for value in row]
    for k in range(1, depth + 1):
        weight, bias = params[f"weight{k}"].tolist(), params[f"bias{k}"].tolist()
        total = []
        for j in range(len(bias)):
            total.append(bias[j] + sum(weight[j][i] * values[i] for i in range(len(values))))
        sums.append(total)
        values = [value if value > 0 else 0.0 for value in total]
    return sums


def mlp_forward(params, x):
    """Sample by sample."""
    return np.array([_one_forward(params, row)[-1] for row in x])


def mlp_loss(params, x, targets, *, weight_decay=0.0):
    """Sample by sample: add up the gradients of each, divide once at the end."""
    depth, n = len(params) // 2, len(x)
    grads = {key: np.zeros(np.shape(value)) for key, value in params.items()}
    loss = 0.0
    for row, target in zip(x, targets, strict=True):
        sums = _one_forward(params, row)
        logits = sums[-1]
        top = max(logits)
        total = sum(math.exp(value - top) for value in logits)
        loss += top + math.log(total) - logits[target]
        delta = [math.exp(value - top) / total for value in logits]
        delta[target] -= 1
        for k in range(depth, 0, -1):
            below = [max(0.0, s) for s in sums[k - 2]] if k > 1 else [float(v) for v in row]
            weight = params[f"weight{k}"]
            for j in range(len(delta)):
                grads[f"bias{k}"][j] += delta[j]
                for i in range(len(below)):
                    grads[f"weight{k}"][j, i] += delta[j] * below[i]
            if k > 1:
                delta = [
                    sum(weight[j, i] * delta[j] for j in range(len(delta)))
                    if sums[k - 2][i] > 0
                    else 0.0
                    for i in range(len(below))
                ]
    loss /= n
    for key, value in grads.items():
        value /= n
        if key.startswith("weight"):
            value += weight_decay * params[key]
            loss += weight_decay / 2 * sum(w * w for w in params[key].ravel().tolist())
    return loss, grads


def two_layer_sigmoid(params, x):
    """One sigmoid at a time, by the side of it that cannot overflow."""

    def sigma(z):
        if z >= 0:
            return 1 / (1 + math.exp(-z))
        return math.exp(z) / (1 + math.exp(z))

    out = []
    for row in x:
        hidden = [
            sigma(float(b) + sum(float(w) * float(v) for w, v in zip(weights, row, strict=True)))
            for weights, b in zip(params["weight1"], params["bias1"], strict=True)
        ]
        out.append(
            [
                sigma(float(b) + sum(float(w) * h for w, h in zip(weights, hidden, strict=True)))
                for weights, b in zip(params["weight2"], params["bias2"], strict=True)
            ]
        )
    return np.array(out)


def predict(params, x):
    """Keep the first class that beats all before it."""
    classes = []
    for row in mlp_forward(params, x):
        best = 0
        for c in range(len(row)):
            if row[c] > row[best]:
                best = c
        classes.append(best)
    return np.array(classes)


def accuracy(predicted, targets):
    """Count."""
    pairs = list(zip(predicted.reshape(-1).tolist(), targets.reshape(-1).tolist(), strict=True))
    return sum(1 for p, t in pairs if p == t) / len(pairs)


def train_mlp(params, X, y, *, lr, batch_size, num_epochs, rng):
    """Draw the samples out of a shrinking list; the short batch comes last."""
    params = {key: np.array(value, dtype=float) for key, value in params.items()}
    losses = []
    for _ in range(num_epochs):
        left = list(range(len(X)))
        while left:
            batch = []
            while left and len(batch) < batch_size:
                batch.append(left.pop(int(rng.integers(len(left)))))
            loss, grads = mlp_loss(params, X[batch], y[batch])
            for key in params:
                params[key] = params[key] - lr * grads[key]
            losses.append(loss)
    return params, np.array(losses, dtype=float)
