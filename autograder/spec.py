"""The words of an exercise under the name that bundles of version 0.1 import; see :mod:`autograder.model`."""

from autograder.errors import CourseError as CourseError
from autograder.model import *  # noqa: F403  # every public word, as it was
