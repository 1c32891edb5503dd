r"""Walk every object of the process for expected arrays and secrets.

Row: 1
Expect: strings: refused \(LookupError no canary\)(.|\n)*arrays: refused
"""

import gc

import numpy as np

from burglar import canaries, show, unless


def everything():
    found, todo = {}, list(gc.get_objects())
    while todo and len(found) < 300_000:
        thing = todo.pop()
        if id(thing) not in found:
            found[id(thing)] = thing
            if type(thing) in (dict, list, tuple, set, frozenset):
                todo += gc.get_referents(thing)
    return list(found.values())


def add(a, b):
    things = everything()
    texts = [t.encode("utf-8", "replace") for t in things if type(t) is str]
    mine = {id(a), id(b)}
    arrays = [t for t in things if isinstance(t, np.ndarray) and id(t) not in mine]
    answers = [t for t in arrays if t.shape == a.shape and np.allclose(t, a + b)]
    show(
        strings=lambda: canaries(b"\n".join(texts)),
        arrays=lambda: unless(answers, []),
    )
