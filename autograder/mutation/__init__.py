"""Mutation: the ways in which numerical code goes wrong, each as a rule on its AST.

A rule is a generator decorated with `@rule` in one of the modules below. It gets a `Site`, a node
and where it stands, and yields what else could stand there: nodes that may share parts with the
old ones, which it never changes. It need not care whether a replacement compiles, or whether
another rule has made the same: `mutants` does. `ast.Pass` drops a statement.

The rules know Python, NumPy and PyTorch, and nothing of assignments.
"""

from autograder.mutation import arrays, control, values  # noqa: F401 - they fill RULES
from autograder.mutation.sites import RULES

__all__ = ["RULES"]
