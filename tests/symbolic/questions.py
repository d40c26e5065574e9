"""The symbolic questions of the course, collected from its rooms by the number of their part.

``LEVELS`` names the least level at which the reference and its equivalent forms must be accepted.
"""

from __future__ import annotations

from autograder.course.exercises import load_room, room_names
from autograder.symbolic import Question
from tests.conftest import ROOT


def _collect() -> dict[str, Question]:
    rooms = [load_room(ROOT, name, hidden=True) for name in room_names(ROOT)]
    found = {room.exercise.part(name).number: q for room in rooms for name, q in room.questions.items()}
    return dict(sorted(found.items()))


QUESTIONS: dict[str, Question] = _collect()

LEVELS: dict[str, str] = {number: question.level for number, question in QUESTIONS.items()}
