"""Tables of marks by hand."""

from __future__ import annotations

from autograder.errors import CourseError
from autograder.store.mark_tables import read_marks
from autograder.store.records import Record
from autograder.store.store import open_store
from autograder.store.stored import Stored
from tests.attacks.inputs.making import expect, outcome
from tests.conftest import keep

HEAD = "student,exercise,part,points,comment\n"

# name -> (file, points that are taken, or words of the message)
MARKS = {
    "plain": (HEAD + "ann,alpha,essay,2.5,good\n", [2.5]),
    "comma in a number": ('student;exercise;part;points\nann;alpha;essay;"2,5"\n', [2.5]),
    "still waiting": (HEAD + "ann,alpha,essay,,\n", []),
    "a comment that is markup": (HEAD + "ann,alpha,essay,1,<script>=1+1\n", [1.0]),
    "a name behind an apostrophe": (HEAD + "'=eve,alpha,essay,1,\n", [1.0]),
    "no points column": ("student,exercise,part\n", CourseError("marks.csv:1: no column points")),
    "nobody": (HEAD + "bob,alpha,essay,1,\n", CourseError("marks.csv:2: no student 'bob' in the results")),
    "no such exercise": (HEAD + "ann,beta,essay,1,\n", CourseError("marks.csv:2: no result of ann for 'beta'")),
    "no such part": (
        HEAD + "ann,alpha,esay,1,\n",
        CourseError("has no part 'esay' in the results; did you mean 'essay'"),
    ),
    "a part of the grader": (HEAD + "ann,alpha,f,1,\n", CourseError("f is a function, which the grader marks")),
    "text": (HEAD + "ann,alpha,essay,good,\n", CourseError("marks.csv:2: points: given 'good'; allowed: a number")),
    "a formula": (HEAD + "ann,alpha,essay,=1+1,\n", CourseError("marks.csv:2: points: given '=1+1'; allowed")),
    "not a number": (HEAD + "ann,alpha,essay,nan,\n", CourseError("marks.csv:2: points: given 'nan'; allowed")),
    "infinite": (HEAD + "ann,alpha,essay,1e999,\n", CourseError("marks.csv:2: points: given '1e999'; allowed")),
    "negative": (HEAD + "ann,alpha,essay,-1,\n", CourseError("marks.csv:2: -1 points for essay: allowed: 0 to 4")),
    "too many": (HEAD + "ann,alpha,essay,4.5,\n", CourseError("4.5 points for essay: allowed: 0 to 4")),
    "twice": (HEAD + "ann,alpha,essay,1,\nann,alpha,essay,2,\n", CourseError("marks.csv:3: 'ann' appears twice")),
    "controls": (HEAD + "an\x1b[2Jn,alpha,essay,1,\n", CourseError("no student 'an\\x1b[2Jn' in the results")),
    "a path": (HEAD + "../../ann,alpha,essay,1,\n", CourseError("no student '../../ann' in the results")),
    "NUL": (HEAD + "a\0nn,alpha,essay,1,\n", CourseError("is NUL")),
    "broken quotes": (HEAD + '"ann,alpha,essay,1,\n', CourseError("check the quotes")),
    "empty": ("", CourseError("marks.csv: is empty")),
    "a huge cell": (HEAD + "ann,alpha,essay,1," + "x" * 200_000 + "\n", CourseError("field larger than field limit")),
    "a number of many digits": (HEAD + "ann,alpha,essay," + "9" * 5000 + ",\n", CourseError("points: given '9999")),
}


def check_marks(name, root):
    text, wanted = MARKS[name]
    (root / "marks.csv").write_text(text)
    parts = tuple(
        {"name": part, "kind": kind, "status": "manual", "score": 0.0, "max_score": 4.0, "checks": []}
        for part, kind in (("essay", "manual"), ("f", "function"))
    )
    with open_store(root) as store:
        for student in ("ann", "=eve"):
            keep(store, Stored(Record(student, "hw1", "alpha", "graded", max_score=8.0, parts=parts), "d", "f"))
        expect(
            outcome(CourseError, lambda: [mark.points for mark in read_marks(root / "marks.csv", store, "me")]), wanted
        )
