"""The public checks of max_over_time_backward for Otter, as `grader.check` says them."""

from otter.test_files import test_case

OK_FORMAT = False

name = "max_over_time_backward"
points = 5


@test_case(
    points=5,
    hidden=False,
    success_message="These are the public checks; the hidden ones run only after you submit.",
)
def test_public(env):
    """All public checks of this question pass."""
    from student_kit.notebook import assert_passed

    assert_passed("hw4_convolutions", "max_over_time_backward", env)
