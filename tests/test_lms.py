"""A class's download from Canvas and from Moodle, as they hand it out, and lateness from the download to the grades."""

import csv
import json
import unicodedata
from datetime import datetime

import pytest
from click.testing import CliRunner

from autograder.cli import cli
from autograder.errors import CourseError
from autograder.intake.discovery import discover
from autograder.intake.loading import load
from autograder.intake.tables import read_received, read_roster
from tests.attacks.inputs.making import CODE, class_at, code_cell, notebook, zipped
from tests.conftest import make_course
from tests.course_files import course_at


def nb(text):
    return notebook(code_cell(f"MARK = {text!r}"))


CANVAS = {
    "lovelaceada_12345_67890_gamma.ipynb": nb("ada"),
    # the same name twice in the class: the number tells them apart
    "smithjohn_200_7001_gamma.ipynb": nb("john 200"),
    "smithjohn_201_7002_gamma.ipynb": nb("john 201"),
    # three uploads of one student, the last late; Canvas numbers the copies, its own number grows
    "turingalan_LATE_300_7300_gamma-2.ipynb": nb("third"),
    "turingalan_300_7100_gamma.ipynb": nb("first"),
    "turingalan_300_7200_gamma-1.ipynb": nb("second"),
    "müllerłucja_400_7401_gamma.ipynb": nb("łucja"),
    "山田花子_500_7501_gamma.ipynb": nb("花子"),
    # a file name that looks like another student's
    "cheateve_600_7601_lovelaceada_12345_99999_gamma.ipynb": nb("eve"),
    "noethermax_LATE_700_7701_work.zip": zipped({"work/gamma.ipynb": nb("max")}),
    "frankrosa_800_7801_gamma.py": CODE,
}
MOODLE = {
    "Ada Lovelace_12345_assignsubmission_file_/gamma.ipynb": nb("ada"),
    "John Smith_200_assignsubmission_file_/gamma.ipynb": nb("john 200"),
    "John Smith_201_assignsubmission_file_/gamma.ipynb": nb("john 201"),
    "Łucja Müller_400_assignsubmission_file_/gamma.ipynb": nb("łucja"),
    unicodedata.normalize("NFD", "José Ñandú_450_assignsubmission_file_/gamma.ipynb"): nb("josé"),
    "花子 山田_500_assignsubmission_file_/gamma (1).ipynb": nb("花子"),
    # both kinds of submission of one student
    "Rosa_2 Frank_800_assignsubmission_file_/gamma.py": CODE,
    "Rosa_2 Frank_800_assignsubmission_onlinetext_/onlinetext.html": "<p>see the file</p>",
    "Max O'Noether-Łą_700_assignsubmission_file/gamma.ipynb": nb("max"),
}
ROSTER = (
    "student,name,id\nada,Ada Lovelace,12345\njs0,John Smith,200\njs1,John Smith,201\nalan,Alan Turing,300\n"
    "lu,Łucja Müller,400\njose,José Ñandú,450\nhana,花子 山田,500\nmax,Max O'Noether-Łą,700\nrosa,Rosa Frank,800\n"
    "idle,Ida Idle,900\n"
)


def laid_out(files, tmp_path, packed):
    if not packed:
        return class_at(tmp_path / "download", files)
    path = tmp_path / "submissions.zip"
    path.write_bytes(zipped(files))
    return path


def marks(path, course, **more):
    """Return what each student's counting file holds: its mark, the text of a .py, or None."""
    found = {}
    for entry in discover(path, course, "hw2", **more):
        read = load(entry)
        text = read.data.decode() if read.data else None
        found[entry.student] = json.loads(text)["cells"][0]["source"] if text and text.startswith("{") else text
    return found


@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
def test_a_download_of_canvas(tmp_path, packed):
    found = marks(laid_out(CANVAS, tmp_path, packed), course_at(tmp_path / "course"))
    assert found == {
        "lovelaceada_12345": "MARK = 'ada'",
        "smithjohn_200": "MARK = 'john 200'",
        "smithjohn_201": "MARK = 'john 201'",
        "turingalan_300": "MARK = 'third'",
        "müllerłucja_400": "MARK = 'łucja'",
        "山田花子_500": "MARK = '花子'",
        "cheateve_600": "MARK = 'eve'",
        "noethermax_700": "MARK = 'max'",
        "frankrosa_800": CODE,
    }


@pytest.mark.parametrize(("policy", "mark"), [("first", "first"), ("last", "third")])
def test_of_resubmissions_the_course_says_which_counts(tmp_path, policy, mark):
    found = marks(laid_out(CANVAS, tmp_path, True), course_at(tmp_path / "course", attempts=policy))
    assert found["turingalan_300"] == f"MARK = {mark!r}"


def test_canvas_late_mark_is_told_but_is_no_time(tmp_path):
    entries = {e.student: e for e in discover(laid_out(CANVAS, tmp_path, True), course_at(tmp_path / "course"), "hw2")}
    for student in ("turingalan_300", "noethermax_700"):
        assert any("marked late by Canvas" in note for note in entries[student].notes)
        assert entries[student].received is None
    assert not any("late" in note for note in entries["lovelaceada_12345"].notes)


@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
def test_a_download_of_moodle(tmp_path, packed):
    found = marks(laid_out(MOODLE, tmp_path, packed), course_at(tmp_path / "course"))
    composed = {unicodedata.normalize("NFC", student): mark for student, mark in found.items()}
    assert composed == {
        "Ada Lovelace_12345": "MARK = 'ada'",
        "John Smith_200": "MARK = 'john 200'",
        "John Smith_201": "MARK = 'john 201'",
        "Łucja Müller_400": "MARK = 'łucja'",
        "José Ñandú_450": "MARK = 'josé'",
        "花子 山田_500": "MARK = '花子'",
        "Rosa_2 Frank_800": CODE,
        "Max O'Noether-Łą_700": "MARK = 'max'",
    }


@pytest.mark.parametrize("files", [CANVAS, MOODLE], ids=["Canvas", "Moodle"])
@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
def test_with_a_roster_everyone_has_the_rosters_id(tmp_path, files, packed):
    (tmp_path / "roster.csv").write_text(ROSTER, encoding="utf-8")
    roster = read_roster(tmp_path / "roster.csv")
    found = marks(laid_out(files, tmp_path, packed), course_at(tmp_path / "course"), roster=roster)
    handed = {student: mark for student, mark in found.items() if mark}
    strangers = {"cheateve_600"} if files is CANVAS else set()
    absent = {"jose"} if files is CANVAS else {"alan"}
    assert set(handed) == roster.ids - absent - {"idle"} | strangers
    assert found["idle"] is None
    assert (handed["ada"], handed["js1"], handed["lu"]) == ("MARK = 'ada'", "MARK = 'john 201'", "MARK = 'łucja'")


# --- from the table of times to the grades ---------------------------------------------------------------------

DUE = "2026-10-23T23:59:00+02:00"  # 21:59 UTC, two days before clocks change
LATE = "late: {percent_per_day: 10, max_days: 5, grace_minutes: 15}\n"
ANSWER = "import numpy as np\n\n\ndef sample_mean(y_true):\n    y = np.asarray(y_true, float)\n" + (
    "    if y.size == 0:\n        raise ValueError('empty')\n    return float(y.mean())\n"
)
# student -> (time of submission, started days late)
RECEIVED = {
    "early": ("2026-10-20T10:00:00+02:00", 0),
    "other_zone": ("2026-10-23T17:58:59-04:00", 0),  # the same moment, told in New York
    "in_grace": ("2026-10-23T22:14:00Z", 0),
    "past_grace": ("2026-10-24T00:14:01+02:00", 1),
    "after_clocks_changed": ("2026-10-25T22:58:00+01:00", 2),  # 47 h 59 min later, though the clock says 46:59
    "extended": ("2026-10-30T23:59:00+01:00", 0),
    "extended_late": ("2026-10-31T12:00:00+01:00", 1),
    "last_day": ("2026-10-28T21:58:00+00:00", 5),
    "last_day_in_grace": ("2026-10-28 23:14:00 CET", 5),  # the grace minutes count for every day
    "too_late": ("2026-10-28T22:14:01+00:00", 6),
    "untold": (None, None),
}


@pytest.fixture(scope="module")
def late_class(tmp_path_factory):
    root = tmp_path_factory.mktemp("late")
    course = make_course(root / "course")
    file = course / "course.yml"
    extra = f"    due: {DUE}\n    extensions:\n" + "".join(
        f"      {name}: 2026-10-30T23:59:00+01:00\n" for name in ("extended", "extended_late")
    )
    file.write_text(file.read_text().replace("    exercises:\n", f"{extra}    exercises:\n") + LATE)
    for student in RECEIVED:
        class_at(root / "submitted", {f"{student}/hw1/{name}.py": ANSWER for name in ("first_mean", "second_mean")})
    # a time of his own that is wrong: the table wins
    (root / "submitted" / "too_late" / "hw1" / "timestamp.txt").write_text("2026-10-01 00:00:00 UTC")
    rows = [f"{student};hw1;{moment}" for student, (moment, _) in RECEIVED.items() if moment]
    (root / "received.csv").write_text("\n".join(["Student;Assignment;Time", *rows, ""]))
    return root


def graded(root, monkeypatch, *more):
    monkeypatch.setenv("AUTOGRADER_COURSE", str(root / "course"))
    out = root / f"results{len(more)}"
    said = CliRunner().invoke(cli, ["grade", str(root / "submitted"), "--out", str(out), "--jobs", "1", *more])
    assert said.exit_code == 0, said.output
    with (out / "grades.csv").open(encoding="utf-8", newline="") as stream:
        return {row["student"]: row for row in csv.DictReader(stream)}


def test_every_started_day_costs_its_share(late_class, monkeypatch):
    rows = graded(late_class, monkeypatch, "--received", str(late_class / "received.csv"))
    assert set(rows) == set(RECEIVED)
    for student, (_, days) in RECEIVED.items():
        lost = 0.0 if days is None else 12.0 * (1.0 if days > 5 else 0.1 * days)
        assert rows[student]["days_late"] == ("" if days is None else str(days)), student
        assert float(rows[student]["penalty"]) == pytest.approx(lost), student
        assert float(rows[student]["score"]) == pytest.approx(12.0 - lost), student


def test_a_table_given_later_counts_without_grading_again(late_class, monkeypatch):
    """What was graded before its time was known is not left as it was."""
    before = graded(late_class, monkeypatch)
    assert before["too_late"]["days_late"] == "0"  # the student's own word
    assert before["last_day"]["days_late"] == ""
    out = late_class / "results0"
    arguments = ["grade", str(late_class / "submitted"), "--out", str(out), "--jobs", "1"]
    said = CliRunner().invoke(cli, [*arguments, "--received", str(late_class / "received.csv")])
    assert said.exit_code == 0, said.output
    with (out / "grades.csv").open(encoding="utf-8", newline="") as stream:
        after = {row["student"]: row for row in csv.DictReader(stream)}
    assert (after["too_late"]["days_late"], after["last_day"]["days_late"]) == ("6", "5")


BAD_ROWS = (
    "student,assignment,time\n"
    "ann,hw1,2026-10-02T08:00:00\n"  # no zone
    "ann,hw9,2026-10-02T08:00:00Z\n"
    ",hw1,2026-10-02T08:00:00Z\n"
    "bob,hw1,2026-02-30T08:00:00Z\n"
    "bob,hw1,02.10.2026 08:00\n"
    "cy,hw1,2026-10-02T08:00:00Z\n"
    "cy,hw1,2026-10-03T08:00:00Z\n"
)


def test_all_bad_rows_of_the_table_are_told_at_once(tmp_path):
    (tmp_path / "received.csv").write_text(BAD_ROWS)
    with pytest.raises(CourseError) as error:
        read_received(tmp_path / "received.csv", course_at(tmp_path / "course"))
    *rows, step = str(error.value).splitlines()
    assert [line.split(":")[1] for line in rows] == ["2", "3", "4", "5", "6", "8"]
    assert step == "nothing was done; correct received.csv and run the same command again"


@pytest.mark.parametrize(
    "text",
    [
        "2026-10-02T08:00:00Z",
        "2026-10-02 08:00:00+00:00",
        "2026-10-02T10:00+02:00",
        "2026-10-02T13:45:00+05:45",
        "20261002T080000Z",
    ],
)
def test_a_moment_is_the_same_in_every_zone(text, tmp_path):
    (tmp_path / "received.csv").write_text(f"student,assignment,received\nann,hw1,{text}\n")
    times = read_received(tmp_path / "received.csv", course_at(tmp_path / "course"))
    assert times.time("ann", "hw1") == datetime.fromisoformat("2026-10-02T08:00:00+00:00")
    assert times.time("ann", "hw2") is None
