"""Whose work a file is: no name moves a mark, and what is open is told and decided by the instructor."""

import csv
import random
import shutil
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.cli import cli
from autograder.cli.grade import grade_command
from autograder.errors import CourseError
from autograder.intake.discovery import discover
from autograder.intake.extensions import with_own_extensions
from autograder.intake.gradescope import METADATA
from autograder.intake.identity import Person, Roster
from autograder.intake.lms_names import attribute
from autograder.intake.loading import load
from autograder.intake.spelling import agree
from autograder.intake.tables import read_received, read_roster, read_whose
from autograder.intake.teams import in_teams
from tests.attacks.inputs.making import CODE, class_at, zipped
from tests.conftest import make_course
from tests.course_files import course_at
from tests.gradescope_files import WHEN, listing

WORK = "MARK = {}\n"


def roster_at(folder, text):
    (folder / "roster.csv").write_text(text, encoding="utf-8")
    return read_roster(folder / "roster.csv")


def handed(path, course, **more):
    """Student -> (status after reading, what the file that counts holds)."""
    found = {}
    for entry in discover(path, course, exercise="gamma", **more):
        read = load(entry)
        status = "rejected" if entry.status == "found" and read.document is None else entry.status
        found[entry.student] = (status, read.data.decode() if status == "found" else "")
    return found


# --- the border between a system's text and a student's --------------------------------------------------------

BOB = "roebob_12_5001_gamma.py"
HOSTILE = {
    "a file named as Moodle names it": "eve_777_5002_x_12_assignsubmission_file_gamma.ipynb",
    "a file named as Moodle names it, with the name": "eve_777_5002_Bob Roe_12_assignsubmission_file_gamma.py",
    "a display name with Moodle's pattern": "x_12_assignsubmission_file_y_777_5002_gamma.py",
    "a display name with Canvas's pattern": "roebob_12_5001_x_777_5002_gamma.py",
    "a display name that ends in a classmate's number": "roebob_12_777_5002_gamma.py",
}
OWN = ("eve_777", "x_12_assignsubmission_file_y_777", "roebob_12_5001_x_777", "roebob_12_777")


@pytest.mark.parametrize("many", [1, 3])
@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
@pytest.mark.parametrize("case", HOSTILE)
def test_a_name_that_two_patterns_read_is_rejected_under_its_own_id(case, packed, many, tmp_path):
    course = course_at(tmp_path / "course")
    files = {BOB: WORK.format("bob"), "ann_101_900_gamma.py": WORK.format("ann")}
    files |= {HOSTILE[case].replace("777", str(777 + k)): WORK.format("eve") for k in range(many)}
    path = class_at(tmp_path / "s", files)
    if packed:
        path = tmp_path / "s.zip"
        path.write_bytes(zipped(files))
    for roster in (None, roster_at(tmp_path, 'Student,ID,SIS Login ID,Section\n"Roe, Bob",12,bob,A\nEve,777,eve,A\n')):
        found = handed(path, course, roster=roster)
        bob, eve = ("roebob_12", None) if roster is None else ("bob", "eve")
        assert found[bob] == ("found", WORK.format("bob"))
        if roster is None:
            rejected = {student for student, (status, _) in found.items() if status == "rejected"}
            assert rejected == {one.replace("777", str(777 + k)) for one in OWN for k in range(many)} & found.keys()
            assert len(rejected) == many
        else:
            assert found[eve][0] == "rejected"
        assert [text for _, text in found.values() if "eve" in text] == []


@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
def test_names_that_every_system_may_have_written_are_attributed_to_no_student(packed, tmp_path):
    course = course_at(tmp_path / "course")
    files = {f"eve_77{k}_500{k}_x_12_assignsubmission_file_gamma.py": CODE for k in range(2)}
    path = class_at(tmp_path / "s", files)
    if packed:
        path = tmp_path / "s.zip"
        path.write_bytes(zipped(files))
    with pytest.raises(CourseError, match=r"both Canvas and Moodle .* --lms canvas or --lms moodle"):
        discover(path, course, exercise="gamma")
    assert {one.status for one in discover(path, course, exercise="gamma", system="Canvas")} == {"rejected"}
    mixed = class_at(tmp_path / "m", {BOB: CODE, "Ann_1_assignsubmission_file_/gamma.py": CODE})
    with pytest.raises(CourseError, match=r"is a name of Canvas's and Ann_1_.* one of Moodle's"):
        discover(mixed, course, exercise="gamma")


NAMES = {
    # names of one archive, as folders or files -> student's id, or None where it is refused
    "Canvas, files called by numbers": (
        {"doe_101_900_report_1_2.py": "doe_101", "doe_101_903_2026_hw.py": "doe_101", "roe_102_901_g.py": "roe_102"},
        False,
    ),
    "Canvas, anonymous": ({"anon_x7Gq2_900_gamma.py": "anon_x7Gq2", "anon_LATE_44_901_g.py": "anon_44"}, False),
    "Canvas, anonymous and late": (
        {"LATE_anon_x7Gq2_900_gamma.py": "anon_x7Gq2", "LATE_anon_x7Gq2_901_u.py": "anon_x7Gq2", "anon_44_902_g.py":
         "anon_44", "LATE_anon_45_903_g.py": "anon_45"}, False,
    ),
    "Canvas, text typed in": ({"doe_101_text.html": "doe_101", "roe_LATE_102_link.html": "roe_102"}, False),
    "Canvas, a number that is another's name": (
        {"roe_12_5001_g.py": "roe_12", "eve_77_5002_roe_12_5003_g.py": "eve_77"}, False,
    ),
    "Moodle, folders": ({"Ann_7_assignsubmission_file_": "Ann_7", "Bob_8_assignsubmission_onlinetext": "Bob_8"}, True),
    "Moodle, a display name like a folder's": (
        {"Bob_8_assignsubmission_file_": "Bob_8", "Bob_8_assignsubmission_file__9_assignsubmission_file_":
         "Bob_8_assignsubmission_file__9"}, True,
    ),
    "Moodle, a file named like another's": (
        {"Bob_8_assignsubmission_file_g.py": "Bob_8", "Eve_9_assignsubmission_file_Bob_8_assignsubmission_file_g.py":
         None}, False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", NAMES)
def test_the_border_is_where_the_system_put_it(case):
    names, folder = NAMES[case]
    found = attribute(dict.fromkeys(names, folder))
    assert {name: None if one.refused else one.name.student for name, one in found.items()} == names


# --- rosters ---------------------------------------------------------------------------------------------------

GRADEBOOK = 'Student,ID,SIS User ID,SIS Login ID,Section\n"Doe, Ann",101,S1,ann,A\n"Roe, Bob",102,S2,bob,A\n'
GRADING = "Identifier,Full name,Email address\nParticipant 11,Ann Doe,ann@x.edu\nParticipant 12,Bob Roe,bob@x.edu\n"

# roster, names of entries -> the student who owns the entry; None: no student of the roster, under its own name
ROSTERS = {
    "a number of the system that is another's id": (
        "student,name\n11,Ann Doe\n12,Bob Roe\n",
        {"Bob Roe_11_assignsubmission_file_": "12", "Ann Doe_12_assignsubmission_file_": "11"},
    ),
    "the same in Canvas": (
        "student,name\n11,Ann Doe\n12,Bob Roe\n", {"roebob_11_1_g.py": "12", "doeann_12_2_g.py": "11"},
    ),
    "a number that contradicts the name": (GRADEBOOK, {"roebob_101_1_g.py": None, "doeann_102_2_g.py": None}),
    "a number that agrees": (GRADEBOOK, {"roebob_102_1_g.py": "bob", "doeannmarie_101_2_g.py": "ann"}),
    "a namesake who is not on the roster": (GRADEBOOK, {"roebob_999_1_g.py": None, "doeann_101_2_g.py": "ann"}),
    "an unknown number, an unknown name": (GRADEBOOK, {"zoe_102_1_g.py": None}),
    "a gradebook without sections": (
        'Student,ID,SIS Login ID\n"Doe, Ann",101,ann\n"Roe, Bob",102,bob\n',
        {"roebob_102_1_g.py": "bob", "doeann_101_2_g.py": "ann"},
    ),
    "one name for both": (
        'Student,ID,SIS Login ID\n"Ali, Ali",101,ali\n"Roe, Bob",102,bob\n',
        {"aliali_101_1_g.py": "ali", "roebob_102_2_g.py": "bob"},
    ),
    "a student in two sections": ("student,name,section\n1,Ann Doe,A\n1,Ann  Doe,B\n2,Bob,A\n", {"1": "1", "Bob": "2"}),
    "participants without names": (
        GRADING, {"Participant_11_assignsubmission_file_": "11", "Participant_12_assignsubmission_file_": "12"},
    ),
    "participants without names, in another language": (
        GRADING, {"Teilnehmer_11_assignsubmission_file_": "11", "Teilnehmer_12_assignsubmission_file_": "12"},
    ),
    "one name for all that a student has": (
        GRADING, {"Ann Doe_11_assignsubmission_file_": "11", "Ann Doe_12_assignsubmission_file_": None},
    ),
    "anonymous, by the number": (GRADING, {"Participant 11_11_assignsubmission_file_": "11"}),
    "Moodle's table of another assignment": (
        GRADING, {"Ann Doe_4711_assignsubmission_file_": "11", "Bob Roe_4712_assignsubmission_file_": "12"},
    ),
    "Moodle's own table, a namesake": (
        GRADING, {"Ann Doe_11_assignsubmission_file_": "11", "Bob Roe_4712_assignsubmission_file_": None},
    ),
    "two participants of one name": (
        "student,name\nann,Ann Doe\n",
        {"Ann Doe_7_assignsubmission_file_": None, "Ann Doe_8_assignsubmission_file_": None},
    ),
    "two students of one name": (
        "student,name\na1,Ann Doe\na2,Ann Doe\n", {"Ann Doe_7_assignsubmission_file_": None},
    ),
    "teams": (
        "First name,Last name,Email address\nAnn,Doe,ann@x.edu\nZoe,Roe,zoe@x.edu\n",
        {"Team 3-Ann Doe_7_assignsubmission_file": "ann@x.edu", "A-B-Zoe Roe_8_assignsubmission_file_": "zoe@x.edu"},
    ),
    "a group before some of the names": (
        "student,name\n1,Ann Doe\n2,Bob Roe\n",
        {"Group A-Ann Doe_7_assignsubmission_file_": None, "Bob Roe_8_assignsubmission_file_": "2"},
    ),
    "a hyphen in a name": (
        "student,name\nam,Ann-Marie Doe\nm,Marie Doe\n", {"Ann-Marie Doe_7_assignsubmission_file_": "am"},
    ),
    "case": ("student,name\nAnn.Doe,Ann Doe\n", {"ann.doe": None}),
    "leading zeros": ("student,name\n123,Ann Doe\n", {"00123": None}),
    "accents": ("student,name\njose,José Ñandú\n", {"Jose Nandu_7_assignsubmission_file_": None}),
    "composed and not": ("student,name\njose,José\n", {"Jose\u0301_7_assignsubmission_file_": "jose"}),
    "an e-mail address and a login": (GRADEBOOK.replace("S1", "ann@x.edu"), {"ann@x.edu": "ann", "bob": "bob"}),
    "a full name": ("student,name\n1,Ann Doe\n2,Bob Roe\n", {"Ann Doe": "1", "Roe, Bob": "2"}),
    "an id that is another's login": ("student,login\nann,x1\nx1,bob\n", {"x1": "x1"}),
    "a blank id": ("student id,name,email\n1,Ann,a@x\n,Guest,g@x\n", {"1": "1", "g@x": "g@x"}),
    "ids that differ by case only": ("student,name\nann,Ann Doe\nAnn,Ann Dee\n", {"ann": "ann", "Ann": "Ann"}),
    "ids that differ by zeros only": ("student,name\n00123,Ann\n123,Bob\n", {"00123": "00123", "123": "123"}),
    "an address with a plus": ("student,email\n17,ann+ml@x.edu\n", {"ann+ml@x.edu": "17"}),
    "the same in capitals": ("student,email\n17,ann+ml@x.edu\n", {"Ann+ML@X.edu": None}),
    "an address that two have": (
        "student,name,email\nann,Ann Doe,f@x.edu\nbob,Bob Doe,f@x.edu\n", {"ann": "ann", "f@x.edu": None},
    ),
    "a number that became a decimal one": ("student,name\n4711.0,Ann Doe\n", {"4711": None}),
    "a number that a spreadsheet rounded": (
        "student,name\n1.23457E+11,Ann Doe\n1.00E+05,Bob Roe\n",
        {"123456789012": None, "10E4": None},
    ),
    "an id that is kept from being a number": (
        'student,name\n="00123",Ann Doe\n"=""124""",Bob\n', {"00123": "00123", "124": "124"},
    ),
    "ids as Brightspace writes them": (
        "OrgDefinedId,Username,Last Name,First Name\n#123,#ann,Doe,Ann\n#124,#bob,Roe,Bob\n",
        {"ann": "ann", "124": "bob"},
    ),
    "marks that show nothing": (
        "\u200bstudent\u200b,name\n\u200bann\ufeff,Ann Doe\nbob\u00a0,Bob\n", {"ann": "ann", "bob": "bob"},
    ),
    "an id of another system": (
        "First Name,Last Name,SID,Email\nAnn,Doe,a1,ann@x.edu\nBob,Roe,b2,bob@x.edu\n",
        {"Ann Doe": "a1", "bob@x.edu": "b2"},
    ),
    "Excel's own first line": ("sep=;\nstudent;name\n1;Ann Doe\n", {"1": "1"}),
    "an equals sign": ("student,name\nx=1,Ann Doe\n", {"x=1": "x=1"}),
    "two of one name, by the number": (
        'Student,ID,SIS Login ID\n"Doe, Ann",101,a1\n"Doe, Ann",102,a2\n',
        {"doeann_102_900_g.py": "a2", "doeann_101_901_g.py": "a1"},
    ),
    "no id at all": ("student id,name,email\n1,Ann,a@x\n,Guest,\n", {"1": "1"}),
}  # fmt: skip


def laid(entry):
    return entry if entry.endswith(".py") and "_" in entry else f"{entry}/gamma.py"


@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
@pytest.mark.parametrize("case", ROSTERS)
def test_an_entry_is_its_students_or_under_its_own_name(case, packed, tmp_path):
    table, wanted = ROSTERS[case]
    course = course_at(tmp_path / "course")
    roster = roster_at(tmp_path, table)
    files = {laid(entry): WORK.format(k) for k, entry in enumerate(wanted)}
    path = class_at(tmp_path / "s", files)
    if packed:
        path = tmp_path / "s.zip"
        path.write_bytes(zipped(files))
    discovery = discover(path, course, exercise="gamma", roster=roster)
    owner = {load(one).data.decode(): one.student for one in discovery if one.status == "found"}
    for k, (entry, student) in enumerate(wanted.items()):
        whose = owner[WORK.format(k)]
        assert (whose if whose in roster.ids else None) == student, entry
        if student is None:
            assert whose in discovery.unknown
    # who may be meant is not called missing; everyone has one record
    told = " ".join(discovery.told)
    for one in discovery:
        if one.status == "rejected":
            assert "--whose" in one.message
            assert "--whose" in told
    assert roster.ids <= {one.student for one in discovery}


# names of entries that hold an id or a name between other words: a student's work, or not
PEOPLE = "student,name,email\nann12,Ann Doe,ann@x.edu\nbob34,Bob Roe,bob@x.edu\n17,Cat Poe,cat@x.edu\n"
HELD = {
    "a repository of GitHub Classroom": ("hw2-ann12", {"ann12"}),
    "a file of Google Classroom": ("Bob Roe - Copy of gamma.py", {"bob34"}),
    "a name and an id": ("roe, bob (bob34)", {"bob34"}),
    "a middle name": ("Ann Maria Doe", {"ann12"}),
    "two students": ("ann12 bob34", {"ann12", "bob34"}),
    "a file": ("gamma_ann12.py", {"ann12"}),
    "half of a name": ("Ann Roe 2", set()),
    "an id within a word": ("joann123", set()),
    "a short number": ("submission_17", set()),
}


@pytest.mark.parametrize("case", HELD)
def test_a_student_whose_id_is_in_the_name_of_a_file_is_not_called_missing(case, tmp_path):
    name, meant = HELD[case]
    roster = roster_at(tmp_path, PEOPLE)
    files = {name if name.endswith(".py") else f"{name}/gamma.py": CODE, "zoe/gamma.py": CODE}
    discovery = discover(
        class_at(tmp_path / "s", files), course_at(tmp_path / "course"), exercise="gamma", roster=roster
    )
    status = {one.student: one.status for one in discovery if one.student in roster.ids}
    assert {student for student, said in status.items() if said == "rejected"} == meant
    assert len([line for line in discovery.told if name in line and "--whose" in line]) == (1 if meant else 0)


def test_the_instructor_says_whose_a_file_is(tmp_path):
    course = course_at(tmp_path / "course")
    roster = roster_at(tmp_path, "student,name\nAnn.Doe,Ann Doe\n123,Bob Roe\n")
    path = class_at(tmp_path / "s", {"ann.doe/gamma.py": WORK.format(1), "00123/gamma.py": WORK.format(2)})
    left = handed(path, course, roster=roster)
    assert {student: status for student, (status, _) in left.items()} == {
        "ann.doe": "found", "Ann.Doe": "rejected", "00123": "found", "123": "rejected",
    }  # fmt: skip
    (tmp_path / "whose.csv").write_text("file,student\n00123,Bob Roe\n")
    said = read_whose(["ann.doe=Ann.Doe", str(tmp_path / "whose.csv")])
    assert handed(path, course, roster=roster, whose=said) == {
        "Ann.Doe": ("found", WORK.format(1)),
        "123": ("found", WORK.format(2)),
    }
    for wrong, words in (
        ({"ann.do": "Ann.Doe"}, "nothing here has that name; did you mean 'ann.doe'"),
        ({"ann.doe": "Anne"}, "'Anne' is not on the roster"),
    ):
        with pytest.raises(CourseError, match=words):
            discover(path, course, exercise="gamma", roster=roster, whose=wrong)
    for values, words in ((["x"], "write FILE=ID"), (["a=1", "a=2"], "is given to 1 and to 2")):
        with pytest.raises(CourseError, match=words):
            read_whose(values)


# layouts in which the class is one level below PATH
HIGH = {
    "a folder around it": {"all/ann12/gamma.py": 1, "all/bob34/gamma.py": 2},
    "a course folder of nbgrader": {
        "submitted/ann12/hw1/gamma.py": 1, "submitted/bob34/hw1/gamma.py": 2, "source/hw1/gamma.ipynb": 3,
    },
    "the archive in a folder": {"class.zip": zipped({"ann12/gamma.py": CODE, "bob34/gamma.py": CODE})},
    "archives in a folder": {"all/ann12.zip": zipped({"gamma.py": CODE}), "all/bob34.zip": zipped({"gamma.py": CODE})},
    "files in a folder": {"all/ann12.py": 1, "all/bob34.ipynb": 2},
    "a download of Moodle": {
        f"all/{name}_{n}_assignsubmission_file_/gamma.py": n for n, name in enumerate(("Ann Doe", "Bob Roe"))
    },
    "a download of Canvas": {"all/doeann_1_900_gamma.py": 1, "all/roebob_LATE_2_901_gamma-1.py": 2},
    "a download of Google Classroom": {"2/Ann Doe - gamma.py": 1, "2/Bob Roe - Copy of gamma.py": 2},
    "downloads of two sections": {
        "red/doeann_1_900_gamma.py": 1, "red/poecat_3_902_gamma.py": 3, "blue/roebob_2_901_gamma.py": 2,
        "blue/foxeve_4_903_gamma.py": 4,
    },
    "a folder for each section": {"red/ann12/gamma.py": 1, "blue/bob34/gamma.py": 2, "blue/17/gamma.py": 3},
}  # fmt: skip
UNWRAPPED = {"a folder around it", "a download of Moodle", "a download of Canvas"}
"""What is read all the same where an archive holds it: a lone folder that only wraps the class."""
SYSTEMS = {"a download of Canvas", "a download of Moodle", "downloads of two sections"}


@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
@pytest.mark.parametrize("case", HIGH)
def test_a_class_one_level_down_is_not_called_missing(case, packed, tmp_path):
    files = {name: what if isinstance(what, bytes) else WORK.format(what) for name, what in HIGH[case].items()}
    path = class_at(tmp_path / "s", files)
    if packed:
        path = tmp_path / "s.zip"
        path.write_bytes(zipped(files))
    course, roster = course_at(tmp_path / "course"), roster_at(tmp_path, PEOPLE)
    if packed and case in UNWRAPPED:
        found = handed(path, course, roster=roster)
        assert [found[one][0] for one in ("ann12", "bob34")] == ["found", "found"]
        return
    with pytest.raises(CourseError, match=r"give .* as PATH"):
        handed(path, course, roster=roster)
    if case in SYSTEMS:  # without a roster too, the class is not one student
        with pytest.raises(CourseError, match=r"give .* as PATH"):
            handed(path, course)


def test_a_stranger_with_folders_named_after_students_moves_no_mark(tmp_path):
    """What is in them may be theirs, so they are not called missing; it is graded under the stranger's own name."""
    files = {"zoe/ann12/gamma.py": WORK.format(1), "zoe/bob34/gamma.py": WORK.format(2), "17/gamma.py": WORK.format(3)}
    course, roster = course_at(tmp_path / "course"), roster_at(tmp_path, PEOPLE)
    found = handed(class_at(tmp_path / "s", files), course, roster=roster)
    assert {one: found[one][0] for one in roster.ids} == {"ann12": "rejected", "bob34": "rejected", "17": "found"}
    assert (found["zoe"][0], found["17"][1]) == ("found", WORK.format(3))


# files at the top of PATH -> the students who are not called missing because of them
LOOSE = {
    "a text": ({"ann12.txt": CODE}, {"ann12"}),
    "a mail": ({"ann@x.edu.eml": "From: Ann", "bob34.msg": b"\xd0\xcf\x11\xe0"}, {"ann12", "bob34"}),
    "no suffix": ({"ann12": CODE}, {"ann12"}),
    "a document, a name between other words": ({"Bob Roe - gamma.docx": b"PK\3\4"}, {"bob34"}),
    "an archive of two": (
        {"group 7.zip": zipped({"ann12/gamma.py": CODE, "bob34/gamma.py": CODE})},
        {"ann12", "bob34"},
    ),
    "an archive of one": ({"x/gamma.py": CODE, "x/Ann Doe/gamma.py": CODE}, {"ann12"}),
    "files of the instructor's": ({"roster.csv": "student\n", "notes.txt": "x", "README": "x"}, set()),
    "the number of a task": ({"x/17.py": CODE}, set()),
}


@pytest.mark.parametrize("case", LOOSE)
def test_nothing_was_submitted_is_said_of_no_student_after_whom_something_is_named(case, tmp_path):
    files, meant = LOOSE[case]
    course, roster = course_at(tmp_path / "course"), roster_at(tmp_path, PEOPLE + "zoe,Zoe Fox,zoe@x.edu\n")
    path = class_at(tmp_path / "s", {**files, "zoe/gamma.py": WORK.format(1)})
    discovery = discover(path, course, exercise="gamma", roster=roster)
    status = {one.student: one.status for one in discovery if one.student in roster.ids}
    assert {student for student, said in status.items() if said == "rejected"} == meant
    assert status["zoe"] == "found"


@pytest.mark.parametrize("encoding", ["gbk", "shift-jis", "cp866", "cp850"])
def test_names_in_an_encoding_that_the_archive_does_not_state_leave_no_student_missing(encoding, tmp_path):
    name = {
        "gbk": "\u5f20\u4e09",
        "shift-jis": "\u7530\u4e2d",
        "cp866": "\u0418\u0432\u0430\u043d",
        "cp850": "\xc1ngel",
    }
    entry = f"{name[encoding]}_4711_assignsubmission_file_/gamma.py".encode(encoding)
    raw = zipped({"Q" * len(entry): CODE, "Bob Roe_4712_assignsubmission_file_/gamma.py": WORK.format(1)})
    (tmp_path / "class.zip").write_bytes(raw.replace(b"Q" * len(entry), entry))
    course = course_at(tmp_path / "course")
    roster = roster_at(tmp_path, f"student,name\na,{name[encoding]}\nbob,Bob Roe\n")
    discovery = discover(tmp_path / "class.zip", course, exercise="gamma", roster=roster)
    status = {one.student: one.status for one in discovery if one.student in roster.ids}
    assert status == {"a": "rejected", "bob": "found"}
    assert any("does not state the encoding" in line and "--whose" in line for line in discovery.told)


def test_a_groups_file_is_given_to_the_students_or_the_team_that_the_instructor_names(tmp_path):
    course = course_at(tmp_path / "course")
    table = 'student,name,team\nann,Ann Doe,red\nbob,Bob Roe,red\neve,"Poe, Eve",\n'
    roster = roster_at(tmp_path, table)
    path = class_at(tmp_path / "s", {"Group 7/gamma.py": WORK.format(1)})
    both = dict.fromkeys(("ann", "bob"), ("found", WORK.format(1)))
    for said in ("ann;bob", "ann; Bob Roe", "red"):
        found = handed(path, course, roster=roster, whose=read_whose([f"Group 7={said}"]))
        assert found == {**both, "eve": ("missing", "")}
    assert handed(path, course, whose={"Group 7": "ann;bob"}) == both
    assert handed(path, course, roster=roster, whose={"Group 7": "Poe, Eve;ann"})["eve"][0] == "found"
    with pytest.raises(CourseError, match=r"'rad' is not on the roster and no team; did you mean 'red'"):
        handed(path, course, roster=roster, whose={"Group 7": "rad"})
    by_team = replace(course, assignments=tuple(replace(one, by_team=True) for one in course.assignments))
    for said in ("red", "ann;bob"):
        entries = discover(path, by_team, exercise="gamma", roster=roster, whose={"Group 7": said})
        together, _ = in_teams(entries.submissions, by_team, roster)
        assert {one.members for one in together if one.status == "found"} == {("ann", "bob")}


def test_a_login_of_github_is_an_id(tmp_path):
    roster = roster_at(tmp_path, "identifier,github_username,github_id,name\nann,octo-ann,1,Ann Doe\nbob,obob,2,\n")
    files = {"octo-ann/gamma.py": WORK.format(1), "hw1-obob/gamma.py": WORK.format(2)}
    found = handed(class_at(tmp_path / "s", files), course_at(tmp_path / "course"), roster=roster)
    assert {one: found[one][0] for one in ("ann", "bob", "hw1-obob")} == {
        "ann": "found", "bob": "rejected", "hw1-obob": "found",
    }  # fmt: skip


def test_a_disputed_file_is_graded_when_the_instructor_says_whose_it_is(tmp_path):
    course = course_at(tmp_path / "course")
    name = HOSTILE["a display name with Canvas's pattern"]
    path = class_at(tmp_path / "s", {BOB: WORK.format("bob"), name: WORK.format("eve")})
    found = handed(path, course, whose={name: "eve"})
    assert found == {"roebob_12": ("found", WORK.format("bob")), "eve": ("found", WORK.format("eve"))}


def test_a_record_under_an_id_that_turned_out_to_be_a_students_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("AUTOGRADER_COURSE", str(make_course(tmp_path / "course")))
    (tmp_path / "class.csv").write_text("student,name\nann,Ann Doe\nbob,Bob Roe\n")
    place = tmp_path / "s"
    place.mkdir()
    (place / "zed_77_901_first_mean.py").write_text("x = 1\n")
    command = [str(place), "--out", str(tmp_path / "out"), "--unsafe", "--exercise", "first_mean"]
    command += ["--roster", str(tmp_path / "class.csv")]
    first = CliRunner().invoke(grade_command, command)
    assert "not on the roster: " in first.output, first.output
    assert "hands in no more" not in first.output
    again = CliRunner().invoke(grade_command, [*command, "--whose", "zed_77_901_first_mean.py=bob"])
    assert again.exit_code == 0, again.output
    (line,) = [line for line in again.output.splitlines() if "hands in no more" in line]
    assert line.endswith(": 1 (zed_77)"), line


def test_times_and_extensions_are_those_of_the_student_by_any_id(tmp_path):
    course = course_at(tmp_path / "course")
    roster = roster_at(tmp_path, GRADING)
    (tmp_path / "received.csv").write_text("student,assignment,time\nann@x.edu,hw2,2026-10-02T08:00:00Z\n")
    path = class_at(tmp_path / "s", {"Ann Doe_11_assignsubmission_file_/gamma.py": CODE})
    received = read_received(tmp_path / "received.csv", course)
    discovery = discover(path, course, exercise="gamma", roster=roster, received=received)
    assert [(one.student, one.verified) for one in discovery] == [("11", True), ("12", False)]
    assert discovery.strangers == ()
    (tmp_path / "received.csv").write_text(
        "student,assignment,time\nann@x.edu,hw2,2026-10-02T08:00:00Z\n11,hw2,2026-10-01T08:00:00Z\n"
    )
    received = read_received(tmp_path / "received.csv", course)
    discovery = discover(path, course, exercise="gamma", roster=roster, received=received)
    assert discovery.submissions[0].received == datetime(2026, 10, 1, 8, tzinfo=UTC)
    assert discovery.told == ("times of submission: 11 is named twice for hw2; the earlier time counts",)
    dora = Roster((Person("4711", "Dora", ("dora",)),))
    own, told = with_own_extensions(course, dora)
    assert list(own.assignments[0].extensions) == ["4711"]
    assert told == []
    own, told = with_own_extensions(course, roster)
    assert told == ["course.yml: extensions of hw1: 'dora' is not on the roster"]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("doeann", "Ann Doe", True), ("Ann Doe", "Doe, Ann Marie", True), ("noethermax", "Max O'Noether-Łą", True),
        ("José", "jose", True), ("Ann", "Bob", False), ("annabel", "Ann Abel", True),
        ("anna", "Ann Doe", False), ("", "Ann", False), ("aliali", "Ali, Ali", True), ("ali", "Ali, Ali", True),
        ("alialiali", "Ali, Ali", True), ("alibob", "Ali, Ali", False),
    ],
)  # fmt: skip
def test_spellings_that_can_be_one_name(one, other, same):
    assert agree(one, other) is same


def test_a_late_mark_is_noted_where_its_file_counts(tmp_path):
    course = course_at(tmp_path / "course")
    path = class_at(tmp_path / "s", {"doe_LATE_1_901_alpha.py": CODE, "doe_1_900_beta.py": CODE})
    notes = {one.exercise: one.notes for one in discover(path, course, assignment="hw1")}
    assert notes == {"alpha": ("alpha.py: marked late by Canvas",), "beta": ()}
    renamed = class_at(tmp_path / "t", {"doe_LATE_1_901_work.zip": zipped({"alpha.py": CODE, "beta.py": CODE})})
    for one in discover(renamed, course, assignment="hw1"):
        assert "work.zip: marked late by Canvas" in one.notes


# --- marks never move ------------------------------------------------------------------------------------------

# login, e-mail, number at the school, Canvas's number, Moodle's number, given and family name; two share a name, and
# each system's number of one student is another's number at the school
CLASS = (
    ("ann", "ann@x.edu", "11", "12", "13", "Ann", "Doe"),
    ("bob", "bob@x.edu", "12", "13", "14", "Bob", "Roe"),
    ("cy", "cy@x.edu", "13", "14", "11", "Cy", "Same"),
    ("di", "di@x.edu", "14", "11", "12", "Cy", "Same"),
)
LAYOUTS = {
    "login": lambda s, k: f"{s[0]}/hw2/gamma.py",
    "e-mail": lambda s, k: f"{s[1]}/gamma.py",
    "number": lambda s, k: f"{s[2]}/gamma.py",
    "Canvas": lambda s, k: f"{s[6].lower()}{s[5].lower()}_{s[3]}_{900 + k}_gamma.py",
    "Moodle": lambda s, k: f"{s[5]} {s[6]}_{s[4]}_assignsubmission_file_/gamma.py",
    "Moodle, flat": lambda s, k: f"{s[5]} {s[6]}_{s[4]}_assignsubmission_file_gamma.py",
    "Blackboard": lambda s, k: f"Homework_1_{s[0]}_attempt_2026-10-07-14-00-0{k}_gamma.py",
    "Brightspace": lambda s, k: f"{s[4]}-6789 - {s[5]} {s[6]} - Oct 7, 2026 20{k} PM/gamma.py",
    "Brightspace, flat": lambda s, k: f"{s[4]}-6789 - {s[5]} {s[6]}- 7 October, 2026 140{k} - gamma.py",
    "Gradescope": lambda s, k: f"submission_{800 + k}/gamma.py",
    "Moodle, teams": lambda s, k: f"Team {k}-{s[5]} {s[6]}_{s[4]}_assignsubmission_file_/gamma.py",
}
FORMS = {
    "logins": ("student,name", lambda s: f"{s[0]},{s[5]} {s[6]}", 0),
    "numbers": ("student id,first name,last name,login", lambda s: f"{s[2]},{s[5]},{s[6]},{s[0]}", 2),
    "addresses": ("Name,Email address", lambda s: f'"{s[6]}, {s[5]}",{s[1]}', 1),
    "Canvas": ("Student,ID,SIS User ID,SIS Login ID,Section", lambda s: f'"{s[6]}, {s[5]}",{s[3]},{s[2]},{s[0]},A', 0),
    "Moodle": ("Identifier,Full name,Email address", lambda s: f"Participant {s[4]},{s[5]} {s[6]},{s[1]}", 4),
    "everything": ("username,email,id number,id,name", lambda s: f"{s[0]},{s[1]},{s[2]},{s[3]},{s[5]} {s[6]}", 0),
}


@pytest.mark.core_sample(22)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("layout", LAYOUTS)
@settings(max_examples=4)
@given(seed=st.integers(0, 1 << 30))
def test_marks_never_move(layout, form, seed, tmp_path_factory):
    """Whatever the layout and the roster: work is its student's or unattributed, in any order of files and students."""
    folder = tmp_path_factory.mktemp("never")
    course = course_at(folder / "course")
    heading, row, column = FORMS[form]
    if (layout, form) == ("number", "Moodle"):
        return  # Moodle's number is the roster's id there, so a folder of that name is that student's
    dice = random.Random(seed)
    files = {LAYOUTS[layout](one, k): WORK.format(one[0]) for k, one in enumerate(CLASS)}
    if layout == "Gradescope":
        accounts = {800 + k: (WHEN, (f"{one[5]} {one[6]}", one[1], one[2])) for k, one in enumerate(CLASS)}
        files[METADATA] = listing(accounts)
    before = None
    for shuffle in (False, True):
        names, rows = list(files), [row(one) for one in CLASS]
        if shuffle:
            dice.shuffle(names)
            dice.shuffle(rows)
        roster = roster_at(folder, "\n".join([heading, *rows, ""]))
        (folder / "s.zip").write_bytes(zipped({name: files[name] for name in names}))
        found = handed(folder / "s.zip", course, roster=roster)
        for one in CLASS:
            owners = [student for student, (_, text) in found.items() if text == WORK.format(one[0])]
            assert len(owners) == 1
            assert owners[0] == one[column] or owners[0] not in roster.ids
        assert before in (None, found)
        before = found


# --- the same ids in every later command -----------------------------------------------------------------------


def test_later_commands_know_a_student_by_every_id_and_keep_the_extension(mini, tmp_path, monkeypatch):
    root = tmp_path / "course"
    shutil.copytree(mini, root)
    file = root / "course.yml"
    until = "2026-10-31T23:59:00+01:00"
    due = f"    due: 2026-10-05T23:59:00+02:00\n    extensions: {{ann@x.edu: {until}, nobody: {until}}}\n"
    file.write_text(
        file.read_text().replace("    exercises:\n", f"{due}    exercises:\n", 1) + "late: {percent_per_day: 10}\n"
    )
    monkeypatch.setenv("AUTOGRADER_COURSE", str(root))
    class_at(
        tmp_path / "s",
        {"Ann Doe_11_assignsubmission_file_/first_mean.py": "def sample_mean(y_true):\n    return y_true[0]\n"},
    )
    (tmp_path / "roster.csv").write_text(GRADING)
    (tmp_path / "received.csv").write_text("student,assignment,time\nann@x.edu,hw1,2026-10-07T12:00:00Z\n")

    def run(*words):
        return CliRunner().invoke(cli, [str(word) for word in words], catch_exceptions=False)

    tables = ("--roster", tmp_path / "roster.csv", "--received", tmp_path / "received.csv")
    graded = run("grade", tmp_path / "s", "--exercise", "first_mean", *tables, "--out", tmp_path / "out", "--jobs", 1)
    assert graded.exit_code == 0
    assert "extensions of hw1: 'nobody' is not on the roster" in graded.stderr
    grades = (tmp_path / "out" / "grades.csv").read_text()
    exported = run("export", "csv", tmp_path / "out", "--to", tmp_path / "parts.csv")
    assert exported.exit_code == 0
    for student in ("11", "ann@x.edu", "Doe, Ann"):
        assert "first_mean" in run("show", student, "first_mean", "--out", tmp_path / "out").stdout
    with pytest.raises(CourseError, match="written differently"):
        run("show", "ANN@X.EDU", "first_mean", "--out", tmp_path / "out")
    # files that are written again count the extension as before
    assert run("forget", "bob@x.edu", "--yes", "--out", tmp_path / "out").exit_code == 0
    rows = grades.splitlines()
    assert (tmp_path / "out" / "grades.csv").read_text().splitlines() == [
        row for row in rows if not row.startswith("12,")
    ]
    assert "bob" not in (tmp_path / "out" / "people.json").read_text().lower()
    (row,) = csv.DictReader([rows[0], rows[1]])
    assert (row["student"], row["days_late"], float(row["penalty"])) == ("11", "0", 0.0)
