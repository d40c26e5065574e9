"""The exporter and the preprocessor that stored ``nbgrader_config.py`` files name."""

from autograder.lms.nbgrader.autograde import GradeInSandbox, SubmittedNotebooks

__all__ = ["GradeInSandbox", "SubmittedNotebooks"]
