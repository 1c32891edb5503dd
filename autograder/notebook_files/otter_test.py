"""The public checks of QUESTION_ID for Otter, as `grader.check` says them."""

from otter.test_files import test_case

OK_FORMAT = False

name = "QUESTION_ID"
points = QUESTION_POINTS


@test_case(
    points=QUESTION_POINTS,
    hidden=False,
    success_message="These are the public checks; the hidden ones run only after you submit.",
)
def test_public(env):
    """All public checks of this question pass."""
    from student_kit.notebook import assert_passed

    assert_passed("ASSIGNMENT_ID", "QUESTION_ID", env)
