"""Public checks of mlp_forward."""

import mlp
import numpy as np
from student_kit.checks import assert_close

TINY = {
    "weight1": np.array([[1.0, -1.0], [2.0, 0.0]]),
    "bias1": np.array([0.0, -1.0]),
    "weight2": np.array([[1.0, 0.0], [-1.0, 1.0], [0.0, -1.0]]),
    "bias2": np.array([0.5, 0.0, 0.0]),
}


def test_worked_numbers():
    """Two samples go through the tiny network of the handout."""
    x = np.array([[1.0, 2.0], [3.0, 1.0]])
    expected = np.array([[0.5, 1.0, -1.0], [2.5, 3.0, -5.0]])
    assert_close(mlp.mlp_forward(TINY, x), expected, name="logits")


def test_three_layers_by_hand(rng):
    """Three layers are three matrix products, with two ReLUs between them."""
    sizes = [5, 4, 6, 3]
    params = {}
    for k in (1, 2, 3):
        params[f"weight{k}"] = rng.normal(size=(sizes[k], sizes[k - 1]))
        params[f"bias{k}"] = rng.normal(size=sizes[k])
    x = rng.normal(size=(8, 5))
    a = np.maximum(0, np.einsum("ni,oi->no", x, params["weight1"]) + params["bias1"])
    b = np.maximum(0, np.einsum("ni,oi->no", a, params["weight2"]) + params["bias2"])
    expected = np.einsum("ni,oi->no", b, params["weight3"]) + params["bias3"]
    assert_close(mlp.mlp_forward(params, x), expected, name="logits")
