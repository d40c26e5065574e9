"""Results follow their exercise into another assignment, so that a renamed assignment does not count twice."""

from __future__ import annotations

from autograder.course.model import Course
from autograder.store.records import Key
from autograder.store.store import Store
from autograder.text import plural


def follow_course(store: Store, course: Course) -> list[str]:
    """Put results under the assignment that has their exercise in ``course.yml`` now; return a line for each move.

    A student has one result of an exercise: where there is one under the present assignment, the older one goes.
    """
    home = {exercise: one.name for one in course.assignments for exercise in one.exercises}
    moves: dict[tuple[str, str, str], list[Key]] = {}
    for key in sorted(store.keys()):
        _, before, exercise = key
        if home.get(exercise, before) != before:
            moves.setdefault((exercise, before, home[exercise]), []).append(key)
    for (_, _, now), keys in moves.items():
        store.move(keys, now)
    return [
        f"{exercise}: {plural(len(keys), 'result')} of {before} now under {now}, where course.yml has the exercise"
        for (exercise, before, now), keys in sorted(moves.items())
    ]
