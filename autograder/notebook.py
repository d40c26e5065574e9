"""The check cells of released notebooks import this path; the code is :mod:`autograder.student.in_notebook`."""

from autograder.student.in_notebook import Shown, check, graded, hint

__all__ = ["Shown", "check", "graded", "hint"]
