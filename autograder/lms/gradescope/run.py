"""Grading one submission inside Gradescope's container: ``python -m autograder.lms.gradescope.run /autograder``.

Reads ``submission/`` and ``submission_metadata.json``, writes ``results/results.json``.  Where the grader itself fails
nothing is written, so that no score stands for it, and the exit status is 3.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from autograder.atomic import replacing
from autograder.course.feedback_policy import LEAST
from autograder.course.model import Course, load_course
from autograder.errors import CourseError
from autograder.grading.grader import Grader, Settings
from autograder.intake.discovery import Submission, discover
from autograder.lms.gradescope.package import SETTINGS
from autograder.lms.gradescope.results import folder_name, results_json
from autograder.moments import iso
from autograder.plain import dataclass
from autograder.sandbox.executor import GraderError
from autograder.store.standings import Counted, count
from autograder.text import encodable

_NOBODY = "student"


@dataclass(frozen=True)
class Sender:
    """Who handed in, and when: both from Gradescope, not from the student."""

    student: str
    received: datetime | None
    group: frozenset[str] = frozenset()
    """E-mail addresses of everyone who handed it in, in small letters."""


def main(arguments: Sequence[str]) -> int:
    """Grade the submission below the folder that is given; return the exit status."""
    base = Path(arguments[0] if arguments else "/autograder")
    target = base / "results" / "results.json"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)  # the score of an earlier run must not stand for this one
        data = grade_folder(base)
    except (CourseError, GraderError, OSError) as error:
        print(f"The grader failed, so there is no score: {error}")
        return 3
    with replacing(target) as stream:
        json.dump(encodable(data), stream, indent=1, allow_nan=False)
        stream.write("\n")
    print(f"score {data['score']:g}")
    return 0


def grade_folder(base: Path) -> dict[str, Any]:
    """Grade ``base/submission`` and return what belongs into ``results.json``.

    Raises
    ------
    CourseError, GraderError
        If the grader fails, or the sandbox cannot be had.
    """
    source = base / "source"
    settings = json.loads((source / SETTINGS).read_text(encoding="utf-8"))
    course = load_course(source / "course")
    sender = read_sender(base / "submission_metadata.json")
    course = extended(course, sender)
    results = []
    with (
        tempfile.TemporaryDirectory() as aside,
        Grader(Settings(course.root, settings["unsafe"], "numpy")) as grader,
    ):
        for submission in _submissions(base / "submission", Path(aside), course, settings["assignment"], sender):
            record = grader.grade(submission).stored.record
            if record.status == "grader_error":
                raise CourseError(f"{record.exercise}: {record.message}")
            results.append(count(record, sender.received, course))
        print(f"sandbox: {grader.layers}")
    return merged(results, course)


def read_sender(file: Path) -> Sender:
    """Read Gradescope's ``submission_metadata.json``; without it no student is known and nothing is late."""
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Sender(_NOBODY, None)
    if not isinstance(data, dict):
        return Sender(_NOBODY, None)
    users = data.get("users") or [{}]
    # of a group the first in alphabetical order, so that everyone's upload has the same hidden inputs
    names = sorted(str(user.get("email") or user.get("id") or _NOBODY) for user in users)
    return Sender(names[0], iso(data.get("created_at")), frozenset(name.casefold() for name in names))


def extended(course: Course, sender: Sender) -> Course:
    """Return the course with the latest extension of those who handed in, under the name of their folder.

    An e-mail address is the same in whatever letters course.yml and Gradescope write it.
    """
    assignments = []
    for one in course.assignments:
        dates = [until for who, until in one.extensions.items() if who.casefold() in sender.group]
        own = {folder_name(sender.student): max(dates)} if dates else {}
        assignments.append(replace(one, extensions={**one.extensions, **own}))
    return replace(course, assignments=tuple(assignments))


def _submissions(folder: Path, aside: Path, course: Course, assignment: str, sender: Sender) -> list[Submission]:
    """Bring what was uploaded into the layout of a class of one; links stay links, which intake refuses to follow."""
    place = aside / folder_name(sender.student) / assignment
    shutil.copytree(folder, place, symlinks=True)
    inner = place / assignment
    if inner.is_dir() and not inner.is_symlink():  # an upload of the folder itself
        shutil.copytree(inner, place, symlinks=True, dirs_exist_ok=True)
        shutil.rmtree(inner)
    return list(discover(aside, course, assignment))


def merged(results: Sequence[Counted], course: Course) -> dict[str, Any]:
    """Return the results of all exercises of a submission as one; tests are named after exercise and part."""
    # Gradescope shows them, and knows its own due dates and extensions
    pages = [(one.record.exercise, results_json(one, LEAST, course.feedback)) for one in results]
    first = pages[0][1]
    said = [f"{name}: {page['output']}" for name, page in pages if page["output"]]
    return {
        **first,
        "score": round(sum(page["score"] for _, page in pages), 6),
        "output": "\n".join(said),
        "tests": [_named(name, test) for name, page in pages for test in page["tests"]],
        "extra_data": {"exercises": [page["extra_data"] for _, page in pages]},
    }


def _named(exercise: str, test: Mapping[str, Any]) -> dict[str, Any]:
    return {**test, "name": f"{exercise}: {test['name']}"}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
