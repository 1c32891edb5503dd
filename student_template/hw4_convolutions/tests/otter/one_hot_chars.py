"""The public checks of one_hot_chars for Otter, as `grader.check` says them."""

from otter.test_files import test_case

OK_FORMAT = False

name = "one_hot_chars"
points = 4


@test_case(
    points=4,
    hidden=False,
    success_message="These are the public checks; the hidden ones run only after you submit.",
)
def test_public(env):
    """All public checks of this question pass."""
    from student_kit.notebook import assert_passed

    assert_passed("hw4_convolutions", "one_hot_chars", env)
