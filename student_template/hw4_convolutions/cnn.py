"""Homework 4, third file: convolutions become networks, which learn to read digits and names.

The parameters of a network are a dict with the keys conv_weight, conv_bias (of the filters), weight
and bias (of the linear layer behind them). `init_cnn` and `init_text_cnn` of support.py draw some
to start with. The linear layer and the softmax cross-entropy are given there too.

As in conv.py, every function is pure: it returns new arrays, never writes into an argument, and
remembers nothing. Arrays are float64, but for the classes, which are integers.
"""

from __future__ import annotations

import numpy as np

# given: what your answers are built of
from conv import (
    conv1d_backward,
    conv2d_backward,
    conv2d_forward,
    max_pool2d_backward,
    max_pool2d_forward,
)
from support import linear_backward, linear_forward, progress, softmax_cross_entropy
from text import conv1d_text, max_over_time, max_over_time_backward

Array = np.ndarray
Params = dict[str, Array]


def cnn_loss(params: Params, x: Array, targets: Array) -> tuple[float, Params]:
    """Return the loss of a small convolutional network, and its gradient by every parameter.

        convolution (stride 1, no padding) -> ReLU -> max pool (2 x 2, stride 2)
            -> flatten -> linear layer -> mean cross-entropy of the softmax

    What the pool leaves of one image, shape (F, H_pool, W_pool), becomes one row of numbers: first
    all of filter 0, row by row, then all of filter 1, and so on. The gradient goes back the same
    way, layer by layer; each needs what it was given on the way forward. The ReLU is max(0, z), and
    its derivative is 1 where z > 0, else 0.

    Args:
        params: conv_weight (F, C, KH, KW), conv_bias (F,), weight (classes, F * H_pool * W_pool),
            bias (classes,); the keys in any order. It is not changed.
        x: images, shape (N, C, H, W); with H_pool = floor((H - KH + 1) / 2), and W_pool likewise.
        targets: the right class of each image, shape (N,).

    Returns:
        (loss, grads): a number, and a dict with the keys and shapes of params; grads[key] is the
        derivative of the loss by params[key].

    Source: LeCun, Bottou, Bengio & Haffner (1998), section II, with one convolution and today's
    ReLU and max pool; torch.nn.Sequential(Conv2d, ReLU, MaxPool2d(2), Flatten, Linear).
    """
    raise NotImplementedError("cnn_loss: your code here")


def train_cnn(
    params: Params,
    X: Array,
    y: Array,
    *,
    lr: float,
    batch_size: int,
    num_epochs: int,
    rng: np.random.Generator,
) -> tuple[Params, Array]:
    """Train the network of `cnn_loss` by mini-batch SGD, and return the loss of every step.

        for each batch B of an epoch:
            losses[t], grads = cnn_loss(params, X[B], y[B])
            params[key] <- params[key] - lr * grads[key]    for every key
            t <- t + 1

    Each epoch uses every image once, in batches of batch_size that are drawn anew for that epoch; a
    last batch that is shorter is used too. The training starts at the params given, and losses[t]
    is the loss of batch t before its own update: the first one is that of the untrained network.

    Args:
        params: where to start, as in `cnn_loss`. It is not changed.
        X: images, shape (N, C, H, W).
        y: their classes, shape (N,); y[i] belongs to X[i].
        lr: learning rate, > 0.
        batch_size: images per batch, >= 1; if it is larger than N, all images are one batch.
        num_epochs: how often to go through the data, >= 0.
        rng: source of all random orders; no other randomness is used. Any way to draw uniformly
            random batches from it is right, for instance one `rng.permutation(N)` per epoch.

    Returns:
        (params, losses): the trained parameters, with keys and shapes as given; and the losses as
        an array of shape (number of steps,).

    Source: lecture notes, section 2: forward pass, backward pass, parameter update.
    `support.progress` around the range of the epochs shows a bar while you wait.
    """
    raise NotImplementedError("train_cnn: your code here")


def train_text_cnn(
    params: Params,
    X: Array,
    y: Array,
    *,
    lr: float,
    batch_size: int,
    num_epochs: int,
    rng: np.random.Generator,
) -> tuple[Params, Array]:
    """Train a network over letters by mini-batch SGD, and return the loss of every step.

        conv1d_text -> ReLU -> max over time -> linear layer -> mean cross-entropy of the softmax

    Here you write the loss and its gradient yourself, as in `cnn_loss`, and the loop around them as
    in `train_cnn`. The conv1d_backward of conv.py wants its x as (N, D, L).

    Args:
        params: where to start: conv_weight (F, D, K), conv_bias (F,), weight (classes, F), bias
            (classes,); the keys in any order. It is not changed.
        X: texts, one row for each letter, shape (N, L, D), with L >= K: of one_hot_chars, or
            embedded.
        y: their classes, shape (N,); y[i] belongs to X[i].
        lr: learning rate, > 0.
        batch_size: texts per batch, >= 1; if it is larger than N, all texts are one batch.
        num_epochs: how often to go through the data, >= 0.
        rng: source of all random orders, used as in `train_cnn`.

    Returns:
        (params, losses): the trained parameters, with keys and shapes as given; and the losses as
        an array of shape (number of steps,), each of them before its own update.

    Source: Kim (2014), arXiv:1408.5882, section 2, with one width of filters and letters instead of
    words.
    """
    raise NotImplementedError("train_text_cnn: your code here")
