"""The same in loops."""

import numpy as np


def total(x):
    """Return the sum of the doubled entries of x."""
    variant_sum = 0.0
    for variant_entry in np.ravel(x):
        variant_sum += 2.0 * float(variant_entry)
    return variant_sum
