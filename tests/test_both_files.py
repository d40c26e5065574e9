"""A ``.py`` and a notebook of one exercise, as every bundle holds them: what is begun counts."""

import json
from functools import cache

import pytest

from autograder.course.model import load_course
from autograder.grading.cluster import held
from autograder.grading.grader import Settings, digest_of
from autograder.grading.replay import replay
from autograder.grading.run import grade_all
from autograder.intake.discovery import discover
from autograder.release.build import Release
from autograder.store.store import open_store

STUB = "    raise NotImplementedError"
RIGHT = """    y = np.asarray(y_true, dtype=float)
    if y.size == 0:
        raise ValueError
    return float(y.mean())"""
WRONG = "    return 7.0"
NAME = "first_mean"


@cache
def bundle(mini):
    return Release.of(load_course(mini), "hw1", solved=False).bundle()


def hand_in(mini, place, script, notebook, written=None):
    """Write a student's folder from the bundle's own files; None leaves one as it was handed out."""
    files = bundle(mini)
    place.mkdir(parents=True, exist_ok=True)
    text = files[f"exercises/{NAME}/{NAME}.py"].decode()
    (place / f"{NAME}.py").write_text(text.replace(STUB, script or STUB))
    book = json.loads(files[f"exercises/{NAME}/{NAME}.ipynb"])
    for cell in book["cells"]:
        whole = "".join(cell["source"])
        if cell["cell_type"] == "code" and STUB in whole:
            cell["source"] = whole.replace(STUB, notebook or STUB)
    (place / f"{NAME}.ipynb").write_text(json.dumps(book))


def found(mini, folder):
    return next(s for s in discover(folder, load_course(mini), exercise=NAME) if s.exercise == NAME)


def graded(mini, folder, store, *, sent=False):
    submission = found(mini, folder)
    grade_all([held(submission) if sent else submission], store, Settings(mini))
    return next(store.records())


@pytest.mark.parametrize(
    ("script", "notebook", "score", "counts"),
    [
        (RIGHT, None, 4.0, ".py"),
        (None, RIGHT, 4.0, ".ipynb"),
        (RIGHT, WRONG, 0.0, ".ipynb"),
        (WRONG, RIGHT, 4.0, ".ipynb"),
        (None, None, 0.0, ".py"),
    ],
)
@pytest.mark.parametrize("sent", [False, True])
def test_a_notebook_counts_unless_nothing_is_begun_in_it(mini, tmp_path, script, notebook, score, counts, sent):
    hand_in(mini, tmp_path / "in" / "ann" / "hw1", script, notebook)
    with open_store(tmp_path) as store:
        record = graded(mini, tmp_path / "in", store, sent=sent)
        same, _ = replay(store, load_course(mini), "ann", NAME)
    assert (record.score, record.file[-len(counts) :], same) == (score, counts, True)
    assert f"{record.file} counts" in record.message


def test_each_of_the_two_files_is_part_of_what_was_handed_in(mini, tmp_path):
    digests = set()
    for script, notebook in ((None, None), (RIGHT, None), (None, RIGHT), (RIGHT, RIGHT)):
        hand_in(mini, tmp_path / "ann" / "hw1", script, notebook)
        digests.add(digest_of(found(mini, tmp_path)))
    assert len(digests) == 4


def test_a_changed_script_beside_an_untouched_notebook_is_graded_again(mini, tmp_path):
    with open_store(tmp_path) as store:
        for script, score in ((WRONG, 0.0), (RIGHT, 4.0)):
            hand_in(mini, tmp_path / "in" / "ann" / "hw1", script, None)
            assert graded(mini, tmp_path / "in", store).score == score
        assert grade_all([found(mini, tmp_path / "in")], store, Settings(mini)).kept == 1


def test_a_lone_notebook_or_script_has_nothing_beside_it(mini, tmp_path):
    for gone in (".py", ".ipynb"):
        place = tmp_path / gone / "ann" / "hw1"
        hand_in(mini, place, None, None)
        (place / f"{NAME}{gone}").unlink()
        assert found(mini, tmp_path / gone).spare is None
