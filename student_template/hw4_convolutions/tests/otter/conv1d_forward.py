"""The public checks of conv1d_forward for Otter, as `grader.check` says them."""

from otter.test_files import test_case

OK_FORMAT = False

name = "conv1d_forward"
points = 4


@test_case(
    points=4,
    hidden=False,
    success_message="These are the public checks; the hidden ones run only after you submit.",
)
def test_public(env):
    """All public checks of this question pass."""
    from student_kit.notebook import assert_passed

    assert_passed("hw4_convolutions", "conv1d_forward", env)
