"""An nbgrader course folder with five small functions, and what students hand in for it: for tests of real nbgrader."""

import json
import os
import subprocess
import sys
from pathlib import Path

from autograder.course.model import load_course
from autograder.release.build import Release
from autograder.release.course_folder import write_course_folder
from tests.bench.small import COURSE, EXERCISE, FUNCTIONS, release_course

NAMES = tuple(FUNCTIONS)
WRONG = {name: f"def {name}(*values):\n    return -12345.0\n" for name in NAMES}
SETTINGS = "limits: {cpu_seconds: 0.5}\nlate: {percent_per_day: 10, max_days: 5, grace_minutes: 15}\n"
_DUE = "    due: 2026-10-01T12:00:00+00:00\n    extensions: {extended: '2026-10-03T12:00:00+00:00'}\n    exercises:"
DUE = COURSE.replace("    exercises:", _DUE) + SETTINGS
DUE_LATER = DUE.replace("2026", "2926")


def make(root, text=DUE):
    """Write the course below ``root`` and release it; return the course's folder and nbgrader's."""
    course = release_course(root / "course", text)
    folder = root / "nb"
    write_course_folder(Release.of(load_course(course), "hw", solved=False), folder)
    return course, folder


def released(folder):
    return json.loads((folder / "release" / "hw" / f"{EXERCISE}.ipynb").read_text())


def cell(notebook, name, end=""):
    """Return the cell of a function: its answer, or with "-test" its graded cell."""
    wanted = f"{EXERCISE}-{name}{end}"
    return next(one for one in notebook["cells"] if one["metadata"].get("nbgrader", {}).get("grade_id") == wanted)


def filled(folder, answers):
    """Return the released notebook with answers by function."""
    notebook = released(folder)
    for name, text in answers.items():
        cell(notebook, name)["source"] = text
    return notebook


def hand_in(folder, student, notebook, **files):
    """Put a notebook (data, text or bytes) and other files into ``submitted/``."""
    place = folder / "submitted" / student / "hw"
    place.mkdir(parents=True, exist_ok=True)
    data = notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode()
    (place / f"{EXERCISE}.ipynb").write_bytes(data)
    for name, content in files.items():
        (place / name.replace("__", ".")).write_text(content)
    return place


def command(*arguments, folder, course):
    """Run a Python module such as nbgrader in the course folder."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    home = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    repository = str(Path(__file__).parents[1])
    return subprocess.run(
        [sys.executable, "-m", *map(str, arguments)],
        cwd=folder,
        env={**home, "PATH": path, "AUTOGRADER_COURSE": str(course), "PYTHONPATH": repository},
        capture_output=True,
        text=True,
        check=False,
    )


def rows(folder, url=None):
    """Return what the gradebook says, per student: scores, flags and comments by cell, penalty, timestamp."""
    from nbgrader.api import Gradebook

    found = {}
    with Gradebook(url or f"sqlite:///{folder / 'gradebook.db'}") as book:
        for submission in book.assignment_submissions("hw"):
            grades = {one.cell.name: one for row in submission.notebooks for one in row.grades}
            comments = {one.cell.name: one.comment for row in submission.notebooks for one in row.comments}
            found[submission.student_id] = {
                "score": submission.score,
                "penalty": submission.late_submission_penalty,
                "timestamp": submission.timestamp,
                "cells": {name: one.score for name, one in grades.items()},
                "auto": {name: one.auto_score for name, one in grades.items()},
                "manual": {name: one.manual_score for name, one in grades.items()},
                "waits": {name for name, one in grades.items() if one.needs_manual_grade},
                "comments": comments,
            }
    return found
