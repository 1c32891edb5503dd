"""Another correct way to write it. Write only what differs: it is put behind the reference."""


def moving_average(average, value, *, beta):
    """Move towards the value."""
    return average + (1 - beta) * (value - average)
