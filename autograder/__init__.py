"""autograder: isolated, proved and diagnostic grading of NumPy and PyTorch homework."""

__version__ = "0.1.0"
