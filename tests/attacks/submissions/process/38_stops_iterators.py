"""Raise what ends loops and generators.

Row: 38
Expect: raised StopIteration
"""


def add(a, b):
    raise StopIteration(a)


def walk(f, x, *, steps, rng):
    raise GeneratorExit
