"""# BEGIN TEST CONFIG
hidden: false
points: 0
success_message: These are the public checks; the hidden ones run only after you submit.
"""  # END TEST CONFIG


def test_public(env):
    """All public checks of this question pass."""
    from student_kit.notebook import assert_passed

    assert_passed("ASSIGNMENT_ID", "QUESTION_ID", env)
