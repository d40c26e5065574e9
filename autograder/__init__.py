"""Auto-graded course package: exercises ask, the reference knows, the autograder judges, course.yml decides."""

__version__ = "0.1.0"
