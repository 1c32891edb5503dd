"""Moving averages."""

from __future__ import annotations

import numpy as np

Array = np.ndarray


def moving_average(average: Array, value: Array, *, beta: float) -> Array:
    """Return a moving average after one more value.

        average <- beta * average + (1 - beta) * value

    The docstring is the contract, and ships. What stands between the markers does not.

    Args:
        average: what it was, shape (D,).
        value: the new value, shape (D,).
        beta: how much of the average stays, 0 <= beta < 1.

    Returns:
        The new average, shape (D,), float64.
    """
    # BEGIN SOLUTION
    return beta * average + (1 - beta) * value
    # END SOLUTION
