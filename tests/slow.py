"""Which homework is graded as a whole in the long tests only.

Not a file of tests: they import it by name (`pythonpath` in pyproject.toml).
"""

# a process with PyTorch in it takes long to fork; convolutions by loops take long to compute
SLOW = ("hw3_autograd", "hw4_convolutions")
