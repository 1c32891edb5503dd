"""The public checks of train_text_cnn for Otter, as `grader.check` says them."""

from otter.test_files import test_case

OK_FORMAT = False

name = "train_text_cnn"
points = 8


@test_case(
    points=8,
    hidden=False,
    success_message="These are the public checks; the hidden ones run only after you submit.",
)
def test_public(env):
    """All public checks of this question pass."""
    from student_kit.notebook import assert_passed

    assert_passed("hw4_convolutions", "train_text_cnn", env)
