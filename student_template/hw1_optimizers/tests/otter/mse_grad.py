"""The public checks of mse_grad for Otter, as `grader.check` says them."""

from otter.test_files import test_case

OK_FORMAT = False

name = "mse_grad"
points = 6


@test_case(
    points=6,
    hidden=False,
    success_message="These are the public checks; the hidden ones run only after you submit.",
)
def test_public(env):
    """All public checks of this question pass."""
    from student_kit.notebook import assert_passed

    assert_passed("hw1_optimizers", "mse_grad", env)
