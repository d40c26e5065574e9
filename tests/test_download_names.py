"""Names that Blackboard and Brightspace write, and the border in them to what a student wrote."""

from dataclasses import replace

import pytest

from autograder.errors import CourseError
from autograder.intake.discovery import discover
from autograder.intake.lms_names import attribute
from autograder.intake.teams import in_teams
from tests.attacks.inputs.making import CODE, class_at, zipped
from tests.course_files import course_at
from tests.test_whose_work import BOB, WORK, handed, roster_at

AT = "attempt_2026-10-07-14-00-00"
ON = "Oct 7, 2026 200 PM"
ROSTER = "student,name,number\nann,Ann Doe,11\ns_bob,Bob Roe,12\neve,Eve Poe,13\nb,Bo,14\ns_b,Bea Fox,15\n"

# entries -> the student who owns each; None: no student of the roster, "": the system's own
DOWNLOADS = {
    "Blackboard": ({f"hw1_ann_{AT}_x.py": "ann", f"hw1_s_bob_{AT}_g.py": "s_bob", f"hw1_eve_{AT}_gamma.py": "eve"}),
    "Blackboard, a title in words": ({f"Homework 1 _a_ann_{AT}_g.py": "ann", f"Homework 1 _a_eve_{AT}_g.py": "eve"}),
    "Blackboard, one student": ({f"hw1_s_bob_{AT}_g.py": "s_bob"}),
    "Blackboard, two borders": ({f"hw1_s_bob_{AT}_g.py": None, f"hw1_s_ann_{AT}_g.py": None}),
    "Blackboard, two borders, one for all": ({f"hw1_s_bob_{AT}_g.py": "s_bob", f"hw1_s_b_{AT}_g.py": "s_b"}),
    "Blackboard, a login in capitals": ({f"hw1_ANN_{AT}_g.py": None, f"hw1_eve_{AT}_g.py": "eve"}),
    "Blackboard, receipts": (
        {f"hw1_ann_{AT}_g.py": "ann", f"hw1_ann_{AT}.txt": "", f"hw1_eve_{AT}_g.py": "eve", f"hw1_eve_{AT}.txt": ""}
    ),
    "Blackboard, a file with numbers": ({f"hw1_ann_{AT}_report_1_2_x.py": "ann", f"hw1_eve_{AT}_g.py": "eve"}),
    "Brightspace": ({f"11-6789 - Bob Roe - {ON}": "s_bob", f"12-6789 - Ann Doe - {ON}": "ann", "index.html": ""}),
    "Brightspace, files": ({f"7-6 - Bob Roe - {ON} - g.py": "s_bob", f"8-6 - Doe, Ann- {ON} - my - g_1_2_x.py": "ann"}),
    "Brightspace, by the day": ({"7-6 - Ann Doe - 7 October, 2026 1400": "ann", f"8-6 - Ann Roe - {ON}": None}),
    "Brightspace, clocks": ({"7-6 - Ann Doe - Oct 7, 2026 2:00 PM": "ann", "8-6 - Bo - 7. Okt. 2026 14_00": "b"}),
    "Brightspace, two of a name": ({f"7-6 - Ann Doe - {ON}": None, f"8-6 - Ann Doe - {ON}": None}),
}


@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
@pytest.mark.parametrize("case", DOWNLOADS)
def test_an_entry_is_its_students_or_under_its_own_name(case, packed, tmp_path):
    wanted = DOWNLOADS[case]
    course = course_at(tmp_path / "course")
    roster = roster_at(tmp_path, ROSTER)
    files = {
        name if name.endswith((".py", ".txt", ".html")) else f"{name}/gamma.py": WORK.format(k)
        for k, name in enumerate(wanted)
    }
    path = class_at(tmp_path / "s", files)
    if packed:
        path = tmp_path / "s.zip"
        path.write_bytes(zipped(files))
    discovery = discover(path, course, exercise="gamma", roster=roster)
    found = handed(path, course, roster=roster)
    owner = {text: student for student, (status, text) in found.items() if status == "found"}
    for k, (name, student) in enumerate(wanted.items()):
        if student != "":
            whose = owner[WORK.format(k)]
            assert (whose if whose in roster.ids else None) == student, name
    assert len(owner) == len([student for student in wanted.values() if student != ""])
    assert not discovery.ignored
    assert not discovery.unused
    alone = discover(path, course, exercise="gamma")  # without a roster: as many students, none of them refused
    assert [one.status for one in alone] == ["found"] * len(owner)


@pytest.mark.parametrize("name", [f"7-6 - T 1 - {ON}", f"hw1_T 1_{AT}_gamma.py", f"7-6 - Ann Doe - {ON}"])
def test_a_group_is_the_team_of_that_name(name, tmp_path):
    course = course_at(tmp_path / "course")
    course = replace(course, assignments=tuple(replace(one, by_team=True) for one in course.assignments))
    roster = roster_at(tmp_path, "student,name,team\nann,Ann Doe,T 1\nbob,Bob Roe,T 1\neve,Eve Poe,\n")
    path = tmp_path / "s.zip"
    path.write_bytes(zipped({name if name.endswith(".py") else f"{name}/homework/deep/gamma.py": CODE}))
    found, _ = in_teams(discover(path, course, exercise="gamma", roster=roster).submissions, course, roster)
    assert {(one.student, one.status, one.members) for one in found} == {
        ("ann", "found", ("ann", "bob")), ("eve", "missing", ()),
    }  # fmt: skip


def test_a_name_that_two_go_by_is_no_team(tmp_path):
    course = course_at(tmp_path / "course")
    course = replace(course, assignments=tuple(replace(one, by_team=True) for one in course.assignments))
    roster = roster_at(tmp_path, "student,name,team\nann,Ann Doe,T 1\nbob,Bob Roe,T 1\n")
    for number, name in enumerate(("T 1", "Ann Doe")):
        files = {f"7-6 - T 1 - {ON}/gamma.py": WORK.format(7), f"8-6 - {name} - {ON}/gamma.py": WORK.format(8)}
        found = handed(class_at(tmp_path / str(number), files), course, roster=roster)
        assert found["T 1_7"] == ("found", WORK.format(7))
        assert "T 1" not in found


def test_the_last_attempt_counts_and_a_receipt_alone_is_not_nothing(tmp_path):
    course = course_at(tmp_path / "course")
    roster = roster_at(tmp_path, ROSTER)
    late = AT.replace("14-00", "15-30")
    names = {f"hw1_ann_{late}_gamma.py": WORK.format("new"), f"hw1_ann_{AT}_gamma.py": WORK.format("old")}
    names |= {f"hw1_ann_{AT}.txt": "Name: Ann", f"hw1_eve_{AT}.txt": "Name: Eve"}
    found = handed(class_at(tmp_path / "s", names), course, roster=roster)
    assert found["ann"] == ("found", WORK.format("new"))
    assert [found[one][0] for one in ("eve", "s_bob")] == ["rejected", "missing"]
    two = {f"7-6 - Ann Doe - Oct {day}, 2026 900 AM/gamma.py": WORK.format(day) for day in (9, 10)}
    assert handed(class_at(tmp_path / "t", two), course, roster=roster)["ann"] == ("found", WORK.format(10))


HOSTILE = {
    "Blackboard's pattern in Canvas": ({BOB, f"eve_77_5002_hw1_ann_{AT}_g.py"}, "eve_77"),
    "Brightspace's twice": ({f"7-6 - Ann - {ON} - g.py", f"8-6 - Eve - {ON} - 7-6 - Ann - {ON} - g.py"}, "Eve_8"),
    "Blackboard's twice": ({f"hw1_ann_{AT}_g.py", f"hw1_eve_{AT}_hw1_ann_{AT}_g.py"}, "hw1_eve"),
    "a name that begins as Canvas's": ({f"hw1_eve_{AT}_g.py", f"ann_1_2_x_{AT}_g.py"}, "ann_1_2_x"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_name_with_two_readings_is_refused_under_its_own_id(case):
    names, student = HOSTILE[case]
    found = attribute(dict.fromkeys(names, False))
    assert {one.name.student for one in found.values() if one.refused} == {student}
    assert len(found) == 2


def test_names_of_two_systems_are_attributed_to_no_student(tmp_path):
    course = course_at(tmp_path / "course")
    mixed = class_at(tmp_path / "s", {BOB: CODE, f"hw1_ann_{AT}_g.py": CODE})
    with pytest.raises(CourseError, match=r"Canvas's and hw1_ann_.* one of Blackboard's.*--lms blackboard"):
        discover(mixed, course, exercise="gamma")
    both = class_at(tmp_path / "t", {f"eve_77_5002_hw1_ann_{AT}_g.py": CODE})
    with pytest.raises(CourseError, match=r"both Canvas and Blackboard"):
        discover(both, course, exercise="gamma")
    assert [one.status for one in discover(both, course, exercise="gamma", system="Canvas")] == ["rejected"]


def test_where_students_are_anonymous_none_is_called_missing(tmp_path):
    roster = roster_at(tmp_path, ROSTER)
    path = class_at(tmp_path / "s", {"anon_x7Gq2_900_gamma.py": CODE, "anon_y8Hr3_901_gamma.py": CODE})
    discovery = discover(path, course_at(tmp_path / "course"), exercise="gamma", roster=roster)
    assert {one.student for one in discovery if one.status == "rejected"} == roster.ids
    assert any(
        "nothing says whose" in line and "--whose 'anon_x7Gq2_900_gamma.py=ID'" in line for line in discovery.told
    )
