"""The public checks of manual_sgd_step for Otter, as `grader.check` says them."""

from otter.test_files import test_case

OK_FORMAT = False

name = "manual_sgd_step"
points = 2


@test_case(
    points=2,
    hidden=False,
    success_message="These are the public checks; the hidden ones run only after you submit.",
)
def test_public(env):
    """All public checks of this question pass."""
    from student_kit.notebook import assert_passed

    assert_passed("hw3_autograd", "manual_sgd_step", env)
