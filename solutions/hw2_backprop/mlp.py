"""Homework 2, second part: layers become a network, and the network learns to read digits.

Everything here is a pure function on NumPy arrays: it returns new arrays and never writes into an
argument. N is the number of samples, D the number of features, C the number of classes.

The parameters of a network with L linear layers are a dict with 2 L entries,

    {"weight1": ..., "bias1": ..., ..., "weightL": ..., "biasL": ...}

Weights have the shape (out, in) and biases (out,), as in layers.py and in PyTorch. The number in
the key says which layer it is, whatever the order of the dict: layer 1 gets the input, layer L
gives the logits.
"""

from __future__ import annotations

import numpy as np

# given: what your answers are built of
from layers import (
    linear_backward,
    linear_forward,
    relu_backward,
    relu_forward,
    sigmoid_forward,
    softmax_cross_entropy,
)
from support import progress

Array = np.ndarray
Params = dict[str, Array]


def init_mlp(sizes: list[int], *, rng: np.random.Generator) -> Params:
    """Draw the first parameters of a network: random weights, zero biases.

        weight_k[j, i] ~ Normal(mean 0, variance 2 / fan_in),    bias_k = 0

    fan_in is the number of inputs of that layer, so that the signal neither grows nor fades on
    its way through the ReLUs. All weights are drawn independently: units that start equal would
    stay equal.

    Args:
        sizes: number of units from the input to the logits, at least two numbers: [784, 128, 10]
            makes two layers, 784 -> 128 -> 10.
        rng: source of all random numbers. Any way to draw normal numbers from it is right.

    Returns:
        The keys weight1, bias1, weight2, bias2, ...; weight_k has the shape
        (sizes[k], sizes[k - 1]), bias_k the shape (sizes[k],), both float64.

    Source: He et al. (2015), arXiv:1502.01852, section 2.2, equation 10 (the forward variant).
    """
    # BEGIN SOLUTION
    params = {}
    for k in range(1, len(sizes)):
        fan_in, fan_out = sizes[k - 1], sizes[k]
        params[f"weight{k}"] = rng.standard_normal((fan_out, fan_in)) * np.sqrt(2.0 / fan_in)
        params[f"bias{k}"] = np.zeros(fan_out)
    return params
    # END SOLUTION


def mlp_forward(params: Params, x: Array) -> Array:
    """Send a batch through the network: linear layers with a ReLU between any two of them.

        h_0 = x
        h_k = relu(h_{k-1} @ weight_k.T + bias_k)    for k = 1 ... L - 1
        logits = h_{L-1} @ weight_L.T + bias_L       (no ReLU: logits may be negative)

    Args:
        params: 2 L entries, in any order; L >= 1. It is not changed.
        x: one sample per row, shape (N, D); integers are allowed. It is not changed.

    Returns:
        The logits, shape (N, C), float64.

    Source: lecture notes, section 2: Linear -> ReLU -> Linear, for any depth. The Softmax of the
    notes is part of the loss.
    """
    # BEGIN SOLUTION
    depth = len(params) // 2
    h = x
    for k in range(1, depth + 1):
        h = linear_forward(h, params[f"weight{k}"], params[f"bias{k}"])
        if k < depth:
            h = relu_forward(h)
    return h
    # END SOLUTION


def mlp_loss(
    params: Params, x: Array, targets: Array, *, weight_decay: float = 0.0
) -> tuple[float, Params]:
    """Return the loss of a batch and its gradient with respect to every parameter.

        loss = mean cross-entropy of softmax(logits) + 0.5 * weight_decay * sum of weight**2

    The sum is over all entries of all weights. Biases are not part of it. The gradient is that of
    the whole loss, by backpropagation: each layer needs what it was given on the way forward.

    Args:
        params: as in mlp_forward. It is not changed.
        x: one sample per row, shape (N, D); integers are allowed. It is not changed.
        targets: the right class of each sample, shape (N,), integers 0 ... C - 1.
        weight_decay: strength of the penalty, >= 0.

    Returns:
        (loss, grads): a number, and a dict with the keys and shapes of params; grads[key] is the
        derivative of the loss by params[key], float64.

    Source: lecture notes, section 2, backpropagation. The factor 0.5 as in CS231n, so that the
    gradient of the penalty is weight_decay * weight.
    """
    # BEGIN SOLUTION
    depth = len(params) // 2
    inputs, outputs = [x], []  # of each linear layer
    for k in range(1, depth + 1):
        outputs.append(linear_forward(inputs[-1], params[f"weight{k}"], params[f"bias{k}"]))
        inputs.append(relu_forward(outputs[-1]))
    loss, grad = softmax_cross_entropy(outputs[-1], targets)
    grads = {}
    for k in range(depth, 0, -1):
        weight = params[f"weight{k}"]
        if k < depth:
            grad = relu_backward(grad, outputs[k - 1])
        grad, grad_weight, grad_bias = linear_backward(grad, inputs[k - 1], weight)
        loss = loss + 0.5 * weight_decay * np.sum(weight**2)
        grads[f"weight{k}"] = grad_weight + weight_decay * weight
        grads[f"bias{k}"] = grad_bias
    return float(loss), grads
    # END SOLUTION


def two_layer_sigmoid(params: Params, x: Array) -> Array:
    """Evaluate the two-layer network of the lecture notes, with a sigmoid after each layer.

        MLP(x) = sigma(W2 sigma(W1 x + b1) + b2),    sigma(z) = 1 / (1 + exp(-z))

    The notes write one sample as a column; here the samples are the rows of x.

    Args:
        params: weight1 (H, D), bias1 (H,), weight2 (M, H), bias2 (M,). It is not changed.
        x: one sample per row, shape (N, D); integers are allowed. It is not changed.

    Returns:
        Shape (N, M), float64, from 0 to 1; without warnings, however large x is.

    Source: lecture notes, section 2, "Stacking Linear Layers".
    """
    # BEGIN SOLUTION
    hidden = sigmoid_forward(linear_forward(x, params["weight1"], params["bias1"]))  # (N, H)
    return sigmoid_forward(linear_forward(hidden, params["weight2"], params["bias2"]))
    # END SOLUTION


def predict(params: Params, x: Array) -> Array:
    """Return the class that the network finds most likely, for each sample.

        argmax over c of logits[n, c]

    Args:
        params: as in mlp_forward. It is not changed.
        x: one sample per row, shape (N, D); integers are allowed. It is not changed.

    Returns:
        Class indices, shape (N,), integers. Of several equal logits the first class wins.

    Source: definition. Softmax keeps the order of the logits, so it is not needed here.
    """
    # BEGIN SOLUTION
    return np.argmax(mlp_forward(params, x), axis=1)
    # END SOLUTION


def accuracy(predicted: Array, targets: Array) -> float:
    """Return the share of samples whose predicted class is the right one.

        (number of n with predicted[n] == targets[n]) / N

    Args:
        predicted: class indices, shape (N,), N >= 1.
        targets: the right classes, shape (N,). A column, shape (N, 1), means the same, for either
            argument: labels often come out of files that way.

    Returns:
        A float from 0.0 to 1.0.

    Source: definition.
    """
    # BEGIN SOLUTION
    return float(np.mean(np.ravel(predicted) == np.ravel(targets)))
    # END SOLUTION


def train_mlp(
    params: Params,
    X: Array,
    y: Array,
    *,
    lr: float,
    batch_size: int,
    num_epochs: int,
    rng: np.random.Generator,
) -> tuple[Params, Array]:
    """Train a network by mini-batch SGD, and return the loss of every step.

        for each batch B of an epoch:
            losses[t], grads = mlp_loss(params, X[B], y[B])
            params[key] <- params[key] - lr * grads[key]    for every key
            t <- t + 1

    Each epoch uses every sample once, in batches of batch_size that are drawn anew for that
    epoch; a last batch that is shorter is used too. There is no weight decay. The training starts
    at the params given, and losses[t] is the loss of batch t before its own update: the first one
    is that of the untrained network, near log(C).

    Args:
        params: where to start, as in mlp_forward. It is not changed.
        X: one sample per row, shape (N, D); integers are allowed. It is not changed.
        y: the right classes, shape (N,); y[i] belongs to X[i].
        lr: learning rate, > 0.
        batch_size: samples per batch, >= 1; if it is larger than N, all samples are one batch.
        num_epochs: how often to go through the data, >= 0.
        rng: source of all random orders; no other randomness is used. Any way to draw uniformly
            random batches from it is right, for instance one `rng.permutation(N)` per epoch.

    Returns:
        (params, losses): the trained parameters, with keys and shapes as given, float64; and the
        losses as an array of shape (number of steps,), float64.

    Source: lecture notes, section 2: forward pass, backward pass, parameter update.
    `support.progress` around the range of the epochs shows a bar while you wait.

    With 784 -> 128 -> 10, lr=0.1, batch_size=32 and 20 epochs on the 2000 digits of load_digits,
    90.4 % of the 1000 held out are read correctly (ten seeds: from 89.8 % to 90.9 %), after about
    a second of computing. The losses are those of the same loop in PyTorch.
    """
    # BEGIN SOLUTION
    params = {key: np.array(value, dtype=float) for key, value in params.items()}
    losses = []
    for _ in progress(range(num_epochs)):
        order = rng.permutation(X.shape[0])
        for start in range(0, X.shape[0], batch_size):
            batch = order[start : start + batch_size]
            loss, grads = mlp_loss(params, X[batch], y[batch])
            params = {key: params[key] - lr * grads[key] for key in params}
            losses.append(loss)
    return params, np.array(losses)
    # END SOLUTION
