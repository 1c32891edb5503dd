"""Lets plain `pytest` run the public checks too; `python check.py` says more."""

pytest_plugins = ["student_kit.plugin"]
