"""The student's side of the homework: checks, self-check and submission.

This package is copied whole into every template (`student_template/<hw>/student_kit/`) and is the
lowest layer of the engine. It needs Python >= 3.10, numpy and pytest, and nothing else. This file
imports nothing, so that `check.py` can say plainly that numpy or pytest is missing.
"""
