"""Real nbgrader: both ways of grading and our export agree; lateness, marks by hand and failures in the gradebook."""

import copy
import csv
import json
import shutil
from importlib.util import find_spec

import pytest

if find_spec("nbgrader") is None:
    pytest.skip("nbgrader is not installed", allow_module_level=True)

import nbformat
from nbgrader.api import Gradebook
from nbgrader.nbgraderformat import MetadataValidator

from autograder.authoring.demo.kinds import half_done, misconceived
from autograder.course.exercises import load_exercise
from autograder.course.model import load_course
from autograder.release.build import Release
from autograder.release.course_folder import write_course_folder
from autograder.store.records import Record
from autograder.store.store import open_store
from autograder.store.stored import Stored
from tests import postgres
from tests.bench.small import EXERCISE, FUNCTIONS
from tests.conftest import ROOT, keep
from tests.nbgrader_course import NAMES, WRONG, command, filled, hand_in, make, rows

pytestmark = [
    pytest.mark.integration,
    # nbgrader's own way with SQLAlchemy
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning", "ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

PLAIN = "c = get_config()\nc.CourseDirectory.course_id = 'plain'\nc.Execute.timeout = 600\n"


def run(folder, course, *arguments, code=0):
    said = command(*arguments, folder=folder, course=course)
    assert said.returncode == code, said.stdout + said.stderr
    return said


def grade(folder, course, out, *more):
    return run(folder, course, "autograder", "grade", folder / "submitted", "--out", out, "--jobs", 1, *more)


def export(folder, course, out, *more):
    return run(folder, course, "autograder", "export", "nbgrader", out, "--to", folder, *more)


def table(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


# --- lateness --------------------------------------------------------------------------------------------------

STAMPS = {
    "ontime": "2026-10-01 11:59:00 UTC",
    "grace": "2026-10-01 12:10:00.123456 UTC",
    "late": "2026-10-03 13:00:00 UTC",  # 3 started days
    "extended": "2026-10-03 11:00:00 UTC",
    "never": "2026-10-20 12:00:00 UTC",
}
TAKEN = {"ontime": 0.0, "grace": 0.0, "late": 3.0, "extended": 0.0, "never": 10.0, "unstamped": 0.0}


@pytest.fixture(scope="module")
def late(tmp_path_factory):
    """A class with times of submission, graded by nbgrader in our sandbox, and by us and then exported."""
    root = tmp_path_factory.mktemp("late")
    course, folder = make(root)
    right = filled(folder, FUNCTIONS)
    for student, stamp in STAMPS.items():
        hand_in(folder, student, right, timestamp__txt=stamp)
    hand_in(folder, "unstamped", right)
    hand_in(folder, "wrong", filled(folder, WRONG))
    other, out = root / "exported", root / "results"
    shutil.copytree(folder, other)
    autograded = run(folder, course, "nbgrader", "autograde", "hw")
    grade(other, course, out)
    roster = root / "class.csv"
    students = [*STAMPS, "unstamped", "absent"]
    roster.write_text("student,first name,last name,email\n" + "".join(f"{s},F{s},L{s},{s}@x\n" for s in students))
    exported = export(other, course, out, "--roster", roster)
    return course, folder, other, out, autograded, exported


def test_lateness_costs_what_the_course_file_says(late):
    _, folder, *_ = late
    assert {name: one["penalty"] for name, one in rows(folder).items() if name != "wrong"} == pytest.approx(TAKEN)


def test_the_gradebook_is_the_same_by_either_way(late):
    _, folder, other, *_ = late
    assert rows(folder) == rows(other)


def test_exported_notebooks_are_valid(late):
    _, _, other, *_ = late
    files = sorted((other / "autograded").glob("*/hw/*.ipynb"))
    assert len(files) == len(TAKEN) + 1
    for file in files:
        notebook = nbformat.read(file, as_version=4)
        nbformat.validate(notebook)
        MetadataValidator().validate_nb(notebook)


def test_names_come_from_the_roster_and_who_is_on_one_side_only_is_told(late):
    _, _, other, _, _, exported = late
    with Gradebook(f"sqlite:///{other / 'gradebook.db'}") as book:
        found = {one.id: (one.first_name, one.last_name, one.email) for one in book.students}
    assert found["late"] == ("Flate", "Llate", "late@x")
    assert found["wrong"] == (None, None, None)
    assert "on the roster, without a result: 1 (absent)" in exported.stderr
    assert "with results, not on the roster: 1 (wrong)" in exported.stderr


def test_unknown_and_unverified_times_are_told(late):
    *_, autograded, exported = late
    for text in (
        "unstamped, hw: no time of submission",
        "ontime, hw: the time of submission is the student's own word",
    ):
        assert text in autograded.stderr
    assert "time of submission unknown, counted as on time: 2 (unstamped hw, wrong hw)" in exported.stderr
    assert "own word (verify it with grade --received): 5" in exported.stderr


def test_totals_of_nbgrader_are_those_of_grades_csv(late):
    course, folder, other, out, *_ = late
    own = {row["student"]: float(row["score"]) for row in table(out / "grades.csv")}
    for place in (folder, other):
        run(place, course, "nbgrader", "export")
        assert {row["student_id"]: float(row["score"]) for row in table(place / "grades.csv")} == pytest.approx(own)
        parts = table(place / "grades-parts.csv")
        assert len(parts) == len(own) * len(NAMES)
        assert {row["score"] for row in parts if row["student"] == "late"} == {"2"}


def test_a_verified_time_wins_over_the_students_own(late, tmp_path):
    course, folder, *_ = late
    place = tmp_path / "nb"
    shutil.copytree(folder, place)
    received = place / "received.csv"
    received.write_text("student,assignment,time\nontime,hw,2026-10-02T13:00:00+00:00\n")
    config = place / "nbgrader_config.py"
    config.write_text(config.read_text() + f"c.GradeInSandbox.received = {str(received)!r}\n")
    said = run(place, course, "nbgrader", "autograde", "hw", "--force", "--student", "ontime")
    assert rows(place)["ontime"]["penalty"] == pytest.approx(2.0)
    assert "own word" not in said.stderr


def test_formgraders_button_grades_the_same_way(late, tmp_path):
    course, folder, *_ = late
    place = tmp_path / "nb"
    shutil.copytree(folder, place)
    hand_in(place, "wrong", filled(place, FUNCTIONS))
    # as the server does it: from within a running event loop
    script = (
        "import asyncio, nbgrader.apps as apps\n"
        "async def press():\n"
        "    app = apps.NbGrader()\n"
        "    app.load_config_file()\n"
        "    api = apps.NbGraderAPI(config=app.config)\n"
        "    print(api.autograde('hw', 'wrong'))\n"
        "asyncio.run(press())\n"
    )
    (place / "press.py").write_text(script)
    said = run(place, course, "press")
    assert "'success': True" in said.stdout, said.stdout
    assert "kernel" not in said.stdout.lower()
    assert rows(place)["wrong"]["score"] == 10.0


# --- failures --------------------------------------------------------------------------------------------------


def test_a_failed_regrade_leaves_no_old_score(late, tmp_path):
    _, folder, *_ = late
    course, place = tmp_path / "course", tmp_path / "nb"
    shutil.copytree(late[0], course)
    shutil.copytree(folder, place)
    grading = course / "exercises" / EXERCISE / "grading.py"
    text = grading.read_text()
    config = place / "nbgrader_config.py"
    config.write_text(config.read_text() + f"c.GradeInSandbox.course = c.LatePenalty.course = {str(course)!r}\n")
    grading.write_text("raise ValueError\n")
    run(place, course, "nbgrader", "autograde", "hw", "--force", "--student", "ontime", code=1)
    found = rows(place)["ontime"]
    assert set(found["auto"].values()) == {None}
    assert found["waits"] == set(found["auto"])
    grading.write_text(text)
    run(place, course, "nbgrader", "autograde", "hw", "--student", "ontime")
    assert rows(place)["ontime"]["score"] == 10.0
    assert rows(place)["ontime"]["waits"] == set()


def test_a_batch_that_was_cut_off_goes_on(late, tmp_path):
    course, folder, *_ = late
    place = tmp_path / "nb"
    shutil.copytree(folder, place)
    # as a killed process leaves it: a copied folder, rows without scores, half a notebook
    with Gradebook(f"sqlite:///{place / 'gradebook.db'}") as book:
        for row in book.find_submission("hw", "late").notebooks:
            for one in row.grades:
                one.auto_score = None
        book.remove_submission("hw", "grace")
        book.db.commit()
    for student in ("late", "grace"):
        file = place / "autograded" / student / "hw" / f"{EXERCISE}.ipynb"
        file.chmod(0o644)
        file.write_text(file.read_text()[:200])
    run(place, course, "nbgrader", "autograde", "hw")
    assert rows(place) == rows(folder)


def test_a_failure_of_the_grader_is_exported_as_one(late, tmp_path):
    course, _, other, out, *_ = late
    place, results = tmp_path / "nb", tmp_path / "results"
    shutil.copytree(other, place)
    shutil.copytree(out, results)
    with open_store(results) as store:
        record = store.get("ontime", EXERCISE)[0].record
        parts = tuple({**part, "score": 0.0} for part in record.parts)
        failed = Record(
            *record.key, "grader_error", max_score=10.0, message="the grader failed: no sandbox", parts=parts
        )
        keep(store, Stored(failed, "d", "f"))
    said = export(place, course, results)
    assert f"the grader failed and gave no score: 1 (ontime {EXERCISE})" in said.stderr
    found = rows(place)["ontime"]
    assert set(found["auto"].values()) == {None}
    assert found["waits"] == set(found["auto"])
    assert "the grader failed" in found["comments"][f"{EXERCISE}-mse"]
    shown = (place / "autograded" / "ontime" / "hw" / f"{EXERCISE}.ipynb").read_text()
    assert "execute_result" not in shown


def test_export_says_what_is_missing(late, tmp_path):
    course, folder, other, out, *_ = late
    said = run(folder, course, "autograder", "export", "nbgrader", out, "--to", tmp_path, code=2)
    assert "no nbgrader_config.py" in said.stderr
    url = f"sqlite:///{tmp_path / 'other.db'}"
    said = run(other, course, "autograder", "export", "nbgrader", out, "--to", other, "--gradebook", url, code=2)
    assert "release it into this folder" in said.stderr
    shutil.copy(other / "gradebook.db", tmp_path / "other.db")
    export(other, course, out, "--gradebook", url)
    assert rows(other, url) == rows(other)


def test_an_export_can_be_done_again_and_sees_strangers(late, tmp_path):
    course, _, other, out, *_ = late
    place = tmp_path / "nb"
    shutil.copytree(other, place)
    with Gradebook(f"sqlite:///{place / 'gradebook.db'}") as book:
        book.add_student("stranger")
        book.add_submission("hw", "stranger")
    said = export(place, course, out)
    assert "in the gradebook but not graded here; left unchanged: 1 (stranger hw)" in said.stderr
    found = rows(place)
    del found["stranger"]
    assert found == rows(other)


@pytest.mark.skipif(postgres.missing() is not None, reason=str(postgres.missing()))
def test_the_gradebook_may_be_any_database(late, tmp_path):
    course, folder, _, out, *_ = late
    place = tmp_path / "nb"
    shutil.copytree(folder, place, ignore=shutil.ignore_patterns("gradebook.db", "autograded"))
    with postgres.server("-c fsync=off") as url:
        config = place / "nbgrader_config.py"
        config.write_text(config.read_text() + f"c.CourseDirectory.db_url = {url!r}\n")
        run(place, course, "nbgrader", "generate_assignment", "hw", "--force")
        export(place, course, out)
        assert rows(place, url) == rows(folder)
        run(place, course, "nbgrader", "autograde", "hw", "--force")
        assert rows(place, url) == rows(folder)


# --- real exercises, both ways and marks by hand -------------------------------------------------------------------

EXERCISES = {"r_squared": misconceived, "empirical_risk": half_done}
"""ExerciseFolder and who is wrong in it."""
COURSE = "title: Exercises\nassignments:\n  hw: {title: Exercises, exercises: {r_squared: 25, empirical_risk: 20}}\n"


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Right, wrong and blank notebooks of real exercises, graded in a kernel, in our sandbox, and exported."""
    root = tmp_path_factory.mktemp("rooms")
    course = root / "course"
    for name in EXERCISES:
        shutil.copytree(ROOT / "exercises" / name, course / "exercises" / name)
    shutil.copytree(ROOT / "reference", course / "reference")
    (course / "course.yml").write_text(COURSE)
    (course / ".autograder-secret").write_text("a secret for tests only\n")
    kernel = root / "kernel"
    write_course_folder(Release.of(load_course(course), "hw", solved=True), kernel)
    for name in EXERCISES:
        _hand_in(kernel, course, name)
    sandbox, exported = root / "sandbox", root / "exported"
    for place in (sandbox, exported):
        shutil.copytree(kernel, place)
    (kernel / "nbgrader_config.py").write_text(PLAIN)
    run(kernel, course, "nbgrader", "autograde", "hw")
    run(sandbox, course, "nbgrader", "autograde", "hw")
    grade(exported, course, root / "results")
    export(exported, course, root / "results")
    return course, kernel, sandbox, exported, root / "results"


def _hand_in(folder, course, name):
    blank = json.loads((folder / "release" / "hw" / f"{name}.ipynb").read_text())
    right = json.loads((folder / "source" / "hw" / f"{name}.ipynb").read_text())
    wrong = copy.deepcopy(blank)
    answers = [one for one in wrong["cells"] if one["metadata"]["nbgrader"]["solution"] and one["cell_type"] == "code"]
    for one in answers:
        one["source"] = ""
    answers[0]["source"] = EXERCISES[name](load_exercise(course, name, hidden=True), 1)[1]
    for one in right["cells"]:
        if one["metadata"]["nbgrader"]["solution"] and one["cell_type"] == "markdown":
            one["source"] = "Squared error answers with the mean."
    for student, notebook in (("blank", blank), ("right", right), ("wrong", wrong)):
        place = folder / "submitted" / student / "hw"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{name}.ipynb").write_text(json.dumps(notebook))


def test_a_kernel_the_sandbox_and_our_export_give_the_same_marks(folders):
    _, _, sandbox, exported, _ = folders
    marks = [{name: (one["auto"], one["waits"]) for name, one in rows(place).items()} for place in folders[1:4]]
    assert marks[0] == marks[1] == marks[2]
    assert rows(sandbox) == rows(exported)
    scores = {name: one["score"] for name, one in rows(sandbox).items()}
    assert scores["blank"] == 0.0 < scores["wrong"] < scores["right"] < 45.0  # the written part waits
    assert [name for name, one in rows(sandbox).items() if one["waits"]] == ["right"]


def _formgrader(place, cell_name, points, comment=None):
    """Do what formgrader does when a person marks a cell."""
    with Gradebook(f"sqlite:///{place / 'gradebook.db'}") as book:
        one = book.find_grade(cell_name, "r_squared", "hw", "right")
        one.manual_score, one.needs_manual_grade = points, False
        if comment is not None:
            book.find_comment(cell_name, "r_squared", "hw", "right").manual_comment = comment
        book.db.commit()


def test_marks_by_hand_travel_both_ways_and_survive(folders, tmp_path):
    course, _, _, exported, results = folders
    place, out = tmp_path / "nb", tmp_path / "results"
    shutil.copytree(exported, place)
    shutil.copytree(results, out)
    (waiting,) = rows(place)["right"]["waits"]
    part = waiting.removeprefix("r_squared-")

    def kept():
        with open_store(out) as store:
            return [(mark.points, mark.comment, mark.who) for mark in store.marks()]

    def there():
        found = rows(place)["right"]
        return found["manual"][waiting], found["comments"][waiting], waiting in found["waits"]

    _formgrader(place, waiting, 2.0, "slopes <not> read")
    said = export(place, course, out)
    assert "1 taken from it" in said.stdout
    assert kept() == [(2.0, "slopes <not> read", "formgrader")]
    run(place, course, "nbgrader", "export")
    totals = {row["student_id"]: float(row["score"]) for row in table(place / "grades.csv")}
    assert totals == pytest.approx({row["student"]: float(row["score"]) for row in table(out / "grades.csv")})

    run(place, course, "autograder", "mark", "right", "r_squared", part, 3, "--comment", "read again", "--who", "emmy",
        "--out", out)  # fmt: skip
    export(place, course, out)
    assert there() == (3.0, "read again", False)

    _formgrader(place, waiting, 2.0)  # back to what it was: told from an old state by what was agreed on
    export(place, course, out)
    assert kept()[-1] == (2.0, "read again", "formgrader")

    grade(place, course, out, "--regrade")
    export(place, course, out)
    assert there() == (2.0, "read again", False)
    assert len(kept()) == 3
    run(place, course, "nbgrader", "autograde", "hw", "--force", "--student", "right")
    assert there()[:2] == (2.0, "read again")

    # points that a person gave a function in formgrader count here too; too many are not believed
    function = next(name for name in rows(place)["right"]["cells"] if name.endswith("-test") and "r_squared" in name)
    with Gradebook(f"sqlite:///{place / 'gradebook.db'}") as book:
        book.find_grade(function, "r_squared", "hw", "right").manual_score = 0.25
        book.find_grade(waiting, "r_squared", "hw", "right").manual_score = 1000.0
        book.db.commit()
    said = export(place, course, out)
    assert "1000 points in the gradebook; allowed: 0 to" in said.stderr
    assert kept()[-1] == (0.25, "", "formgrader")
