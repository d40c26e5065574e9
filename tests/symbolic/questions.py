"""The symbolic questions of the course, collected from its exercises by the number of their part.

``LEVELS`` names the least level at which the reference and its equivalent forms must be accepted.
"""

from __future__ import annotations

from autograder.course.exercises import exercise_names
from autograder.symbolic import Question
from tests.conftest import ROOT, course_exercise


def _collect() -> dict[str, Question]:
    folders = [course_exercise(name) for name in exercise_names(ROOT)]
    found = {folder.exercise.part(name).number: q for folder in folders for name, q in folder.questions.items()}
    return dict(sorted(found.items()))


QUESTIONS: dict[str, Question] = _collect()

LEVELS: dict[str, str] = {number: question.level for number, question in QUESTIONS.items()}
