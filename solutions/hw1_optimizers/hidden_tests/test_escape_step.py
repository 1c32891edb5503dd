"""Hidden checks of escape_step."""

import numpy as np
import optim
from student_kit.checks import assert_equal


def directions(rng, steps, d):
    """Return random vectors of length 1."""
    vectors = rng.normal(size=(steps, d))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_first_point_outside(rng):
    """It is the first point outside, however the path goes on."""
    distance = np.full(12, 3.0)
    first = int(rng.integers(3, 7))
    distance[:first] = rng.uniform(0.1, 0.4, size=first)
    trajectory = directions(rng, 12, 3) * distance[:, None]
    assert_equal(optim.escape_step(trajectory, np.zeros(3), radius=1.0), first)


def test_path_that_comes_back(rng):
    """The first escape counts, also when the path comes back and leaves again."""
    distance = np.array([0.1, 0.3, 0.2, 2.5, 0.4, 0.1, 3.0, 0.2])
    trajectory = directions(rng, 8, 2) * distance[:, None]
    assert_equal(optim.escape_step(trajectory, np.zeros(2), radius=1.0), 3)


def test_distance_from_the_center(rng):
    """The distance is from center, not from the origin and not from the start."""
    center, axis = rng.uniform(5, 9, size=4), np.eye(4)[rng.integers(4)]
    # from one side of the ball through its middle to the other: far from the start, yet inside
    along = np.array([-2.4, -1.2, 0.0, 1.2, 2.4, 3.6, 4.8])
    trajectory = center + along[:, None] * axis
    assert_equal(optim.escape_step(trajectory, center, radius=3.0), 5)


def test_euclidean_distance(rng):
    """The distance is Euclidean, not the largest and not the sum of the coordinates."""
    sign = rng.choice([-1, 1], size=3)
    # lengths 0.9, 0.97, 0.99, 1.13, 1.2; sums above 1 from the second on, no coordinate above 1
    trajectory = sign * np.array(
        [[0.9, 0, 0], [0.56, 0.56, 0.56], [0.7, 0.7, 0], [0.65, 0.65, 0.66], [0.7, 0.7, 0.7]]
    )
    assert_equal(optim.escape_step(trajectory, np.zeros(3), radius=1.0), 3)


def test_boundary_is_inside(rng):
    """A point at exactly the radius is not outside yet."""
    sign = rng.choice([-1.0, 1.0], size=(4, 2))
    trajectory = sign * np.array([[0.0, 1.0], [3.0, 4.0], [5.0, 0.0], [0.0, 6.0]])
    assert_equal(optim.escape_step(trajectory, np.zeros(2), radius=5.0), 3)


def test_never_outside(rng):
    """It is None if the path stays inside, and an int if its last point is outside."""
    trajectory = directions(rng, 9, 3) * rng.uniform(0.1, 0.4, size=(9, 1))
    assert_equal(optim.escape_step(trajectory, np.zeros(3), radius=1.0), None)
    trajectory[8] *= 20
    assert_equal(optim.escape_step(trajectory, np.zeros(3), radius=1.0), 8)


def test_start_outside(rng):
    """It is 0 if the start is outside, and 1 if the point after it is the first."""
    trajectory = rng.choice([-1, 1], size=(5, 2)) * rng.uniform(0.1, 0.3, size=(5, 1))
    for first, far in ((1, 30), (0, 100)):
        trajectory[first] *= far
        assert_equal(optim.escape_step(trajectory, np.zeros(2), radius=1.0), first)
    only_the_start = trajectory[[0, 2, 3, 4]]
    assert_equal(optim.escape_step(only_the_start, np.zeros(2), radius=1.0), 0)
