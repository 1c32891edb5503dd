"""The public checks of dead_relu_fraction for Otter, as `grader.check` says them."""

from otter.test_files import test_case

OK_FORMAT = False

name = "dead_relu_fraction"
points = 2


@test_case(
    points=2,
    hidden=False,
    success_message="These are the public checks; the hidden ones run only after you submit.",
)
def test_public(env):
    """All public checks of this question pass."""
    from student_kit.notebook import assert_passed

    assert_passed("hw3_autograd", "dead_relu_fraction", env)
