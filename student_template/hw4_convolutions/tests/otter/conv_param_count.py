"""The public checks of conv_param_count for Otter, as `grader.check` says them."""

from otter.test_files import test_case

OK_FORMAT = False

name = "conv_param_count"
points = 1


@test_case(
    points=1,
    hidden=False,
    success_message="These are the public checks; the hidden ones run only after you submit.",
)
def test_public(env):
    """All public checks of this question pass."""
    from student_kit.notebook import assert_passed

    assert_passed("hw4_convolutions", "conv_param_count", env)
