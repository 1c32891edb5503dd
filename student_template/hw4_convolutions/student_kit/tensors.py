"""PyTorch's tensors, in programs that may not have PyTorch: nothing here loads it.

Who never imported torch cannot hold a tensor. So these functions look for it among the loaded
modules, and homework without PyTorch pays nothing for homework that is about it.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

DTYPES = frozenset(
    [
        "bool",
        "uint8",
        *(f"int{bits}" for bits in (8, 16, 32, 64)),
        *("float16", "float32", "float64", "complex64", "complex128"),
    ]
)


def is_tensor(value: Any) -> bool:
    """Whether a value is a PyTorch tensor."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, getattr(torch, "Tensor", ()))


def to_array(tensor: Any) -> np.ndarray:
    """Return the numbers of a tensor as an array; TypeError names a kind that has none."""
    kind = str(tensor.dtype).removeprefix("torch.")
    if kind not in DTYPES:
        raise TypeError(f"a tensor of {kind}")
    if tensor.layout is not sys.modules["torch"].strided:
        raise TypeError("a sparse tensor")
    array: np.ndarray = tensor.detach().cpu().resolve_conj().resolve_neg().numpy()
    return array


def from_array(array: np.ndarray, *, requires_grad: bool) -> Any:
    """Return a new leaf tensor with these numbers; TypeError if there is none."""
    torch = sys.modules.get("torch")
    if torch is None or str(array.dtype) not in DTYPES:
        raise TypeError("a PyTorch tensor where none can be")
    if requires_grad and array.dtype.kind not in "fc":
        raise TypeError("a PyTorch tensor of integers that requires a gradient")
    return torch.from_numpy(array).requires_grad_(requires_grad)


def plain(value: Any) -> Any:
    """Return a tensor's array; any other value, and a tensor without numbers, as it is."""
    try:
        return to_array(value) if is_tensor(value) else value
    except TypeError:
        return value
