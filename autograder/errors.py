"""The errors that cross the borders between packages; docstrings need not repeat that a function may raise them.

* :class:`CourseError`: an author's or instructor's mistake (an exercise, ``course.yml``, a command line, a file that
  cannot be read or written, a library that is not installed). Tables and course files are read to their end, and the
  error names every mistake with its line. Exit code 2.
* ``intake.source.Rejected``: a student's file that cannot be used; it becomes a record.
* ``sandbox.executor.GraderError``: the grader itself failed on a submission. Exit code 3.

Anything else that escapes is a fault of this program, and is reported as one.
"""


class CourseError(Exception):
    """A mistake of an author: an exercise, ``course.yml`` or a command line.  Its text is written for the author."""


class Endless(CourseError):
    """Code of an author that was stopped because it does not end; nothing that calls such code may swallow it."""
