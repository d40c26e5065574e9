"""The class list that a results folder was graded with: which ids belong to one student."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from autograder.atomic import replacing
from autograder.course.model import Course
from autograder.errors import CourseError
from autograder.intake.extensions import with_own_extensions, with_team_extensions
from autograder.intake.identity import Match, Person, Roster
from autograder.moments import as_iso
from autograder.store.forgotten import StudentNames
from autograder.store.store import Store
from autograder.text import composed, did_you_mean, part_of

_T = TypeVar("_T")
FILE_NAME = "people.json"
EXTENSIONS = "extensions.json"

_LISTED = 10
"""So many students are listed where none is written alike."""


def keep_people(out: Path, roster: Roster) -> None:
    """Keep a class list with the results, so that later commands know a student by any of the ids in it.

    Raises
    ------
    CourseError
        If it cannot be written.
    """
    with replacing(out / FILE_NAME) as stream:
        json.dump([asdict(person) for person in roster.people], stream, ensure_ascii=True, indent=0)


def known_people(out: Path) -> Roster | None:
    """Return the class list that is kept with the results, or None.

    Raises
    ------
    CourseError
        If it cannot be read.
    """

    def roster(listed: Any) -> Roster:
        return Roster(tuple(Person(**{**one, "aliases": tuple(one["aliases"])}) for one in listed))

    return _kept(out / FILE_NAME, roster, "a class list", "--roster")


def course_of(out: Path, course: Course) -> Course:
    """Return the course with its extensions, those of a table and of teams too, under the ids of the results."""
    people = known_people(out)
    return with_team_extensions(with_own_extensions(with_extensions(course, known_extensions(out)), people)[0], people)


def with_extensions(course: Course, table: Mapping[str, Mapping[str, datetime]]) -> Course:
    """Return the course with the extensions of a table, which go before those of ``course.yml``."""
    extended = (replace(one, extensions={**one.extensions, **table.get(one.name, {})}) for one in course.assignments)
    return replace(course, assignments=tuple(extended)) if table else course


def keep_extensions(out: Path, table: Mapping[str, Mapping[str, datetime]]) -> None:
    """Keep a table of extensions with the results, so that later commands count them.

    Raises
    ------
    CourseError
        If it cannot be written.
    """
    written = {name: {who: as_iso(until) for who, until in own.items()} for name, own in table.items()}
    with replacing(out / EXTENSIONS) as stream:
        json.dump(written, stream, ensure_ascii=True, indent=0)


def known_extensions(out: Path) -> dict[str, dict[str, datetime]]:
    """Return the table of extensions that is kept with the results; an empty one if there is none.

    Raises
    ------
    CourseError
        If it cannot be read.
    """

    def extensions(listed: Any) -> dict[str, dict[str, datetime]]:
        return {n: {who: datetime.fromisoformat(until) for who, until in own.items()} for n, own in listed.items()}

    return _kept(out / EXTENSIONS, extensions, "the extensions", "--extensions") or {}


def _kept(path: Path, made: Callable[[Any], _T], what: str, option: str) -> _T | None:
    """Return what is made of a JSON file next to the results; None if there is none."""
    try:
        return made(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        why = f"{type(error).__name__}; remove it and grade with {option} again"
        raise CourseError(f"{path}: does not hold {what} as this program writes them ({why})") from None


def naming(store: Store, out: Path, *, listed: bool = False) -> Callable[[str], Match]:
    """Return a function that finds the student of the results by id, login, e-mail address or name.

    With ``listed``, those on the class list without results are found, too.
    """
    students = store.students()
    roster = known_people(out)
    if listed and roster is not None:
        students |= {*roster.ids}

    spelled = {composed(student): student for student in sorted(students)}

    def meant(text: str) -> Match:
        own = text if text in students else spelled.get(composed(text))
        if own is not None or roster is None:
            return Match(own)
        match = roster.match(text)
        return match if match.student in students else Match(None, match.near, match.why)

    return meant


def student_of(store: Store, out: Path, text: str, *, part: bool = False, listed: bool = False) -> str:
    """Return the student with this id, login, e-mail address or name; with ``part`` a piece of the id is enough.

    With ``listed``, it may be one of the class list without results.

    Raises
    ------
    CourseError
        If there are no results of such a student, or of several.
    """
    match = naming(store, out, listed=listed)(text)
    if match.student is None:
        students = sorted(store.students())
        fitting = [student for student in students if part and text.casefold() in student.casefold()]
        if len(fitting) == 1 and {*match.near} <= {*fitting}:
            return fitting[0]
        advice = did_you_mean(text, students, listed=_LISTED)
        raise CourseError(f"{text}: {match.why or f'there are no results of this student in {out}'}{advice}")
    return match.student


def no_result_of(store: Store, student: str, exercise: str) -> str:
    """Say that a student has no result for an exercise, and what may be meant: one with that part, or written alike."""
    keys = store.keys()
    mine = sorted(name for who, _, name in keys if who == student)
    found = [stored[0].record for name in mine if (stored := store.get(student, name)) is not None]
    of = [record.exercise for record in found if exercise in {part["name"] for part in record.parts}]
    return f"no result of {student} for {exercise!r}{part_of(exercise, of) or did_you_mean(exercise, mine)}"


def known_words(out: Path, student: str) -> StudentNames:
    """Return what a student is called in the class list that is kept with the results."""
    roster = known_people(out)
    people = () if roster is None else roster.people
    return StudentNames.of(student, next((person for person in people if person.student == student), None))


def forget_person(out: Path, course: Course, student: str, pseudonym: str | None = None) -> None:
    """Take a student out of the class list and the extensions that are kept with the results.

    Everybody else is due when they were: a team's extension may be that of the student.  So is a pseudonym.
    """
    roster, table = known_people(out), known_extensions(out)
    before = course_of(out, course)
    if any(student in own for own in table.values()):
        keep_extensions(out, {name: {k: v for k, v in own.items() if k != student} for name, own in table.items()})
    if roster is not None and student in roster.ids:
        keep_people(out, Roster(tuple(person for person in roster.people if person.student != student)))
    after, kept = course_of(out, course), known_extensions(out)
    moved = False
    for old, new in zip(before.assignments, after.assignments, strict=True):
        for one, until in old.extensions.items():
            who = pseudonym if one == student else one
            if who is not None and new.due_for(who) != until:
                kept[old.name] = {**kept.get(old.name, {}), who: until}
                moved = True
    if moved:
        keep_extensions(out, kept)
