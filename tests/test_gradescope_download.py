"""Gradescope's download: folders that only have numbers, and a file that says whose they are."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from autograder.errors import CourseError
from autograder.intake.discovery import discover
from autograder.intake.gradescope import METADATA, read_metadata
from autograder.intake.loading import load
from autograder.intake.teams import in_teams
from tests.attacks.inputs.making import CODE, class_at, zipped
from tests.course_files import course_at
from tests.gradescope_files import WHEN, listing
from tests.test_whose_work import WORK, handed, roster_at

ANN, BOB, EVE = ("Ann Doe", "ann@x.edu", "11"), ("Bob Roe", "bob@x.edu", "12"), ("Eve Poe", "eve@x.edu", "13")
ALL = "student,name,email,id number\nann,Ann Doe,ann@x.edu,11\nbob,Bob Roe,bob@x.edu,12\neve,Eve Poe,eve@x.edu,13\n"
LOGINS = "student,name\nann,Ann Doe\nbob,Bob Roe\neve,Eve Poe\n"
NUMBERS = "student number,name\n11,Ann Doe\n12,Bob Roe\n13,Eve Poe\n"
ADDRESSES = "email\nann@x.edu\nbob@x.edu\neve@x.edu\n"

# roster, who handed in -> whose it is (None: no student of the roster), who else is rejected and not missing
ACCOUNTS = {
    "all agrees": (ALL, ANN, "ann", ()),
    "by the address": (ADDRESSES, ANN, "ann@x.edu", ()),
    "by the address, under another name": (ALL, ("Annie", "ann@x.edu", ""), "ann", ()),
    "by the number": (NUMBERS, ANN, "11", ()),
    "by the number alone": (NUMBERS, ("", "", "11"), "11", ()),
    "by the name": (LOGINS, ANN, "ann", ()),
    "by the name, the address in capitals": (ALL, ("Doe Ann", "Ann@X.edu", ""), "ann", ()),
    "by the name, the number with zeros": (ALL, ("Ann Doe", "", "0011"), "ann", ()),
    "an address in capitals and no name": (ALL, ("", "Ann@X.edu", ""), None, {"ann"}),
    "address and number contradict": (ALL, ("", "ann@x.edu", "13"), None, {"ann", "eve"}),
    "address and name contradict": (ALL, ("Eve Poe", "ann@x.edu", ""), None, {"ann", "eve"}),
    "number and name contradict": (ALL, ("Bob Roe", "", "11"), None, {"ann"}),
    "a number and the name of a stranger": (ALL, ("Zoe Zed", "", "11"), None, {"ann"}),
    "the name of a student, another address": (ALL, ("Ann Doe", "zoe@y.edu", ""), None, {"ann"}),
    "the name of a student, the address elsewhere": (ALL, ("Ann Doe", "ann@y.edu", ""), None, {"ann"}),
    "the name of a student, the address of a login": (LOGINS, ("Ann Doe", "ann@y.edu", ""), "ann", ()),
    "the name of a student, another number": (NUMBERS, ("Ann Doe", "", "99"), None, {"11"}),
    "a stranger": (ALL, ("Zoe Zed", "zoe@y.edu", "99"), None, ()),
    "a name that is a classmate's id": (ALL, ("eve", "zoe@y.edu", "99"), None, {"eve"}),
}


@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
@pytest.mark.parametrize("case", ACCOUNTS)
def test_a_submission_is_its_submitters_or_is_told(case, packed, tmp_path):
    table, account, student, near = ACCOUNTS[case]
    course = course_at(tmp_path / "course")
    roster = roster_at(tmp_path, table)
    top = "assignment_77_export"
    files = {
        f"{top}/{METADATA}": listing({1: (WHEN, account), 2: (WHEN, BOB)}),
        f"{top}/submission_1/gamma.py": WORK.format(1),
        f"{top}/submission_2/gamma.py": WORK.format(2),
    }
    path = class_at(tmp_path / "s", files)
    if packed:
        path = tmp_path / "s.zip"
        path.write_bytes(zipped(files))
    discovery = discover(path, course, exercise="gamma", roster=roster)
    owner = {load(one).data.decode(): one for one in discovery if one.status == "found"}
    whose = owner[WORK.format(1)].student
    assert (whose if whose in roster.ids else None) == student
    assert owner[WORK.format(2)].student in roster.ids
    assert {one.student for one in discovery if one.status == "rejected"} == set(near)
    assert roster.ids <= {one.student for one in discovery}
    for one in owner.values():
        assert (one.received, one.verified) == (datetime(2026, 10, 1, 8, 0, 0, 123456, UTC), True)
    assert any("submission_1: " in line and "--whose" in line for line in discovery.told) == bool(near)
    first = min(roster.ids)
    said = discover(path, course, exercise="gamma", roster=roster, whose={"submission_1": first})
    assert {load(one).data.decode() for one in said if one.student == first} == {WORK.format(1)}
    alone = handed(path, course)
    assert alone[account[1] or account[2] or f"{account[0]}_1"] == ("found", WORK.format(1))


WORKS = {f"submission_{k}/gamma.py": WORK.format(k) for k in (1, 2)}
GAPS = {
    "no metadata": ({}, {"ann", "bob", "eve"}, "submission_1, submission_2: nothing says whose"),
    "a folder that is not listed": ({1: (WHEN, ANN)}, {"bob", "eve"}, "submission_2: nothing says whose"),
    "a folder that is not there": ({1: (WHEN, ANN), 2: (WHEN, BOB), 3: (WHEN, EVE)}, {"eve"}, ""),
}


@pytest.mark.parametrize("case", GAPS)
def test_no_student_whose_file_may_be_there_is_called_missing(case, tmp_path):
    people, rejected, told = GAPS[case]
    listed = {METADATA: listing(people)} if people else {}
    discovery = discover(
        class_at(tmp_path / "s", WORKS | listed),
        course_at(tmp_path / "course"),
        exercise="gamma",
        roster=roster_at(tmp_path, ALL),
    )
    assert {one.student for one in discovery if one.status == "rejected"} == rejected
    assert "missing" not in {one.status for one in discovery}
    assert told in " ".join(discovery.told)


TEAMS = ALL.replace("id number", "id number,team").replace("11\n", "11,T\n").replace("12\n", "12,T\n")


@pytest.mark.parametrize(("table", "by_team"), [(TEAMS, True), (TEAMS, False), (ALL, True)])
def test_several_submitters_are_a_team_if_the_course_says_so(table, by_team, tmp_path):
    files = WORKS | {METADATA: listing({1: (WHEN, BOB, ANN), 2: (WHEN, EVE)})}
    path = class_at(tmp_path / "s", files)
    course = course_at(tmp_path / "course")
    course = replace(course, assignments=tuple(replace(one, by_team=by_team) for one in course.assignments))
    roster = roster_at(tmp_path, table)
    discovery = discover(path, course, exercise="gamma", roster=roster)
    found, _ = in_teams(discovery.submissions, course, roster)
    status = {(one.student, one.status, one.members) for one in found}
    if table is TEAMS and by_team:
        assert status == {("ann", "found", ("ann", "bob")), ("eve", "found", ())}
        return
    assert status == {("ann", "rejected", ()), ("bob", "rejected", ()), ("eve", "found", ())}
    assert any(line.startswith("submission_1: was handed in by bob and ann") for line in discovery.told)
    said = discover(path, course, exercise="gamma", roster=roster, whose={"submission_1": "bob"})
    assert {one.student: one.status for one in said}["bob"] == "found"


def test_a_submitter_who_may_be_a_student_is_not_called_missing(tmp_path):
    files = WORKS | {METADATA: listing({1: (WHEN, ("", "ANN@x.edu", ""), BOB), 2: (WHEN, EVE)})}
    discovery = discover(
        class_at(tmp_path / "s", files),
        course_at(tmp_path / "course"),
        exercise="gamma",
        roster=roster_at(tmp_path, ALL),
    )
    status = {one.student: one.status for one in discovery if one.student in ("ann", "bob", "eve")}
    assert status == {"ann": "rejected", "bob": "rejected", "eve": "found"}


ENTRY = "submission_1:\n  :submitters:\n  - :name: Ann\n"
HOSTILE = {
    "not YAML": ("submission_1:\n  a: 'x\n", "not valid YAML"),
    "empty": ("", "not as Gradescope writes it"),
    "a list": ("- a\n", ":1: not as Gradescope writes it"),
    "a folder twice": (ENTRY * 2, ":4: 'submission_1' appears twice"),
    "no submitter": ("submission_1:\n  :submitters: []\n", ":1: 'submission_1' has 0 submitters"),
    "an empty submitter": ("submission_1:\n  :submitters:\n  - :name: ''\n", "neither name nor email nor sid"),
    "a name that is a list": ("submission_1:\n  :submitters:\n  - :name: [a, b]\n", ":3: not as Gradescope writes it"),
    "an endless name": (f"submission_1:\n  :submitters:\n  - :name: {'a' * 2000}\n", ":3: not as Gradescope"),
    "no text": ("\x00\x01", "NUL"),
    "deep": (ENTRY + "  :results: " + "[" * 500 + "]" * 500, ":4: nested deeper than"),
    "an alias to nothing": ("submission_1:\n  :submitters:\n  - :name: *x\n", ":3: "),
    "many submitters": ("submission_1:\n  :submitters:\n" + "  - :name: Ann\n" * 101, "has 101 submitters"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_list_that_gradescope_does_not_write_is_refused(case, tmp_path):
    text, words = HOSTILE[case]
    path = class_at(tmp_path / "s", {METADATA: text, "submission_1/gamma.py": CODE})
    with pytest.raises(CourseError, match=re.escape(words)) as caught:
        discover(path, course_at(tmp_path / "course"), exercise="gamma")
    assert str(caught.value).startswith(METADATA)
    assert "--whose" in str(caught.value)


def test_no_tag_is_obeyed_and_no_alias_unfolds():
    bomb = "".join(f"    k{k}: &a{k} [{', '.join([f'*a{k - 1}'] * 9) if k else 'x'}]\n" for k in range(30))
    text = f"""submission_1:
  :results: !ruby/object:Kernel
    x: !!python/object/apply:os.system [exit]
{bomb}
  :submitters:
  - :name: &n Ann Doe
    :email: a@x
  - :name: *n
    :sid: ~
    :email: b@x
  :created_at: !ruby/object:ActiveSupport::TimeWithZone
    utc: 2026-10-01 08:00:00 Z
    zone: {{a: b}}
"""
    one = read_metadata(text.encode())["submission_1"]
    who = [(submitter.name, submitter.email, submitter.sid) for submitter in one.submitters]
    assert who == [("Ann Doe", "a@x", ""), ("Ann Doe", "b@x", "")]
    assert one.time == datetime(2026, 10, 1, 8, tzinfo=UTC)


def test_a_time_that_cannot_be_read_is_told(tmp_path):
    files = {METADATA: listing({1: ("soon", ANN)}), "submission_1/gamma.py": CODE}
    (one,) = discover(class_at(tmp_path / "s", files), course_at(tmp_path / "course"), exercise="gamma")
    assert (one.received, one.time_unread) == (None, True)
    assert "'soon' is not a time" in one.notes[0]


def test_two_systems_in_one_folder_are_attributed_to_no_student(tmp_path):
    files = WORKS | {METADATA: listing({1: (WHEN, ANN), 2: (WHEN, BOB)}), "roebob_12_5001_gamma.py": CODE}
    with pytest.raises(CourseError, match=r"roebob_12_5001_gamma.py is a name of Canvas's .* download of Gradescope's"):
        discover(class_at(tmp_path / "s", files), course_at(tmp_path / "course"), exercise="gamma")


def test_a_link_in_the_place_of_the_list_is_not_followed(tmp_path):
    (tmp_path / "mine.yml").write_text(listing({1: (WHEN, ANN)}))
    path = class_at(tmp_path / "s", WORKS)
    (path / METADATA).symlink_to(tmp_path / "mine.yml")
    with pytest.raises(CourseError, match="symbolic link"):
        discover(path, course_at(tmp_path / "course"), exercise="gamma")
