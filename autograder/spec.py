"""The words of an exercise under the name that bundles of version 0.1 import; see :mod:`autograder.model`."""

from autograder.checks.compat import Secret as Secret
from autograder.errors import CourseError as CourseError
from autograder.exercise import Alternative as Alternative
from autograder.exercise import Exercise as Exercise
from autograder.exercise import Misconception as Misconception
from autograder.exercise import Part as Part
from autograder.model import *  # noqa: F403  # every public word, as it was
