"""A small course on disk, for the tests of the course file, intake and results."""

from pathlib import Path

from autograder.course.model import Course, load_course

COURSE = """\
title: A course
assignments:
  hw1:
    title: First
    due: 2026-10-01T12:00:00+00:00
    extensions: {dora: "2026-10-03T12:00:00+00:00"}
    exercises: {alpha: 10, beta: 20}
  hw2:
    title: Second
    exercises: {gamma: 30}
late: {percent_per_day: 10, max_days: 3, grace_minutes: 30}
"""


def make_course(root: Path, text: str = COURSE) -> Path:
    for name in ("alpha", "beta", "gamma"):
        folder = root / "exercises" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "checks.py").touch()
    (root / "course.yml").write_text(text)
    return root


def course_at(root: Path, **changes: str) -> Course:
    """Load the course, with lines added to its file."""
    extra = "".join(f"{name}: {value}\n" for name, value in changes.items())
    return load_course(make_course(root, COURSE + extra))
