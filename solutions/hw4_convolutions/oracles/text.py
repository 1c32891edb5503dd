"""What the functions of text.py are compared with: PyTorch in float64, and definitions."""

from __future__ import annotations

import torch
from torch.nn import functional

from autograder.oracle import Comparison

LETTERS = "abcdefghij"


def one_hot_chars(text, draw):
    """F.one_hot of the index of each letter; an index of its own, cut off, for all others."""
    alphabet = LETTERS[: draw.integer("V", 1, len(LETTERS))]
    length, turn = draw.integer("L", 1, 12), draw.integer("turn", 0, len(alphabet) - 1)
    alphabet = alphabet[turn:] + alphabet[:turn]
    picked = draw.rng("text").integers(len(alphabet) + 2, size=length).tolist()
    characters = "".join((alphabet + "?A")[k] for k in picked)
    indices = torch.tensor([min(k, len(alphabet)) for k in picked], dtype=torch.int64)
    expected = functional.one_hot(indices, len(alphabet) + 1)[:, :-1].double().numpy()
    yield Comparison("the rows", text.one_hot_chars(characters, alphabet), expected)


def embed_tokens(text, draw):
    """F.embedding."""
    ids, table = draw_tokens(draw)
    expected = functional.embedding(torch.tensor(ids), torch.tensor(table)).numpy()
    yield Comparison("the rows", text.embed_tokens(ids, table), expected)


def embed_backward(text, draw):
    """Autograd of F.embedding."""
    ids, table = draw_tokens(draw)
    grad_output = draw.array("grad_output", *ids.shape, table.shape[1])
    at = torch.tensor(table, requires_grad=True)
    functional.embedding(torch.tensor(ids), at).backward(torch.tensor(grad_output))
    found = text.embed_backward(grad_output, ids, len(table))
    yield Comparison("the gradient of the table", found, at.grad.numpy())


def conv1d_text(text, draw):
    """F.conv1d on the transposed sentences."""
    length, width, filters = (
        draw.integer("L", 1, 7),
        draw.integer("D", 1, 5),
        draw.integer("F", 1, 4),
    )
    kernel = draw.integer("K", 1, length)
    embedded = draw.array("embedded", draw.integer("N", 1, 4), length, width)
    weight, bias = draw.array("weight", filters, width, kernel), draw.array("bias", filters)
    sentences = torch.tensor(embedded).transpose(1, 2)
    expected = functional.conv1d(sentences, torch.tensor(weight), torch.tensor(bias)).numpy()
    yield Comparison("the responses", text.conv1d_text(embedded, weight, bias), expected)


def max_over_time(text, draw):
    """F.max_pool1d over all positions."""
    x = draw_responses(draw)
    expected = functional.max_pool1d(torch.tensor(x), x.shape[2])[:, :, 0].numpy()
    yield Comparison("the maxima", text.max_over_time(x), expected)


def max_over_time_backward(text, draw):
    """Autograd of F.max_pool1d over all positions."""
    x = draw_responses(draw)
    grad_output = draw.array("grad_output", *x.shape[:2])
    at = torch.tensor(x, requires_grad=True)
    functional.max_pool1d(at, x.shape[2])[:, :, 0].backward(torch.tensor(grad_output))
    yield Comparison("the gradient", text.max_over_time_backward(grad_output, x), at.grad.numpy())


def draw_tokens(draw):
    """Draw ids with one axis or two, and a table."""
    table = draw.array("table", draw.integer("V", 1, 7), draw.integer("D", 1, 5))
    length = draw.integer("L", 1, 8)
    shape = draw.choice("shape", (length,), (draw.integer("N", 1, 4), length))
    return draw.rng("ids").integers(len(table), size=shape), table


def draw_responses(draw):
    """Draw responses (N, F, L); the whole numbers among them have ties."""
    sizes = [draw.integer(name, 1, 6) for name in ("N", "F", "L")]
    return draw.array("x", *sizes)
