"""The plugins that stored ``nbgrader_config.py`` files name."""

from autograder.lms.nbgrader.plugins import LatePenalty, PartMarks

__all__ = ["LatePenalty", "PartMarks"]
