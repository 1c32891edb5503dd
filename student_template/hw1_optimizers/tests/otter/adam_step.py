"""The public checks of adam_step for Otter, as `grader.check` says them."""

from otter.test_files import test_case

OK_FORMAT = False

name = "adam_step"
points = 12


@test_case(
    points=12,
    hidden=False,
    success_message="These are the public checks; the hidden ones run only after you submit.",
)
def test_public(env):
    """All public checks of this question pass."""
    from student_kit.notebook import assert_passed

    assert_passed("hw1_optimizers", "adam_step", env)
