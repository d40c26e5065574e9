"""Tables of an instructor: rosters, times, marks."""

from __future__ import annotations

from autograder.errors import CourseError
from autograder.intake.tables import read_received, read_roster
from tests.attacks.inputs.making import expect, outcome
from tests.course_files import course_at

RECEIVED = {
    "student,assignment\nann,hw1\n": "no column time; required: student, assignment, time",
    "student,assignment,time\nann,hw11,2026-10-02T08:00:00Z\n": "received.csv:2: no assignment 'hw11'; did you mean",
    "student,assignment,time\nann,hw1,2026-10-02T08:00:00\n": "csv:2: time: given '2026-10-02T08:00:00'; allowed",
    "student,assignment,time\nann,hw1,yesterday\n,hw1,2026-10-02T08:00:00Z\n": "received.csv:3: student is blank",
    "student,assignment,time\nann,hw1,2026-10-02T08:00:00Z\nann,hw1,2026-10-02T08:00:00Z\n": "3: 'ann' appears twice",
}


def check_received(text, root):
    (root / "received.csv").write_text(text)
    course = course_at(root / "course")
    expect(outcome(CourseError, lambda: read_received(root / "received.csv", course)), CourseError(RECEIVED[text]))


# name -> (file, ids, or words of the message)
ROSTERS = {
    "plain": (b"student,name\nann,Ann Doe\nbob,Bob Roe\n", ["ann", "bob"]),
    "with mark": (b"\xef\xbb\xbfstudent,name\nann,Ann\n", ["ann"]),
    "semicolons": (b"student;name\nann;Doe, Ann\n", ["ann"]),
    "tabs in UTF-16": ("student\tname\nann\tAnn\n".encode("utf-16"), ["ann"]),
    "Windows line ends, blank lines": (b"student,name\r\n\r\nann,Ann\r\n,,\r\n", ["ann"]),
    "other heading": (b"Name, E-Mail\nAnn,ann@x\n", ["ann@x"]),
    "short lines": (b"name,student\nAnn,ann\nBob\n", ["ann"]),
    "long lines": (b"student\nann,more,and more\n", ["ann"]),
    "Canvas": (
        b'Student,ID,SIS User ID,SIS Login ID,Section\n    Points Possible,,,,\n"Doe, Ann",101,S1,ann,A\n',
        ["ann"],
    ),
    "Moodle": (b"Identifier,Full name,Email address\nParticipant 11,Ann Doe,ann@x\n", ["11"]),
    "quoted newline": (b'student,name\n"an\nn",Ann\n', ["an\\x0an"]),
    "formula": (b"student,name\n=1+1,Ann\n", ["=1+1"]),
    "twice": (
        b"student,name\nann,A\nbob,B\nann,C\n",
        CourseError("roster.csv:4: 'ann' appears twice; the first is in line 2"),
    ),
    "blank id": (
        b"student,name\n,Ann\n ,Bob\n",
        CourseError("roster.csv:2: Ann has no id in student; left out\nroster.csv:3: Bob"),
    ),
    "no id column": (b"name,grade\nAnn,1\n", CourseError("roster.csv:1: no column for the student's id")),
    "Latin-1": (
        b"student,name\nann,Ren\xe9\n",
        CourseError("byte 20 (line 2) is not UTF-8; save the file as UTF-8 (in a"),
    ),
    "NUL": (b"student,name\na\0nn,Ann\n", CourseError("is NUL")),
    "empty": (b"", CourseError("roster.csv: is empty")),
    "nobody": (b"student,name\n", CourseError("roster.csv: no student in it")),
    "broken quotes": (b'student,name\n"ann,Ann\nbob,Bob\n', CourseError("check the quotes")),
    "huge cell": (b"student,name\nann," + b"x" * 200_000 + b"\n", CourseError("field larger than field limit")),
}


def check_roster(name, root):
    raw, wanted = ROSTERS[name]
    (root / "roster.csv").write_bytes(raw)
    expect(outcome(CourseError, lambda: _ids(root / "roster.csv")), wanted)


def _ids(path):
    return [person.student for person in read_roster(path).people]
