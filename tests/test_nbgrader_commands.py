"""Which command of nbgrader runs a student's code, and where: a marker file tells, with real nbgrader."""

import json
import shutil
from datetime import datetime
from importlib.util import find_spec

import pytest

if find_spec("nbgrader") is None:
    pytest.skip("nbgrader is not installed", allow_module_level=True)

from nbgrader.api import Gradebook

from tests.bench.small import EXERCISE, FUNCTIONS
from tests.nbgrader_course import DUE_LATER, NAMES, WRONG, command, filled, hand_in, make, rows

pytestmark = [
    pytest.mark.integration,
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning", "ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

FILE = f"{EXERCISE}.ipynb"


def marking(notebook, marker):
    """Add a first cell and a function that leave a marker wherever they are run."""
    leave = f"import os\nopen({str(marker)!r}, 'a').write(os.getcwd() + '\\n')\n"
    mine = {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": [], "source": leave}
    notebook["cells"].insert(0, mine)
    return notebook


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    root = tmp_path_factory.mktemp("commands")
    course, folder = make(root, DUE_LATER)
    exchange = root / "exchange"
    exchange.mkdir()
    exchange.chmod(0o777)
    config = folder / "nbgrader_config.py"
    config.write_text(f"{config.read_text()}c.Exchange.root = {str(exchange)!r}\n")
    return course, folder


@pytest.fixture
def at_home(released, tmp_path):
    """The released assignment on a student's machine: no grading.py, no reference, no course around it."""
    place = tmp_path / "home" / "hw"
    shutil.copytree(released[1] / "release" / "hw", place)
    return place


def validated(place, notebook=None):
    if notebook is not None:
        (place / FILE).write_text(json.dumps(notebook))
    done = command("nbgrader", "validate", FILE, folder=place, course=place)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_due_date_of_the_course_is_in_the_gradebook_from_the_release_on(tmp_path):
    _, folder = make(tmp_path, DUE_LATER)
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        assert book.find_assignment("hw").duedate == datetime(2926, 10, 1, 12)


def test_no_command_of_the_instructor_runs_a_student_s_code_outside_the_sandbox(released, tmp_path):
    course, folder = released
    marker = tmp_path / "ran"
    hand_in(folder, "ann", marking(filled(folder, FUNCTIONS), marker), timestamp__txt="2026-10-01 11:59:00 UTC",
            submission_secret__txt="a secret")  # fmt: skip
    for arguments in (
        ("nbgrader", "release_assignment", "hw"),
        ("nbgrader", "collect", "hw"),
        ("nbgrader", "autograde", "hw"),
        ("nbgrader", "generate_feedback", "hw"),
        ("nbgrader", "release_feedback", "hw"),
        ("nbgrader", "export"),
        ("autograder", "grade", folder / "submitted", "--out", tmp_path / "out", "--jobs", 1),
        ("autograder", "export", "nbgrader", tmp_path / "out", "--to", folder),
        ("autograder", "report", tmp_path / "out"),
    ):
        done = command(*arguments, folder=folder, course=course)
        assert done.returncode == 0, (arguments, done.stdout + done.stderr)
        assert not marker.exists(), arguments
    assert rows(folder)["ann"]["score"] == 10.0  # the first cell of the student ran in the sandbox, which refuses files


def test_validate_runs_the_notebook_in_a_kernel_in_its_own_folder(released, at_home, tmp_path):
    marker = tmp_path / "ran"
    said = validated(at_home, marking(filled(released[1], FUNCTIONS), marker))
    assert "Success! Your notebook passes all the tests." in said
    assert set(marker.read_text().splitlines()) == {str(at_home)}


def test_validate_of_an_untouched_release_says_that_nothing_is_started(at_home):
    said = validated(at_home)
    assert f"VALIDATION FAILED ON {len(NAMES)} CELL(S)" in said
    for name in NAMES:
        assert f"{name}: not started: the function still raises NotImplementedError" in said
    assert "Partial credit" not in said
    assert "Traceback" not in said


def test_validate_says_what_is_wrong_and_of_nothing_else(released, at_home):
    said = validated(at_home, filled(released[1], {**FUNCTIONS, "mae": WRONG["mae"]}))
    assert "VALIDATION FAILED ON 1 CELL(S)" in said
    assert "mae: mae(2.0, 5.0): returns a wrong value; returned -12345.0, expected 3.0" in said
    assert "Partial credit" not in said


def test_validate_never_runs_hidden_checks_even_where_the_course_has_them(released, tmp_path):
    course, folder = released
    place = tmp_path / "hw"
    shutil.copytree(folder / "release" / "hw", place)
    notebook = filled(folder, FUNCTIONS)
    (place / FILE).write_text(json.dumps(notebook))
    (course / "exercises" / EXERCISE / "grading.py").rename(tmp_path / "grading.py")
    (course / "exercises" / EXERCISE / "grading.py").write_text(f"open({str(tmp_path / 'opened')!r}, 'w')\n")
    try:
        done = command("nbgrader", "validate", FILE, folder=place, course=course)
    finally:
        (tmp_path / "grading.py").replace(course / "exercises" / EXERCISE / "grading.py")
    assert "Success!" in done.stdout, done.stdout + done.stderr
    assert not (tmp_path / "opened").exists()
