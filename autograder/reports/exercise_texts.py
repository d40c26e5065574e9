"""Texts of an exercise that pages show next to its parts: hints of misconceptions, and what to try next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from autograder.course.exercises import load_exercise
from autograder.course.model import Course
from autograder.errors import CourseError
from autograder.plain import dataclass


@dataclass(frozen=True)
class Hints:
    """Texts of the course's exercises: by (exercise, part, misconception's title), and by (exercise, part)."""

    misconceptions: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    parts: Mapping[tuple[str, str], str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    asked: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def of(self, exercise: str, part: str, title: str) -> str:
        """Return a misconception's hint, or an empty text."""
        return self.misconceptions.get((exercise, part, title), "")

    def next_step(self, exercise: str, part: str) -> str:
        """Return the first hint of a part, or an empty text."""
        return self.parts.get((exercise, part), "")

    def title(self, exercise: str) -> str:
        """Return an exercise's title, or its name."""
        return self.titles.get(exercise, exercise)


def hints_of(course: Course, exercises: list[str]) -> Hints:
    """Load the exercises; one that cannot be loaded any more gives no hints."""
    known: dict[tuple[str, str, str], str] = {}
    first: dict[tuple[str, str], str] = {}
    titles: dict[str, str] = {}
    asked: dict[tuple[str, str], str] = {}
    for name in exercises:
        try:
            folder = load_exercise(course.root, name, hidden=True)
        except CourseError:
            continue  # results outlive the exercise that made them
        titles[name] = folder.exercise.title
        for part in folder.exercise.parts:
            asked[name, part.name] = part.summary
            if part.hints:
                first[name, part.name] = part.hints[0]
        for part_name, secret in folder.secrets.items():
            for one in secret.misconceptions:
                known[name, part_name, one.title] = one.hint
        for part_name, question in folder.questions.items():
            for form in question.misconceptions:
                known[name, part_name, form.title] = form.hint
    return Hints(known, first, titles, asked)
