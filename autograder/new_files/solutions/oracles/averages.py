"""The second opinion: PyTorch, the definition in loops, or, as here, exact fractions."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from autograder.oracle import Comparison


def moving_average(averages, draw):
    """The definition, entry by entry, without rounding."""
    size = draw.integer("D", 1, 5)
    average, value = draw.array("average", size), draw.array("value", size)
    beta = draw.number("beta", 0.0, 0.999)
    b = Fraction(beta)
    exact = [
        float(b * Fraction(a) + (1 - b) * Fraction(v)) for a, v in zip(average, value, strict=True)
    ]
    found = averages.moving_average(average, value, beta=beta)
    yield Comparison("the average", found, np.array(exact))
