"""The public checks of step_decay for Otter, as `grader.check` says them."""

from otter.test_files import test_case

OK_FORMAT = False

name = "step_decay"
points = 1.5


@test_case(
    points=1.5,
    hidden=False,
    success_message="These are the public checks; the hidden ones run only after you submit.",
)
def test_public(env):
    """All public checks of this question pass."""
    from student_kit.notebook import assert_passed

    assert_passed("hw3_autograd", "step_decay", env)
