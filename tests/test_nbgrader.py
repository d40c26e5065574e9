"""Real nbgrader: every attack and accident against its autograde in our sandbox."""

from importlib.util import find_spec
from pathlib import Path

import pytest

if find_spec("nbgrader") is None:
    pytest.skip("nbgrader is not installed", allow_module_level=True)

import nbformat
from nbgrader.nbgraderformat import MetadataValidator

from tests.bench.small import EXERCISE
from tests.nbgrader_cases import HACKS, accidents, attacks
from tests.nbgrader_course import DUE_LATER, command, hand_in, make, rows

pytestmark = [
    pytest.mark.integration,
    # nbgrader's own way with SQLAlchemy
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning", "ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


@pytest.fixture(scope="module")
def batch(tmp_path_factory):
    """One class, one run of nbgrader autograde: all attacks and accidents at once."""
    course, folder = make(tmp_path_factory.mktemp("nbgrader"), DUE_LATER)
    cases = {name: (nb, files, 0.0) for name, (nb, files) in attacks(folder, course).items()}
    cases |= accidents(folder)
    for name, (notebook, files, _) in cases.items():
        hand_in(folder, name, notebook, **files)
    source = {p: p.read_bytes() for p in (folder / "source").rglob("*") if p.is_file()}
    said = command("nbgrader", "autograde", "hw", folder=folder, course=course)
    return course, folder, cases, said, source, rows(folder)


def names():
    fixed = "honestly_wrong_0 honestly_wrong_1 a01_edited_tests a02_points a03_deleted_tests a04_flags a11_shadow"
    return [*fixed.split(), "a07_forged_outputs", *HACKS]


@pytest.mark.parametrize("name", names())
def test_no_attack_gains_a_point(batch, name):
    *_, found = batch
    assert found[name]["score"] == 0.0
    assert found[name]["waits"] == set()
    assert set(found[name]["manual"].values()) == {None}


def test_every_attack_is_tried(batch):
    _, _, cases, _, _, found = batch
    assert set(found) == set(cases)
    assert {name for name, (_, _, points) in cases.items() if points == 0.0} >= set(names())


def test_no_attack_reaches_anything(batch):
    course, folder, _, said, source, _ = batch
    assert said.returncode == 0, said.stderr
    assert {p: p.read_bytes() for p in (folder / "source").rglob("*") if p.is_file()} == source
    for place in (folder / "outlived", folder / "unpickled", course / "written", Path("/tmp/written-by-a13")):
        assert not place.exists()


def test_no_honest_student_loses_a_point(batch):
    _, _, cases, said, _, found = batch
    honest = {name: points for name, (_, _, points) in cases.items() if name not in names()}
    assert {name: found[name]["score"] for name in honest} == honest
    assert all(not found[name]["waits"] for name in honest)
    assert "x7_bad_timestamp" in said.stderr  # reported
    assert found["x7_bad_timestamp"]["timestamp"] is None


def test_what_was_wrong_is_told(batch):
    _, _, _, said, _, found = batch
    assert "not JSON" in found["x3_broken_json"]["comments"][f"{EXERCISE}-mse"]
    assert "timeout" in found["h04_loop"]["comments"][f"{EXERCISE}-r2"]
    assert "memory" in found["h06_three_gibibytes"]["comments"][f"{EXERCISE}-r2"]
    for text in ("more than once", "was missing", "turned into another type", "was changed", "is not a cell"):
        assert text in said.stderr, text
    assert "Traceback" not in said.stderr


def test_autograded_notebooks_are_valid_and_show_the_points(batch):
    _, folder, cases, _, _, found = batch
    for name in cases:
        notebook = nbformat.read(folder / "autograded" / name / "hw" / f"{EXERCISE}.ipynb", as_version=4)
        nbformat.validate(notebook)
        MetadataValidator().validate_nb(notebook)
        shown = {}
        for one in notebook.cells:
            if one.metadata.get("nbgrader", {}).get("grade"):
                assert not any(o.output_type == "error" or o.get("name") == "stderr" for o in one.outputs)
                (result,) = [o for o in one.outputs if o.output_type == "execute_result"]
                shown[one.metadata.nbgrader.grade_id] = float(result.data["text/plain"])
                (said,) = [o.text for o in one.outputs if o.output_type == "stream"]
                assert said.endswith(": the comment on the answer says why\n")  # once on a page of feedback
        assert shown == found[name]["auto"]


def test_feedback_is_made_for_everybody_and_shows_no_hidden_check(batch):
    course, folder, cases, *_ = batch
    said = command("nbgrader", "generate_feedback", "hw", folder=folder, course=course)
    assert said.returncode == 0, said.stderr
    for name in cases:
        page = (folder / "feedback" / name / "hw" / f"{EXERCISE}.html").read_text()
        assert f"{EXERCISE}-mse" in page
        assert "hidden checks fail" not in page  # the course tells of them after the due date of everybody
