"""Homework 0: three tiny functions on arrays."""

# BEGIN SOLUTION
from math import fsum

# END SOLUTION
import numpy as np

# BEGIN SOLUTION


def secret_helper(values):
    """Add numbers without losing digits."""
    return fsum(float(value) for value in values)


# END SOLUTION


def double(x: np.ndarray) -> np.ndarray:
    """Return twice x.

    Args:
        x: any shape.
    """
    # BEGIN SOLUTION
    secret_factor = 2.0
    doubled = np.array(x, dtype=float)
    doubled *= secret_factor
    return doubled
    # END SOLUTION


def shift(x: np.ndarray, *, by: float = 1.0) -> np.ndarray:
    """Return x with `by` added to every entry."""
    # BEGIN SOLUTION
    return np.add(x, by)
    # END SOLUTION


# GIVEN
def describe(x: np.ndarray) -> str:
    """Return the shape of x in words."""
    return " by ".join(str(n) for n in x.shape)


def total(x: np.ndarray) -> float:
    """Return the sum of the doubled entries of x."""
    # BEGIN SOLUTION
    return secret_helper(double(x).ravel())
    # END SOLUTION
