"""The public checks of random_search for Otter, as `grader.check` says them."""

from otter.test_files import test_case

OK_FORMAT = False

name = "random_search"
points = 3


@test_case(
    points=3,
    hidden=False,
    success_message="These are the public checks; the hidden ones run only after you submit.",
)
def test_public(env):
    """All public checks of this question pass."""
    from student_kit.notebook import assert_passed

    assert_passed("hw3_autograd", "random_search", env)
