"""A student who is forgotten is in no byte below the results, and everybody else's points stay as they were."""

import csv
import zipfile
from datetime import timedelta

import pytest
from click.testing import CliRunner

from autograder.cli import cli
from autograder.intake.limited import available
from autograder.store import database
from autograder.store.forgotten import StudentNames
from autograder.store.store import open_store
from autograder.store.stored import FORMULAS
from tests import report_class
from tests import term as made
from tests.conftest import as_made

pytestmark = pytest.mark.skipif(not available(), reason="submissions are graded on Linux")

ROSTER = """\
student,name,email,identifier,team
barnaby,Barnaby Ochs,b.ochs@uni.example,Participant 50001,red
quorra,Quorra Vanterpool,q.vanterpool@uni.example,Participant 50002,red
yorick,Yorick Amsel,y.amsel@uni.example,Participant 50003,blue
zelda,Zelda Zimmermann,z.zimmermann@uni.example,Participant 50004,blue
mona,Mona Lorch,m.lorch@uni.example,Participant 50005,
"""
REMOVED = ("quorra", "Vanterpool", "q.vanterpool@uni.example", "50002")
RENAMED = ("zelda", "Zimmermann", "z.zimmermann@uni.example", "50004")
LATE = {"quorra": 0, "barnaby": -1, "zelda": 25}
"""Hours after the due date of the team's assignment; the extension of Zelda is two days."""


def call(*args):
    done = CliRunner().invoke(cli, [str(arg) for arg in args], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done


def hand_in(root):
    received = ["student,assignment,time"]
    for student in ("barnaby", "quorra", "yorick", "zelda", "mona"):
        place = root / "submitted" / student / "hw1"
        place.mkdir(parents=True)
        (place / "first_mean.py").write_text(f"# by {student}\n" + made.RIGHT.format(name="sample_mean"))
        (place / "first_mean.md").write_text(f"I, {student}, think so.")
        received.append(f"{student},hw1,{made.DUE['hw1'].isoformat()}")
    for student, hours in LATE.items():
        place = root / "submitted" / student / "hw2"
        place.mkdir(parents=True)
        (place / "second_mean.py").write_text(made.RIGHT.format(name="sample_mean"))
        (place / "second_mean.md").write_text("No name here.")
        received.append(f"{student},hw2,{(made.DUE['hw2'] + timedelta(hours=hours)).isoformat()}")
    (root / "received.csv").write_text("\n".join(received) + "\n")
    (root / "class.csv").write_text(ROSTER)
    until = made.DUE["hw2"] + timedelta(days=2)
    (root / "more.csv").write_text(f"student,assignment,until\nzelda,hw2,{until.isoformat()}\n")


@pytest.fixture(scope="module")
def careless():
    """An SQLite that leaves deleted bytes where they are."""
    tune = database._tune_sqlite

    def careless(connection, record):
        tune(connection, record)
        connection.execute("PRAGMA secure_delete = OFF")  # some systems' SQLite has it on

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "_tune_sqlite", careless)
        yield


@pytest.fixture(scope="module")
def ended(careless, tmp_path_factory):
    """A term with everything that writes below the results."""
    root = tmp_path_factory.mktemp("forgotten") / "course"
    with made.course(root):
        text = (root / "course.yml").read_text()
        (root / "course.yml").write_text(text.replace("days_to_spend: 2", "days_to_spend: 0"))
        hand_in(root)
        out, roster = root / "results", ("--roster", root / "class.csv")
        tables = ("--received", root / "received.csv", "--extensions", root / "more.csv")
        call("grade", root / "submitted", *roster, *tables, "--out", out, "--jobs", 1, "--unsafe")
        for student, comment in (("zelda", "Zelda Zimmermann, well said"), ("quorra", "no"), ("mona", "yes")):
            call("mark", student, "first_mean", "essay", 1, "--comment", comment, "--who", "me", "--out", out)
        call("mark", "--template", out / "anonymous.csv", "--anonymous", "--out", out)
        call("report", out, *roster)
        call("report", out, "--anonymous")
        call("report", out, *roster, "--for-students", "--publish")
        for form in ("csv", "canvas", "moodle", "moodle-feedback", "gradescope"):
            call("export", form, out, *roster)
        call("export", "dolos", out)
        call("export", "jplag", out, "--names")
        (out / "appeals.csv").write_text("student,exercise,text\nquorra,first_mean,once more\n")
        call("appeals", out / "appeals.csv", "--out", out, "--unsafe")
    return root


@pytest.fixture
def term(ended, monkeypatch):
    monkeypatch.setenv("AUTOGRADER_COURSE", str(ended))
    monkeypatch.chdir(as_made(ended))
    return ended


def holding(folder, words):
    """Return the files below a folder with one of the words in their names or bytes, in what a zip holds too."""
    found = set()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        data = [name.encode(), path.read_bytes() if path.is_file() else b""]
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                data += [archive.read(one) for one in archive.namelist()]
        if any(word.casefold().encode() in one.lower() for word in words for one in data):
            found.add(name)
    return found


def points(out):
    with (out / "grades.csv").open(newline="") as stream:
        return {row.pop("student"): row for row in csv.DictReader(stream)}


def test_no_byte_below_the_results_holds_who_is_forgotten_and_nobody_elses_points_change(term):
    out = term / "results"
    before = points(out)
    assert float(before["yorick"]["second_mean"]) == 8.0
    assert before["yorick"]["penalty"] == "0", "the extension of the team mate is what makes it on time"
    assert {"results.db", "published/results.db", "people.json", "results.jsonl"} <= holding(out, REMOVED)
    first = call("forget", "quorra", "--out", out, "--yes").stderr
    second = call("forget", "zelda", "--as", "student-17", "--out", out, "--yes").stderr
    # what the instructor put there: the one by name, the other in a table for marking with the comments so far
    assert holding(out, REMOVED) == {"appeals.csv", "appeals-answers.csv"}
    assert holding(out, RENAMED) == {"anonymous.csv"}
    assert "still name them, so remove them yourself: appeals-answers.csv, appeals.csv\n" in first
    assert "still name them, so remove them yourself: anonymous.csv\n" in second
    assert "handed in with others, who keep it: second_mean (barnaby)\n" in first
    after = points(out)
    wanted = {("student-17" if who == "zelda" else who): row for who, row in before.items() if who != "quorra"}
    assert after == wanted


def test_a_team_mate_is_replayed_and_shown_as_before(term):
    out = term / "results"
    call("forget", "quorra", "--out", out, "--yes")
    call("forget", "zelda", "--as", "student-17", "--out", out, "--yes")
    for student in ("barnaby", "yorick"):
        assert "the same verdict" in call("replay", student, "second_mean", "--out", out, "--unsafe").output
        with open_store(out) as store:
            stored, files = store.get(student, "second_mean")
        assert stored.record.file == "hw2/second_mean.py"
        assert [name for name, _ in files] == ["hw2/second_mean.py", "hw2/second_mean.md"]
    call("report", out, "--for-students", "--publish")
    assert holding(out, (*REMOVED, *RENAMED)) == {"appeals.csv", "appeals-answers.csv", "anonymous.csv"}


def test_what_remains_outside_is_named(term):
    (term / "course.yml").write_text((term / "course.yml").read_text() + "teams: {red: [quorra, barnaby]}\n")
    call("term", "first", "--out", term / "results")
    said = call("forget", "quorra", "--out", term / "results", "--yes").stderr
    assert f"nothing outside of {term / 'results'} is touched: what you collected, files written elsewhere" in said
    assert f"these are there: {term / 'course.yml'}, {term / 'archive'}\n" in said


def test_a_student_is_forgotten_who_is_on_the_class_list_alone(term):
    out = term / "results"
    with (term / "class.csv").open("a") as stream:
        stream.write("tabea,Tabea Quist,t.quist@uni.example,Participant 50006,\n")
    tables = ("--roster", term / "class.csv", "--exercise", "first_mean")
    call("grade", term / "submitted" / "mona" / "hw1" / "first_mean.py", *tables, "--out", out, "--unsafe")
    with open_store(out) as store:
        store.forget("tabea")
    assert holding(out, ("tabea",)) == {"people.json", "results.jsonl", "grades.csv"}
    call("forget", "Tabea Quist", "--out", out, "--yes")
    assert holding(out, ("tabea", "Quist", "50006")) == set()


def test_a_name_that_code_printed_or_raised_is_not_in_values_under_a_pseudonym(tmp_path):
    raised = "raises ValueError: J\u00fcrgen M\u00fcller was here"
    part = report_class.part(
        score=1.0, status="partial", message=raised, checks=[report_class.check("shape", "fail", message=raised)]
    )
    told = {
        "f": [report_class.evidence(returned="'M\u00fcller, J\u00fcrgen'", message=raised)],
        FORMULAS: {"f": ["m\u00fcller"]},
    }
    with open_store(tmp_path) as store:
        report_class.save(store, "jm", "alpha", part, proof=told, received=report_class.DUE)
        store.forget("jm", "p-1", StudentNames("jm", "J\u00fcrgen M\u00fcller"))
        stored, _ = store.get("p-1", "alpha")
    assert (stored.record.score, stored.received) == (1.0, report_class.DUE)
    assert stored.evidence["f"][0]["returned"] == "'p-1'"
    assert stored.evidence["f"][0]["call"] == told["f"][0]["call"]
    assert stored.record.parts[0]["message"] == "raises ValueError: p-1 was here"
    assert holding(tmp_path, ("J\u00fcrgen", "j\\u00fcrgen")) == set()


@pytest.mark.parametrize(
    ("path", "left"),
    [
        ("ann/hw1/mean.py", "hw1/mean.py"),
        ("hw1/Ann Doe_4711_assignsubmission_file_/sub/mean.ipynb", "sub/mean.ipynb"),
        ("hw1/doeann_4711_99_mean.py", "mean.py"),
        ("ANN@UNI.EXAMPLE/mean.md", "mean.md"),
        ("hw1/annotated/mean.py", "hw1/annotated/mean.py"),
        ("mean.py", "mean.py"),
    ],
)
def test_a_path_keeps_what_does_not_name_the_student(path, left):
    words = StudentNames("ann", "Ann Doe", ("ann@uni.example",), ("4711",))
    assert words.cut(path, "mean") == left


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (
            "team red: ann, ben handed in; of Ann, counts",
            "team red: (forgotten), ben handed in; of (forgotten), counts",
        ),
        ("Ann Doe is right, annotated", "(forgotten) is right, annotated"),
        ("write to ann@uni.example.", "write to (forgotten)."),
        ("Doe, Ann: see part 2", "(forgotten): see part 2"),
    ],
)
def test_a_sentence_keeps_what_does_not_name_the_student(text, left):
    assert StudentNames("ann", "Ann Doe", ("ann@uni.example",)).out_of(text, "(forgotten)") == left


def test_a_short_number_as_id_leaves_other_numbers_alone():
    assert StudentNames("12").out_of("cell 12: 12 of 20", "x") == "cell 12: 12 of 20"
