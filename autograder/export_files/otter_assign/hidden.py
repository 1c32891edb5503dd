""" # BEGIN TEST CONFIG
hidden: true
TEST_POINTS
""" # END TEST CONFIG
def TEST_NAME(env):
    TEST_TITLE
    from ASSIGNMENT_ID_grading import assert_passed

    assert_passed("QUESTION_ID", "TEST_NAME", env)
