grader.submit()
