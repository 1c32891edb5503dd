"""# BEGIN TEST CONFIG
hidden: true
TEST_POINTS
"""  # END TEST CONFIG


def test_hidden(env):
    """TEST_TITLE"""
    from ASSIGNMENT_ID_grading import assert_passed

    assert_passed("QUESTION_ID", "test_hidden", env)
