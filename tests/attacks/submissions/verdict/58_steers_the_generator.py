"""Send the test's own Generator back in a state in which it yields nothing but zeros.

Row: 58
Expect: has no function add
"""


def walk(f, x, *, steps, rng):
    for _ in range(steps):
        f(x)
    state = {"state": 0, "inc": 0}
    rng.bit_generator.state = {**rng.bit_generator.state, "state": state, "has_uint32": 0}
    return 0.0  # right, if the next input is drawn as 0
