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
    raise NotImplementedError("init_mlp: your code here")


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
    raise NotImplementedError("mlp_forward: your code here")


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
    raise NotImplementedError("mlp_loss: your code here")


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
    raise NotImplementedError("two_layer_sigmoid: your code here")


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
    raise NotImplementedError("predict: your code here")


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
    raise NotImplementedError("accuracy: your code here")


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
    raise NotImplementedError("train_mlp: your code here")
